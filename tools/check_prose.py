"""Checks prose for habits that make it hard to read: `python -m tools.check_prose [PATH …]`, from the tree's root."""

import argparse
import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeAlias

HABITS: Final = r"""
(?<!place )(?<!places )(?<!point )(?<!from )(?<!know )(?<!knows )(?<!shows )WHERE(?! [^,.;:]{0,60}PLACED|.*\?$)  =>  if
\b(?:THING)(?: itself|,)?(?: also| never| always| only| does not| doesn't)? SAYS  =>  evaluates, returns, reports
\b(?!(?:PERSON)\b)\w+,? (?:that|which) SAYS  =>  evaluates, returns, reports, contains
(?:\b(?P<person>PERSON) (?:\w+ )?)?\b(?:tells?|telling|told)\b(?!(?: \w+){0,2} (?:PERSON)\b)  =>  report, distinguish
\b(?:(?:un)?heard|hears?|hearing|judg(?:e[ds]?|ing|e?ments?))\b  =>  evaluate, evaluated, evaluation
\bremember(?:s|ed|ing)?\b  =>  cached, keeps
\b(?:held|holds?|holding)(?: [\w']+){0,4} against\b  =>  compared with, checked against, counts for
\b(?:un)?settl(?:e[ds]?|ing)\b  =>  execute, executed, decided
\b(?:gathering(?! (?:its )?statistics)|gathers)\b  =>  batch, group commit
\brounds?\b(?![ -]?(?:trips?|up|down|to|number)\b)  =>  batch  =>  testing tests conformance.md
\b(?:sells?|sold|selling)\b  =>  books
\bthe word of\b|'s (?:own )?word\b|\b(?:its|whose|their) (?:own )?word\b|\bspeaks? up\b  =>  result, decision
(?<!cache )\bhits?\b  =>  affects, affected
\b(?:are|is|be|were|was|being|stay|lie) apart\b(?! from)  =>  disjoint, separate
^(?:What(?! if\b)|Whatever|Whoever|Whom|Who)\b.*[^?]$  =>  name the thing first
"""
"""Habit => what to write instead => exempt files. Inline code reads CODE, and ^ begins a sentence."""
PARTS: Final = {
    "WHERE": r"\b[Ww]here\b(?! to\b)(?= \w)",
    "PLACED": r"\b(?:stands?|stood|comes? from|came from|takes? place|lies|lives?|ends?|begins?|starts?|goes|go"
    r"|(?:is|are|was|were) (?:kept|stored|written|hosted|defined|listed|declared|printed|documented|installed))\b",
    "PERSON": r"(?i:people|persons?|applicants?|clerks?|staff|hosts?|users?|operators?|auditors?|readers?|authors?"
    r"|tasks?|threads?|callers?|(?:some|every|any)(?:body|one)|nobody|who|whom|you|we|I|they|them|him|her)",
    "THING": r"rules?|rulebook|stores?|desks?|books?|databases?|server|gate|guards?|catalogue|calendar|library|kit"
    r"|adapters?|commands?|answers?|checks?|verdicts?|functions?|events?|tables?|entry|records?|log|law|it|CODE",
    "SAYS": r"(?:hears?|asks?|says?|said|knows?|knew|believes?|speaks?)\b",
}
OLD_NAMES: Final = r"""
settl(e[ds]?|ing)|gathering  =>  execute, batch, group_commit
rounds?  =>  batch  =>  testing
standings?  =>  PersonState, LiveConfiguration
terms  =>  Configuration
wire  =>  persistence, codec
awaited  =>  _async, _sync
judg(e[ds]?|ing|ements?)|heard|hears?|bench(es)?  =>  evaluate, evaluated, RuleSet
=[Tt]aken|=stored_slots  =>  seats_taken, SeatCount, audit_slots
=outside_text|=outside_numbers  =>  text_input, number_input
=limits_kept|=of_appointment  =>  limit_audit, cancelling and checking_in
=Told|=Asked  =>  one name of the trade for each
"""
"""Words of the names in src/ => new names => exempt files; after `=`, modules, classes and functions."""
ALLOWED: Final = {"violations settled": "fines are paid"}  # phrases that pass, and why: a dozen; else mend the pattern
FIGURE: Final = re.compile(r"\d[\d.,]*\s?(?:ms|µs|s|seconds?|×|%|[kKMG]i?B|bytes)(?!\w)|\b(?:\d+|two|ten) times as\b")
LONGEST: Final = 35  # words of a sentence
NO_PROSE: Final = re.compile(r"\{\"|├")  # JSON and trees are read line by line
ROOTS: Final = "src", "tools", "benchmarks", "examples", "typing_tests", "tests", "docs"
VERBS_OF: Final = re.compile(r"(?:Async)?(?:Booking)?Desk|(?:Async)?(?:Maintenance|WhatIf)|SignInGate")
STARTS: Final = re.compile(r"[-*:>|] |\d+\. |>>> |#|-+$|\w+:?$|\*?CODE\*?: |\w+: |\|")  # lines that begin an item
Found: TypeAlias = tuple[Path, int, str, str]  # a file, a line, what was found there, what to write instead


