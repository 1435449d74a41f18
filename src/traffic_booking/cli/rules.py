"""Commands about the rulebook: all rules, one rule, and the differences of two versions.

data/rules.schema.json describes their JSON forms.
"""

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Final

from attrs import evolve
from cyclopts import App, Parameter

import traffic_booking as tb
from traffic_booking.cli import rule_words, words
from traffic_booking.cli.forms import Form, actor_name
from traffic_booking.cli.options import CATALOGUE_DEFAULTS, CatalogueOptions
from traffic_booking.cli.reply import LEGAL_TIME, Listing, NamedValues, Reply, ReplyPart, Sentence, name_of, table
from traffic_booking.cli.typed_values import impersonal

FILE_MARK: Final = "@"  # between a file and the version in it

VERSION_HELP: Final = "VERSION of the shipped rulebook, FILE.toml for the last version in it, or FILE.toml@VERSION."
VersionText = Annotated[str, Parameter(help=VERSION_HELP)]
OtherRulebook = Annotated[str | None, Parameter(help=f"{VERSION_HELP} Default: the shipped rulebook's last version.")]
RuleText = Annotated[str, Parameter(help="The rule's id, such as BK-04.")]


def rules(*, rulebook: OtherRulebook = None, options: CatalogueOptions = CATALOGUE_DEFAULTS) -> Reply:
    """List the rules with their figures, status and source; `show` and `diff` give details.

    With --db: those that the store has installed, since when, and by whom.
    """
    language = options.output_language
    book, since = _book_and_dates(rulebook, options) if options.db else (_version(rulebook), {})
    listing = table(
        book.rules,
        (words.RULE, lambda rule: rule.id),
        (words.STATEMENT, lambda rule: rule.statement(language)),
        (words.FIGURES, lambda rule: words.listed(_named_figures(rule, language), language)),
        (words.STATUS, lambda rule: words.STATUSES[rule.status.value](language)),
        (words.SOURCE, lambda rule: rule.source(language)),
        *(((rule_words.INSTALLED_SINCE, lambda rule: _since_and_by(since.get(rule.id))),) if options.db else ()),
    )
    form = tb.to_json(book) | {"rules": [_rule_form(rule) for rule in book.rules]}
    if options.db:
        form["installed"] = {name: tb.to_json(each) for name, each in since.items()}
    return Reply(
        options,
        form,
        NamedValues((words.RULEBOOK, rule_words.period_of(book, language))),
        listing,
        Sentence(words.UNOFFICIAL),
    )


def show(
    rule_id: RuleText, /, *, rulebook: OtherRulebook = None, options: CatalogueOptions = CATALOGUE_DEFAULTS
) -> Reply:
    """Show one rule: its sentence, its figures and their bounds, its source, its days in force, and its check."""
    book, language = _version(rulebook), options.output_language
    rule = book[impersonal(rule_id, "rule").upper()]
    uses = [use.label(language) for use in sorted(rule.definition.uses)]
    until = rule.in_force_until
    facts: list[tuple[tb.Bilingual, str]] = [
        (words.RULE, rule.id),
        (words.STATEMENT, rule.statement(language)),
        (rule_words.KIND_OF_REQUEST, words.listed(uses, language)),
        *((rule_words.FIGURE, _bounded(rule, name, language)) for name in rule.figures),
        (words.STATUS, words.STATUSES[rule.status.value](language)),
        (words.SOURCE, rule.source(language)),
        (rule_words.IN_FORCE_FROM, rule.in_force_from.isoformat()),
        (rule_words.IN_FORCE_UNTIL, until.isoformat() if until else rule_words.OPEN_ENDED(language)),
        (words.RULEBOOK, rule_words.period_of(book, language)),
        (rule_words.CHECK, _check_name(rule)),
    ]
    parts: list[ReplyPart] = [NamedValues(*facts)]
    if rule.definition.indispensable:
        parts.append(Sentence(rule_words.INDISPENSABLE))
    tightenings = [tightening for tightening in book.tightenings if tightening.rule == rule.id]
    if tightenings:
        rows = [(_figures(each.figures, language), *_place(each, language)) for each in tightenings]
        parts.append(Listing(headers=(words.FIGURES, words.SERVICE, words.BRANCH), rows=rows))
    return Reply(options, _version_form(book) | {"rule": _rule_form(rule)}, *parts)


