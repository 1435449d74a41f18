"""Checks that the sync modules agree with their async sources; with --write, makes them again.

The async modules are the source. Their sync forms are made by removing or replacing tokens, as httpcore does. No logic
is added or lost, so a reader of one has read the other. Docstrings and comments are treated like code.
"""

import io
import re
import subprocess
import sys
from keyword import iskeyword
from pathlib import Path
from token import COMMENT, NL, OP
from tokenize import TokenInfo, generate_tokens
from typing import Final

ROOT: Final = Path("src")
PACKAGE: Final = "traffic_booking"

SOURCES: Final = {
    f"{PACKAGE}.{source}": f"{PACKAGE}.{target}"
    for source, target in [
        ("ports.async_store", "ports.store"),
        ("ports.async_replicas", "ports.replicas"),
        ("adapters.postgres.async_replica", "adapters.postgres.replica"),
        ("adapters.postgres.async_connections", "adapters.postgres.connections"),
        ("adapters.postgres.async_store", "adapters.postgres.store"),
        ("adapters.postgres.async_cluster", "adapters.postgres.cluster"),
        *(
            (f"{folder}.{name}", f"{folder}._sync.{name}")
            for folder, names in {
                "application": (
                    "affected alternatives audit_room availability_index batch_execution behind_log calendar_room "
                    "desk erasing explaining exporting_own_data gate_room gate_scans health_check inquiring "
                    "live_configuration log_auditing maintenance_room measured_store month_views office "
                    "personal_facts replicas restoring revoking search_reads searching verifying what_if"
                ),
                "persistence": (
                    "appointment_book audit_reading inquiry_book installations own_data_book pruning seat_book "
                    "seat_changes upkeep"
                ),
            }.items()
            for name in names.split()
        ),
    ]
}
"""Each async module, and the sync module that is made of it."""

TOKENS: Final = [
    (re.compile(pattern, re.MULTILINE), new)
    for pattern, new in {
        r"\basync (?=def |with |for )": "",
        r"\bawait ": "",
        r"\b__a(enter|exit)__": r"__\1__",
        r"\bAbstractAsync(?=[A-Z])": "Abstract",
        r"\bAsync(?=[A-Z])": "",
        r"\basync_(?=[a-z])": "",
        r"^from asyncio import Lock$": "from threading import Lock",
        r"^from asyncio import sleep$": "from time import sleep",
        **{rf"^( *)from {re.escape(source)}(?= import )": rf"\1from {target}" for source, target in SOURCES.items()},
    }.items()
]


def sync_form(text: str, source: str) -> str:
    """The sync form of an async module's text, formatted."""
    text = without_needless_parentheses(text)
    for pattern, new in TOKENS:
        text = pattern.sub(new, text)
    end = text.index('"""', 3)
    note = f"Made from `{source}` by `python -m tools.check_sync --write`: change that."
    text = f"{text[:end].rstrip()}\n\n{note}\n{text[end:]}"
    for command in (["check", "--quiet", "--fix-only", "--select", "I001"], ["format", "--quiet"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--stdin-filename", str(path_of(SOURCES[source])), "-"]
        text = subprocess.run(ruff, input=text, capture_output=True, text=True, check=True).stdout
    return text


def without_needless_parentheses(text: str) -> str:
    """`text` with `(await x).y` written as `await x.y`: only the async form needs the parentheses.

    Parentheses around more than the operand of `await`, such as `(await x or y).z`, are kept.
    """
    lines = text.splitlines(keepends=True)
    open_, needless = list[tuple[int, int] | None](), list[tuple[int, int]]()
    before, inside, inside_at = "", False, (0, 0)
    for token in generate_tokens(io.StringIO(text).readline):
        if inside and token.string == "await":
            open_[-1] = inside_at
        elif open_ and not continues_operand(token):
            open_[-1] = None
        inside = token.type == OP and token.string == "(" and not (is_name(before) or before in {")", "]"})
        inside_at = token.start
        if token.type == OP and token.string in "([{":
            open_.append(None)
        elif token.type == OP and token.string in ")]}":
            opened = open_.pop()
            needless += [] if opened is None else [opened, token.start]
        before = token.string
    for row, column in sorted(needless, reverse=True):
        line = lines[row - 1]
        lines[row - 1] = line[:column] + line[column + 1 :]
    return "".join(lines)


def continues_operand(token: TokenInfo) -> bool:
    """If `(await x` may go on with this token and still be around nothing but the operand of `await`."""
    return token.string in set("()[]{}.") or token.type in {NL, COMMENT} or is_name(token.string)


def is_name(text: str) -> bool:
    """If a parenthesis behind `text` is a call."""
    return text.isidentifier() and not iskeyword(text)


def path_of(module: str) -> Path:
    """The file of a module."""
    return ROOT.joinpath(*module.split(".")).with_suffix(".py")


def main() -> int:
    """Exit code 0 if every sync module is current, 1 if one is stale."""
    stale = 0
    for source, target in SOURCES.items():
        form, path = sync_form(path_of(source).read_text(encoding="utf-8"), source), path_of(target)
        if "--write" in sys.argv[1:]:
            path.parent.mkdir(exist_ok=True)
            path.write_text(form, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != form:
            print(f"{path}: stale; expected what `.venv/bin/python -m tools.check_sync --write` writes")
            stale = 1
    return stale


if __name__ == "__main__":
    raise SystemExit(main())