def table(text: str) -> list[tuple[re.Pattern[str], str, set[str]]]:
    """The rows of a table as patterns, replacements and the parts of paths that are exempt."""
    for name, part in PARTS.items():
        text = text.replace(name, part)
    rows = ([*line.split("  =>  "), ""] for line in text.strip().splitlines())
    return [(re.compile(pattern, re.DOTALL), instead, set(exempt.split())) for pattern, instead, exempt, *_ in rows]


SPOKEN, OLD = table(HABITS), table(OLD_NAMES)


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 if nothing is found, 1 if something is."""
    parser = argparse.ArgumentParser(prog="python -m tools.check_prose", description=__doc__)
    parser.add_argument("--most", type=int, default=200, metavar="N", help="print so many findings at most")
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", default=[*map(Path, ROOTS), *Path().glob("*.md")]
    )
    options = parser.parse_args(arguments)
    paths = [each for path in options.paths for each in (sorted(path.rglob("*.*")) if path.is_dir() else [path])]
    pages = [path for path in paths if path.suffix in {".py", ".md"} and path.is_file()]
    found = [each for path in pages for each in findings(path, path.read_text(encoding="utf-8"))]
    for path, line, what, instead in found[: options.most]:
        print(f"{path}:{line}: {what} → {instead}")
    print(f"{len(found)} findings in {len({each[0] for each in found})} files")
    return 1 if found else 0


def findings(path: Path, text: str) -> list[Found]:
    """Everything in one file; nothing in a module that is made from another."""
    if path.suffix == ".md":
        return [each for unit in units(text, 1) for each in of_unit(path, *unit)]
    if re.search(r"(?m)^(?:# |\"\"\")?(?:Made|Generated) from .* by `", text[:1_000]):
        return []
    tree, with_messages = ast.parse(text), "tests" not in path.parts and path.name != "check_prose.py"
    prose = [*strings(tree, with_messages=with_messages), (1, comments(text))]
    found = [each for line, string in prose for unit in units(string, line) for each in of_unit(path, *unit)]
    if "src" in path.parts:
        found += old_names(path, tree)
        found += bare_verbs(path, tree) if {"adapters", "cli"}.isdisjoint(path.parts) else ()
    return sorted(found, key=lambda each: each[1])


def units(text: str, line: int) -> Iterator[tuple[int, str, bool]]:
    """Paragraphs, items and cells (the flag), each with its line; `line` is that of the beginning of `text`."""
    text = re.sub(r"(?ms)^([ \t]*)(```+|~~~+|:::+).*?^\1\2[ \t]*$|<!--.*?-->", lambda m: "\n" * m[0].count("\n"), text)
    text = re.sub(r"(?s)(`+)(?!`).+?\1|\{[a-z:]+\}(?=`)|<[^<>]+>", lambda m: "\n" * m[0].count("\n") + "CODE", text)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", lambda m: m[1], text)
    lines, begun = [each.strip() for each in text.split("\n")], 0
    for at, each in enumerate([*lines, ""]):
        if not each or STARTS.match(each):
            if begun < at:
                yield line + begun, "\n".join(lines[begun:at]), False
            begun = at + (not each or each.startswith(("|", "# ", "##", ">>> ")))
        if each.startswith("|") and not (at + 1 < len(lines) and re.fullmatch(r"[|:\- ]+", lines[at + 1])):
            yield from ((line + at, cell.strip(), True) for cell in each.split("|"))


def of_unit(path: Path, first: int, lines: str, is_cell: bool) -> Iterator[Found]:  # noqa: FBT001
    """The habits, the long sentences and, on pages that explain, the figures in one part of a text."""
    text = lines.replace("\n", " ")
    for phrase in ALLOWED:
        text = text.replace(phrase, "-" * len(phrase))
    for sentence in re.finditer(r"[^\s*>\-].*?(?:(?<!no)(?<!e\.g)(?<!i\.e)[.?!][)\"”*]*(?=\s+[^a-z])|$)", text):
        line = first + lines[: sentence.start()].count("\n")
        for pattern, instead, exempt in SPOKEN:
            for match in pattern.finditer(sentence[0]) if exempt.isdisjoint(path.parts) else ():
                if not match.groupdict().get("person"):
                    at = line + lines[sentence.start() : sentence.start() + match.start()].count("\n")
                    yield path, at, f"“{match[0]:.40}”", instead
        if (words := len(re.findall(r"\w[\w'’-]*", sentence[0]))) > LONGEST and not NO_PROSE.search(sentence[0]):
            yield path, line, f"{words} words, “{sentence[0]:.40}…”", "one idea a sentence, twenty words are plenty"
        for match in FIGURE.finditer(sentence[0]) if "explanation" in path.parts and not is_cell else ():
            yield path, line, f"the figure “{match[0]}” in prose", "a table, or a link to one"


def strings(tree: ast.AST, *, with_messages: bool) -> Iterator[tuple[int, str]]:
    """Docstrings, those of attributes as well, and messages: other strings of four words or more."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value
        elif isinstance(node, ast.JoinedStr | ast.Constant):
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "CODE" for part in parts)
            is_code = re.search(r"\b[A-Z]{6} |\{ |(?m:^import )", text)
            if with_messages and not is_code and re.search(r"[a-z]+ \S+ \S+ \S+", text):
                yield node.lineno, text
        else:
            yield from strings(node, with_messages=with_messages)


