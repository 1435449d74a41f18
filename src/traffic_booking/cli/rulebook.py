"""The rulebook: as a table, one rule by itself, and two versions side by side."""

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final

from attrs import evolve
from cyclopts import App, Parameter

from traffic_booking import (
    Bilingual,
    Language,
    Rule,
    Rulebook,
    RulebookDifferences,
    RuleDifference,
    Tightening,
    read_rulebooks,
    rulebook_differences,
    shipped_rulebooks,
)
from traffic_booking.cli import rule_words, words
from traffic_booking.cli.options import CatalogueOptions, impersonal
from traffic_booking.cli.reply import Facts, Listing, Part, Reply, Sentence
from traffic_booking.cli.rule_forms import code_place, differences_form, rule_form, rulebook_form, version_form

FILE_MARK: Final = "@"
"""Between a file and the version in it."""

VERSION_HELP: Final = "VERSION of the shipped rulebook, FILE.toml for the last version in it, or FILE.toml@VERSION."
VersionText = Annotated[str, Parameter(help=VERSION_HELP)]
OtherRulebook = Annotated[str | None, Parameter(help=f"{VERSION_HELP} Default: the shipped rulebook's last version.")]
RuleText = Annotated[str, Parameter(help="The rule's id, such as BK-04.")]


def rules(*, rulebook: OtherRulebook = None, options: CatalogueOptions | None = None) -> Reply:
    """List the booking rules with their figures, status and source; `show` and `diff` tell more."""
    options = options or CatalogueOptions()
    book = _version(rulebook)
    listing = Listing(
        headers=(words.RULE, words.STATEMENT, words.FIGURES, words.STATUS, words.SOURCE),
        rows=[
            (
                rule.id,
                rule.statement(options.spoken),
                _figures(rule, options.spoken),
                words.STATUSES[rule.status.value](options.spoken),
                rule.source,
            )
            for rule in book.rules
        ],
    )
    named = Facts(((words.RULEBOOK, book.version),))
    return Reply(options, rulebook_form(book), (named, listing, Sentence(words.UNOFFICIAL)))


def show(rule_id: RuleText, /, *, rulebook: OtherRulebook = None, options: CatalogueOptions | None = None) -> Reply:
    """Show one rule: its sentence, its figures and their bounds, where it comes from, when it holds, what checks it."""
    options = options or CatalogueOptions()
    language = options.spoken
    book = _version(rulebook)
    rule = book[impersonal(rule_id, "rule").strip().upper()]
    until = rule.in_force_until
    facts: list[tuple[Bilingual, str]] = [
        (words.RULE, rule.id),
        (words.STATEMENT, rule.statement(language)),
        (rule_words.DECIDES, words.listed([_use(use, language) for use in sorted(rule.definition.uses)], language)),
        *((rule_words.FIGURE, _bounded(rule, name, language)) for name in rule.figures),
        (words.STATUS, words.STATUSES[rule.status.value](language)),
        (words.SOURCE, rule.source),
        (rule_words.IN_FORCE_FROM, rule.in_force_from.isoformat()),
        (rule_words.IN_FORCE_UNTIL, until.isoformat() if until else rule_words.OPEN_ENDED(language)),
        (words.RULEBOOK, book.version),
        (rule_words.CHECK, code_place(rule)),
    ]
    parts: list[Part] = [Facts(tuple(facts))]
    if rule.definition.indispensable:
        parts.append(Sentence(rule_words.INDISPENSABLE))
    tightenings = [tightening for tightening in book.tightenings if tightening.rule == rule.id]
    if tightenings:
        parts.append(_stricter(tightenings))
    return Reply(options, version_form(book) | {"rule": rule_form(rule)}, tuple(parts))


def diff(v1: VersionText, v2: VersionText, /, *, options: CatalogueOptions | None = None) -> Reply:
    """Compare two versions of a rulebook: rules that came, went or changed, and which way each figure went."""
    options = options or CatalogueOptions()
    told = rulebook_differences(_version(v1), _version(v2))
    sides = (rule_words.BEFORE, rule_words.AFTER)
    parts: list[Part] = [
        Facts(tuple(zip(sides, (told.before.version, told.after.version), strict=True))),
        Listing(
            headers=(words.RULE, rule_words.CHANGE, rule_words.FIELD, *sides, rule_words.WAY),
            rows=[row for entry in told.rules for row in _rows(entry, options.spoken)],
            empty=rule_words.NO_DIFFERENCES,
        ),
        *_of_places(told, options.spoken),
    ]
    return Reply(options, differences_form(told), tuple(parts))


