"""Commands of a gate: the list of a day, its export, scans with the store and without, and the merge of journals."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, TypeVar
from uuid import uuid4
from zoneinfo import ZoneInfo

from cyclopts import App, Parameter
from rich.text import Text

import traffic_booking as tb
from traffic_booking.cli import gate_words, words
from traffic_booking.cli.options import DEFAULTS, ClerkText, Flag, Options, SigningKey, signer_of
from traffic_booking.cli.reply import DONE, LEGAL_TIME, REFUSED, NamedValues, Reply, ReplyPart, Sentence, table
from traffic_booking.cli.screen import console_on
from traffic_booking.cli.tickets import KeysFile
from traffic_booking.cli.typed_values import clerk_of, day_of
from traffic_booking.domain.gate.merging import merge_parts, summed
from traffic_booking.domain.gate.scans import scanned_text
from traffic_booking.domain.wording import filled
from traffic_booking.gate import OfflineGate, day_list_document, read_journal
from traffic_booking.persistence.private_files import write_new

LONGEST_LINE: Final = 4_096
"""Bytes of a line of a scanner; the rest of a longer one is dropped."""

EITHER_GATE: Final = "--branch and --clerk, or --list, --journal and --gate"
"""The options of a gate with the store, and of one without it."""

Given = TypeVar("Given")
Journal = Annotated[Path, Parameter(help="A journal of a gate without the store.")]


def list_(branch: str, day: str, /, *, clerk: ClerkText, options: Options = DEFAULTS) -> Reply:
    """Show the list of a day at a branch: the appointments, their states, and the masked ids of the applicants.

    Args:
        branch: The branch (an id of `branches`).
        day: The day, today or at most a week ahead: 2026-11-22, 1448-06-12 or "1 Ramadan 1445 AH".
    """
    at, staff = day_of(day, "day"), clerk_of(clerk)
    with options.desk(read_only=True) as desk:
        listed = desk.gate.day_list(branch, at, by=staff)
    return Reply(options, tb.to_json(listed), *_shown(listed, options.output_language))


def export(
    branch: str,
    day: str,
    /,
    *,
    output: Path,
    clerk: ClerkText,
    sign_with: SigningKey = None,
    options: Options = DEFAULTS,
) -> Reply:
    """Write the list of a day to a file, for a gate without the store. Without a key it is not signed.

    Args:
        branch: The branch (an id of `branches`).
        day: The day, today or at most a week ahead: 2026-11-22, 1448-06-12 or "1 Ramadan 1445 AH".
        output: The new file; a file that exists is not overwritten.
    """
    at, staff, signer = day_of(day, "day"), clerk_of(clerk), signer_of(sign_with)
    with options.desk(read_only=True) as desk:
        listed = desk.gate.day_list(branch, at, by=staff)
    write_new(output, day_list_document(listed, signer).content, "--output")
    outcome = "unsigned" if signer is None else "signed"
    form = {"outcome": outcome, "file": str(output), "tickets": len(listed.tickets)}
    facts = NamedValues(
        (gate_words.LIST_FILE, str(output)),
        (gate_words.EXPECTED, str(len(listed.expected))),
        (gate_words.VALID_UNTIL, _local(listed.until, listed)),
    )
    return Reply(options, form | {"until": listed.until.isoformat()}, Sentence(gate_words.EXPORTED[outcome]), facts)


def scan(
    *,
    branch: str | None = None,
    clerk: str | None = None,
    list_file: Annotated[Path | None, Parameter(name="--list")] = None,
    journal: Path | None = None,
    gate: str | None = None,
    key: KeysFile | None = None,
    unsigned: Flag = False,
    sign_with: SigningKey = None,
    options: Options = DEFAULTS,
) -> int:
    """Read scans line by line from standard input, such as those of a keyboard scanner, and answer each in a line.

    With --list and --journal the gate needs no store. The exit code is 0 if everybody was admitted, else 1.

    Args:
        branch: With the store: the branch of the gate (an id of `branches`).
        clerk: With the store: the clerk at the gate: a name of lower-case letters, digits and hyphens.
        list_file: Without the store: FILE with the list of the day, as `gate export` wrote it.
        journal: Without the store: FILE that keeps the scans, for `gate merge`. It is continued if it exists.
        gate: Without the store: the name of the gate: lower-case letters, digits and hyphens.
        unsigned: Accept a list that is not signed.
    """
    if list_file is None:
        _without({"--journal": journal, "--gate": gate})
        at, staff = _given("--branch", branch), clerk_of(_given("--clerk", clerk))
        with options.desk(signer=signer_of(sign_with)) as desk:
            return _answers(lambda code: desk.gate.scan(code, branch=at, by=staff, scan_id=str(uuid4())), options)
    _without({"--branch": branch, "--clerk": clerk})
    file, name, keys = _given("--journal", journal), _given("--gate", gate), _keys_in(key)
    with OfflineGate.open(list_file, file, gate=name, public_keys=keys, accept_unsigned=unsigned) as offline:
        return _answers(offline.scan, options)


def merge(
    journals: Annotated[tuple[Path, ...], Parameter(negative=())],
    /,
    *,
    clerk: ClerkText,
    sign_with: SigningKey = None,
    options: Options = DEFAULTS,
) -> Reply:
    """Record the scans of journals, in any order and as often as you like. Exit code 1 if some need attention.

    A damaged journal is named, and the others are merged.

    Args:
        journals: The journals of gates without the store.
    """
    staff, signer, (scans, unread) = clerk_of(clerk), signer_of(sign_with), _read(journals)
    with options.desk(signer=signer) as desk:
        report = summed([desk.gate.merge(part, by=staff) for part in merge_parts(scans)])
    parts = _merged(report, options.output_language, has_keys=signer is not None)
    if unread:
        files = table(
            unread.items(),
            (gate_words.LIST_FILE, lambda each: each[0]),
            (gate_words.FAULT, lambda each: each[1].message(options.output_language)),
        )
        parts += (Sentence(gate_words.UNREAD_JOURNALS, loud=True), files)
    form = tb.to_json(report) | {"unread": [{"file": file, "fault": str(error)} for file, error in unread.items()]}
    return Reply(options, form, *parts, exit_code=DONE if report and not unread else REFUSED)


def _read(journals: tuple[Path, ...]) -> tuple[list[tb.Scan], dict[str, tb.InvalidInput]]:
    """The scans of the journals, and the fault of each that can't be read."""
    scans, unread = list[tb.Scan](), dict[str, tb.InvalidInput]()
    for path in journals:
        try:
            scans += read_journal(path)
        except tb.InvalidInput as error:
            unread[str(path)] = error
    return scans, unread