def comments(text: str) -> str:
    """The comments alone, on their lines; one behind code begins an item."""
    lines = [""] * (text.count("\n") + 2)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            comment = re.sub(r"^#!?\s*(?:(?:noqa|type: ignore|pragma)\b[^-]*-?)?", "", token.string)
            lines[token.start[0] - 1] = comment if token.line.lstrip().startswith("#") else f"- {comment}"
    return "\n".join(lines)


def old_names(path: Path, tree: ast.Module) -> Iterator[Found]:
    """The old names in a module, each at its first place."""
    names = {f"={part}": 1 for part in path.with_suffix("").parts}
    for node in ast.walk(tree):
        for field in ("name", "attr", "asname", "module", "id", "arg"):
            if (name := str(getattr(node, field, None) or "round").rsplit(".", 1)[-1]) != "round":
                names.setdefault(name if field in {"id", "arg"} else f"={name}", getattr(node, "lineno", 1))
    for name, line in names.items():
        words = [name, *map(str.lower, re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name))]
        for pattern, instead, exempt in OLD if f"={name}" not in names else ():
            if exempt.isdisjoint(path.parts) and any(map(pattern.fullmatch, words)):
                yield path, line, f"the name {name.strip('=')}", instead


def bare_verbs(path: Path, tree: ast.Module) -> Iterator[Found]:
    """Public verbs with arguments whose docstring lacks the section `Raises:` or a call of the verb as an example."""
    face = Path("src/traffic_booking/__init__.py").read_text(encoding="utf-8")
    owners = [each for each in tree.body if isinstance(each, ast.ClassDef) and VERBS_OF.fullmatch(each.name)]
    verbs = [(each, f"{owner.name}.", 1) for owner in owners for each in owner.body]
    verbs += [(each, "", 0) for each in tree.body if f'"{getattr(each, "name", "")}",' in face]
    for verb, owner, least in verbs:
        if isinstance(verb, ast.FunctionDef | ast.AsyncFunctionDef) and not verb.name.startswith("_"):
            text, arguments = ast.get_docstring(verb) or "", len(verb.args.args) + len(verb.args.kwonlyargs)
            needed = {"Raises: and conditions": r"(?m)^Raises:$", "a call as example": rf"\b{verb.name}\("}
            for part in [part for part, pattern in needed.items() if not re.search(pattern, text)]:
                if arguments > least:
                    yield path, verb.lineno, f"{owner}{verb.name} lacks a part of its docstring", f"add {part}"


if __name__ == "__main__":
    raise SystemExit(main())