def schema(*, options: CatalogueOptions | None = None) -> Reply:
    """Print the JSON Schema of what these commands answer with --json."""
    text = (files("traffic_booking") / "data" / "rules.schema.json").read_text(encoding="utf-8")
    options = evolve(options or CatalogueOptions(), json=True)
    return Reply(options, json.loads(text))


def _version(typed: str | None) -> Rulebook:
    """The version that was asked for."""
    if typed is None:
        return shipped_rulebooks().versions[-1]
    file, mark, version = typed.rpartition(FILE_MARK)
    if not mark and typed.endswith(".toml"):
        return read_rulebooks(Path(typed)).versions[-1]
    books = read_rulebooks(Path(file)) if mark else shipped_rulebooks()
    return books.version(impersonal(version, "version"))


def _use(use: str, language: Language) -> str:
    return rule_words.USES[use](language) if use in rule_words.USES else use


def _named(name: str, language: Language) -> str:
    return words.UNITS[name](language) if name in words.UNITS else name


def _figures(rule: Rule, language: Language) -> str:
    mark = ": " if language == "ar" else " "
    return words.listed([f"{_named(name, language)}{mark}{value}" for name, value in rule.figures.items()], language)


def _bounded(rule: Rule, name: str, language: Language) -> str:
    (parameter,) = (entry for entry in rule.definition.parameters if entry.name == name)
    return rule_words.BOUNDED(language).format(
        name=_named(name, language),
        value=rule[name],
        least=parameter.least,
        greatest=parameter.greatest,
        stricter=rule_words.STRICTER[parameter.stricter.value](language),
    )


def _rows(entry: RuleDifference, language: Language) -> list[tuple[str, ...]]:
    kind = rule_words.KINDS[entry.kind.value](language)
    sentences = (entry.rule_id, kind, words.STATEMENT(language))
    if not entry.changes:
        came = entry.kind.value == "added"
        sentence = (entry.before if not came else entry.after).statement(language)
        return [(*sentences, "" if came else sentence, sentence if came else "", "")]
    rows: list[tuple[str, ...]] = []
    if entry.before.statement != entry.after.statement:
        rows.append((*sentences, entry.before.statement(language), entry.after.statement(language), ""))
    for change in entry.changes:
        way = "" if change.way is None else rule_words.WAYS[change.way.value](language)
        named = rule_words.FIELDS.get(change.field)
        field = _named(change.field, language) if named is None else named(language)
        values = ("" if value is None else str(value) for value in (change.before, change.after))
        rows.append((entry.rule_id, kind, field, *values, way))
    return rows


def _of_places(told: RulebookDifferences, language: Language) -> list[Part]:
    """What came and went for single services and branches."""
    rows = [
        (rule_words.KINDS[kind](language), what(language), about, service or "", branch or "")
        for kind, tightenings, suspensions in (
            ("added", told.tightenings_added, told.suspensions_added),
            ("removed", told.tightenings_removed, told.suspensions_removed),
        )
        for what, about, service, branch in (
            *((rule_words.TIGHTENING, f"{t.rule} {_plain(t.figures)}", t.service, t.branch) for t in tightenings),
            *((rule_words.SUSPENSION, f"{s.from_day} – {s.until_day}", s.service, s.branch) for s in suspensions),
        )
    ]
    headers = (rule_words.CHANGE, rule_words.FIELD, words.FIGURES, words.SERVICE, words.BRANCH)
    return [Listing(headers=headers, rows=rows)] if rows else []


def _stricter(tightenings: list[Tightening]) -> Listing:
    return Listing(
        headers=(words.FIGURES, words.SERVICE, words.BRANCH),
        rows=[(_plain(entry.figures), entry.service or "", entry.branch or "") for entry in tightenings],
    )


def _plain(figures: Mapping[str, int]) -> str:
    return ", ".join(f"{name}={value}" for name, value in figures.items())


commands: Final = App(name="rules", help_format="plaintext")
commands.default(rules)
commands.command(show, name="show")
commands.command(diff, name="diff")
commands.command(schema, name="schema")