def diff(v1: VersionText, v2: VersionText, /, *, options: CatalogueOptions = CATALOGUE_DEFAULTS) -> Reply:
    """Compare two versions of a rulebook: added, removed and changed rules, and the direction of each figure."""
    differences = tb.rulebook_differences(_version(v1), _version(v2))
    return Reply(options, difference_form(differences), *difference_parts(differences, options.output_language))


def difference_parts(differences: tb.RulebookDifferences, language: tb.Language) -> list[ReplyPart]:
    """The differences of two versions: rules, and then restrictions."""
    sides = (rule_words.BEFORE, rule_words.AFTER)
    parts: list[ReplyPart] = [
        NamedValues(*zip(sides, (differences.before.version, differences.after.version), strict=True)),
        Listing(
            headers=(words.RULE, rule_words.CHANGE, rule_words.FIELD, *sides, rule_words.WAY),
            rows=[row for entry in differences.rules for row in _rows(entry, language)],
            empty=rule_words.NO_DIFFERENCES,
        ),
    ]
    if rows := _place_rows(differences, language):
        headers = (rule_words.CHANGE, rule_words.FIELD, words.FIGURES, words.SERVICE, words.BRANCH)
        parts.append(Listing(headers=headers, rows=rows))
    return parts


def schema(*, options: CatalogueOptions = CATALOGUE_DEFAULTS) -> Reply:
    """Print the JSON Schema of the JSON form of these commands."""
    text = (files("traffic_booking") / "data" / "rules.schema.json").read_text(encoding="utf-8")
    return Reply(evolve(options, json=True), json.loads(text))


def _book_and_dates(typed: str | None, options: CatalogueOptions) -> tuple[tb.Rulebook, dict[str, tb.Installed]]:
    """The version to list, and for each rule the installation since which it has had its figures, source and days."""
    with tb.BookingDesk.open(options.store_url(read_only=True), read_only=True, pseudonym_key=options.keys()) as desk:
        book = desk.rulebook if typed is None else _version(typed)
        installations = desk.audit.installations()
        contents = {each.rulebook: desk.audit.installed_data(each.rulebook) for each in installations}
    since: dict[str, tb.Installed] = {}
    for rule in book.rules:
        for installed in reversed(installations):
            versions = (version["rules"] for version in contents[installed.rulebook])
            if not any(_is_same(rule, each) for rules in versions for each in rules):
                break
            since[rule.id] = installed
    return book, since


def _is_same(rule: tb.Rule, installed: Mapping[str, Any]) -> bool:
    """True if an installed rule has the figures, status, source and days of `rule`."""
    own = (rule.id, dict(rule.figures), rule.status.value, tb.to_json(rule.source))
    days = (tb.to_json(rule.in_force_from), tb.to_json(rule.in_force_until))
    names = ("figures", "status", "source", "in_force_from", "in_force_until")
    return (*own, *days) == (installed["definition"]["id"], *(installed[name] for name in names))


def _since_and_by(installed: tb.Installed | None) -> str:
    if installed is None:
        return "-"
    return f"{installed.at.astimezone(LEGAL_TIME):%Y-%m-%d}, {actor_name(installed.actor)}"


def _version(typed: str | None) -> tb.Rulebook:
    if typed is None:
        return tb.shipped_rulebooks().versions[-1]
    file, mark, version = typed.rpartition(FILE_MARK)
    if not mark and typed.endswith(".toml"):
        return tb.read_rulebooks(Path(typed)).versions[-1]
    books = tb.read_rulebooks(Path(file)) if mark else tb.shipped_rulebooks()
    return books.version(impersonal(version, "version"))


def _unit(name: str, language: tb.Language) -> str:
    return words.UNITS[name](language) if name in words.UNITS else name


def _named_figures(rule: tb.Rule, language: tb.Language) -> list[str]:
    return [_figures({name: value}, language) for name, value in rule.figures.items()]


def _figures(figures: Mapping[str, int], language: tb.Language) -> str:
    mark = ": " if language == "ar" else " "
    return words.listed([f"{_unit(name, language)}{mark}{value}" for name, value in figures.items()], language)