def _merged(report: tb.MergeReport, language: tb.Language, *, has_keys: bool) -> tuple[ReplyPart, ...]:
    counts = NamedValues(*((text, str(len(getattr(report, name)))) for name, text in gate_words.MERGED.items()))
    parts: tuple[ReplyPart, ...] = (counts,)
    if report.conflicts:
        conflicts = table(
            report.conflicts,
            (words.NUMBER, lambda each: each.number),
            (gate_words.FIRST_USE, lambda each: _use_text(each.first)),
            (gate_words.SECOND_USE, lambda each: _use_text(each.use)),
        )
        parts += (Sentence(gate_words.CONFLICTS, loud=True), conflicts)
    refused = [each for each in report.refused if has_keys or each.reason is not tb.GateResult.UNKNOWN_KEY]
    if refused:
        listing = table(
            refused,
            (words.NUMBER, lambda each: each.scan.number or ""),
            (gate_words.GATE, lambda each: each.scan.gate),
            (words.RULE, lambda each: _fault_text(each, language)),
        )
        parts += (Sentence(gate_words.REFUSED_SCANS, loud=True), listing)
    if len(refused) < len(report.refused):
        parts += (Sentence(gate_words.NO_KEYS, loud=True),)
    return parts


def _fault_text(refused: tb.RefusedScan, language: tb.Language) -> str:
    """The broken rules or, if there are none, the answer of a gate with the store."""
    if refused.reason is not None:
        return filled(refused.reason.text(language), {"when": None, "gate": None, "branch": None})
    return words.listed([each.rule_id for each in refused.verdicts], language)