def _place(entry: tb.Tightening | tb.Suspension, language: tb.Language) -> tuple[str, str]:
    """The names of the service and of the branch that an entry is about; empty for all, ids that are not shipped."""
    catalogue = tb.shipped_catalogue()
    service = name_of(catalogue.service, entry.service, language) if entry.service else ""
    return service, name_of(catalogue.branch, entry.branch, language) if entry.branch else ""


def _check_name(rule: tb.Rule) -> str:
    """The module of the package and the name of the function that checks; lines of code may move."""
    check = rule.definition.check
    return f"{check.__module__.removeprefix('traffic_booking.')}.{check.__name__}"


def _bounded(rule: tb.Rule, name: str, language: tb.Language) -> str:
    (parameter,) = (entry for entry in rule.definition.parameters if entry.name == name)
    return rule_words.BOUNDED(language).format(
        name=_unit(name, language),
        value=rule[name],
        least=parameter.least,
        greatest=parameter.greatest,
        stricter=rule_words.STRICTER[parameter.stricter.value](language),
    )


def _rows(entry: tb.RuleDifference, language: tb.Language) -> list[tuple[str, ...]]:
    """A row for the sentence if it differs, and one for each change."""
    kind = rule_words.KINDS[entry.kind.value](language)
    head = (entry.rule_id, kind, words.STATEMENT(language))
    before, after = entry.before.statement, entry.after.statement
    if not entry.changes:
        added = entry.kind.value == "added"
        return [(*head, "" if added else before(language), after(language) if added else "", "")]
    rows: list[tuple[str, ...]] = [(*head, before(language), after(language), "")] if before != after else []
    for change in entry.changes:
        way = "" if change.way is None else rule_words.WAYS[change.way.value](language)
        label = rule_words.FIELDS.get(change.field)
        field = _unit(change.field, language) if label is None else label(language)
        values = ("" if value is None else str(value) for value in (change.before, change.after))
        rows.append((entry.rule_id, kind, field, *values, way))
    return rows


def _place_rows(differences: tb.RulebookDifferences, language: tb.Language) -> list[tuple[str, ...]]:
    """A row for each tightening and suspension that was added or removed."""
    rows: list[tuple[str, ...]] = []
    for kind, tightenings, suspensions in (
        ("added", differences.tightenings_added, differences.suspensions_added),
        ("removed", differences.tightenings_removed, differences.suspensions_removed),
    ):
        head = rule_words.KINDS[kind](language)
        for t in tightenings:
            about = f"{t.rule} {_figures(t.figures, language)}"
            rows.append((head, rule_words.TIGHTENING(language), about, *_place(t, language)))
        for s in suspensions:
            about = f"{s.from_day} – {s.until_day}"
            rows.append((head, rule_words.SUSPENSION(language), about, *_place(s, language)))
    return rows


def _version_form(book: tb.Rulebook) -> Form:
    return {name: tb.to_json(getattr(book, name)) for name in ("version", "in_force_from", "in_force_until")}


def _rule_form(rule: tb.Rule) -> Form:
    form = tb.to_json(rule)
    parameters = [each | {"value": rule[each["name"]]} for each in form["parameters"]]
    return {**form, "parameters": parameters}


def difference_form(differences: tb.RulebookDifferences) -> Form:
    """The JSON form of differences."""
    rules = [
        {
            "id": entry.rule_id,
            "kind": entry.kind.value,
            "before": tb.to_json(entry.before.statement),
            "after": tb.to_json(entry.after.statement),
            "changes": [tb.to_json(change) for change in entry.changes],
        }
        for entry in differences.rules
    ]
    return {
        "before": _version_form(differences.before),
        "after": _version_form(differences.after),
        "rules": rules,
        "tightenings": {
            "added": tb.to_json(differences.tightenings_added),
            "removed": tb.to_json(differences.tightenings_removed),
        },
        "suspensions": {
            "added": tb.to_json(differences.suspensions_added),
            "removed": tb.to_json(differences.suspensions_removed),
        },
    }


commands: Final = App(name="rules", help_format="plaintext")
commands.default(rules)
for command in (show, diff, schema):
    commands.command(command, name=command.__name__)