def _given(option: str, value: Given | None) -> Given:
    """The value of an option. Raises `InvalidInput` if it is missing."""
    if value is None:
        raise tb.InvalidInput(option, got="nothing", expected=EITHER_GATE)
    return value


def _without(options: Mapping[str, object]) -> None:
    """Raise `InvalidInput` for the first of these options that was given: it belongs to the other kind of gate."""
    for option, value in options.items():
        if value is not None:
            raise tb.InvalidInput(option, got="a value", expected=EITHER_GATE)


def _answers(answer: Callable[[str], tb.GateAnswer], options: Options) -> int:
    """Print the answer to each line, at once; the exit code."""
    language, code = options.output_language, DONE
    console = console_on(sys.stdout)
    for line in _lines():
        found = answer(line)
        if not found:
            code = REFUSED
        if options.json:
            sys.stdout.write(json.dumps(tb.to_json(found), ensure_ascii=False) + "\n")
        else:
            mark = gate_words.MARKS[bool(found)](language)
            text = f"{mark} {found.message(language)}"
            console.print(Text(text, style="bold green" if found else "bold red"), soft_wrap=True)
        sys.stdout.flush()
    return code


def _lines() -> Iterator[str]:
    """The lines on standard input that are not empty once they are cleaned, each as soon as it is there."""
    source = sys.stdin.buffer
    while line := source.readline(LONGEST_LINE):
        rest = line
        while not rest.endswith(b"\n") and len(rest) == LONGEST_LINE:
            rest = source.readline(LONGEST_LINE)
        try:
            text = scanned_text(line.decode(errors="replace"))
        except tb.InvalidInput:  # a line end, or marks alone
            continue
        yield text


def _shown(listed: tb.DayList, language: tb.Language) -> tuple[ReplyPart, ...]:
    facts = NamedValues(
        (words.BRANCH, listed.branch),
        (words.DAY, listed.day.text(language)),
        (gate_words.AS_OF, _local(listed.as_of, listed)),
        (gate_words.VALID_UNTIL, _local(listed.until, listed)),
        (gate_words.EXPECTED, str(len(listed.expected))),
    )
    listing = table(
        listed.tickets,
        (words.AT, lambda each: f"{each.slot.starts_at.astimezone(ZoneInfo(listed.time_zone)):%H:%M}"),
        (words.NUMBER, lambda each: each.number),
        (words.STATE, lambda each: each.state.label(language)),
        (words.APPLICANT, lambda each: each.masked_id or ""),
        empty=gate_words.NOBODY_EXPECTED,
    )
    return facts, listing


def _local(moment: datetime, listed: tb.DayList) -> str:
    return f"{moment.astimezone(ZoneInfo(listed.time_zone)):%Y-%m-%d %H:%M}"


def _use_text(use: tb.TicketUse) -> str:
    at = words.written_time(use.happened_at.astimezone(LEGAL_TIME))
    return at if use.gate is None else f"{at} {use.gate}"


def _keys_in(file: Path | None) -> tuple[bytes, ...]:
    if file is None:
        return ()
    from traffic_booking.adapters.signing_keys import read_public_keys  # noqa: PLC0415 - needs the extra

    return tuple(read_public_keys(file))


commands: Final = App(
    name="gate", help="The gate of a branch: its list of a day, scans of tickets, and merges.", help_format="plaintext"
)
commands.command(list_, name="list")
for command in (export, scan, merge):
    commands.command(command, name=command.__name__)
