"""The register of rules as a page: the rules of each use case, then each rule with all its facts.

The history of a rule has the changes of its figures, status, source and days over the versions in rulebook.toml. It
also has the releases whose "Rules" in CHANGELOG.md name the rule. The repository has the history of its sentence and
its check.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Final

from attrs import frozen

from tools import register_words as say
from tools.rule_evidence import Evidence, Kind
from traffic_booking import Bilingual, Language, Rule, Rulebook, Rulebooks, RuleDifference, rulebook_differences
from traffic_booking.cli import rule_words, words
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.wording import counted, filled

SECTION: Final = re.compile(r"^## \[(?P<release>[^\]]+)\](?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
RULES: Final = re.compile(r"^### Rules\n(?P<text>.*?)(?=^### |\Z)", re.MULTILINE | re.DOTALL)
UNRELEASED: Final = "Unreleased"
REORDERED: Final = re.compile(r"`[^`\n]+`|(?<![\w(/.-])\d{4}-\d{2}-\d{2}(?:[.-]\w+)*")
"""Code and dates, whose parts a page that runs from right to left would show in another order."""
LANGUAGES: Final[tuple[Language, Language]] = ("ar", "en")
NAMED: Final = re.compile(r"\b([A-Z]{2})-(\d{2})(?: to \1-(\d{2}))?\b")


@frozen(kw_only=True)
class Register:
    """The sources of the pages, and the pages made of them."""

    rulebooks: Rulebooks
    evidence: Mapping[str, tuple[Evidence, ...]]
    changelog: str

    @property
    def rulebook(self) -> Rulebook:
        """The version that the pages describe: the last."""
        return self.rulebooks.versions[-1]

    def page(self, language: Language) -> str:
        """The whole page in one language."""
        entries = [self._entry(rule, language) for rule in self.rulebook.rules]
        tables = [self._table(use, language) for use in Use]
        if language == "ar":
            entries, tables = ([_right_to_left(part) for part in parts] for parts in (entries, tables))
        version = {"version": self.rulebook.version, **_days(self.rulebook, language)}
        introduction, tables_intro = say.INTRODUCTION(language).format(**version), say.TABLES_INTRODUCTION(language)
        if language == "ar":
            introduction, tables_intro = _rtl(introduction), _rtl(tables_intro)
        head = (f"# {say.TITLE(language)}", introduction, f"## {say.TABLES(language)}", tables_intro)
        return "\n\n".join([*head, *tables, f"## {say.RULES(language)}", *entries]) + "\n"

    def releases(self, rule_id: str) -> list[str]:
        """The releases whose rules name this one, by itself or in a range such as `BK-01 to BK-11`, newest first."""
        return [
            section["release"]
            for section in SECTION.finditer(self.changelog)
            if (rules := RULES.search(section["text"])) and rule_id in _named_in(rules["text"])
        ]

    def _evaluated(self, use: Use) -> list[Rule]:
        return [rule for rule in self.rulebook.rules if use in rule.definition.uses]

    def _table(self, use: Use, language: Language) -> str:
        headers = (say.ORDER, say.RULE, say.SENTENCE, say.NEEDED)
        rows = (
            (
                str(order),
                f"[{rule.id}](#{rule.id.lower()})",
                rule.statement(language),
                say.NEEDED(language) if rule.definition.indispensable else "",
            )
            for order, rule in enumerate(self._evaluated(use), start=1)
        )
        return f"### {use.label(language)}\n\n{_markdown_table([header(language) for header in headers], rows)}"

    def _entry(self, rule: Rule, language: Language) -> str:
        sentences = [rule.statement(language)]
        if language == "en":
            sentences.append(f'<div dir="rtl" lang="ar">\n\n{rule.statement("ar")}\n\n</div>')
        rows = [(label(language), text) for label, text in self._facts(rule, language) if text]
        return "\n\n".join([f"### {rule.id}", *sentences, _markdown_table(["", ""], rows)])

    def _facts(self, rule: Rule, language: Language) -> Iterator[tuple[Bilingual, str]]:
        uses = (
            say.EVALUATED_AS(language).format(use=use.label(language), order=self._evaluated(use).index(rule) + 1)
            for use in Use
            if use in rule.definition.uses
        )
        yield say.REFUSAL, _refusal(rule, rule.refusal, language)
        if rule.unmeasured is not None:
            yield say.UNMEASURED, _refusal(rule, rule.unmeasured, language)
        yield say.EVALUATED, words.listed(uses, language)
        yield say.AFTER, words.listed(rule.definition.after, language)
        for name in rule.figures:
            yield say.FIGURE, _figure(rule, name, language)
        yield say.STATUS, words.STATUSES[rule.status.value](language)
        yield say.SOURCE, rule.source(language)
        yield say.IN_FORCE, say.PERIOD(language).format(**_days(rule, language))
        yield say.NEEDED, rule_words.INDISPENSABLE(language) if rule.definition.indispensable else ""
        check = rule.definition.check
        file = f"src/{check.__module__.replace('.', '/')}.py"
        yield say.CHECK, say.PLACE(language).format(name=check.__name__, file=file)
        evidence = self.evidence.get(rule.id, ())
        for label, kind in (
            (say.TRUTH_TABLES, Kind.TABLE),
            (say.PROPERTIES, Kind.PROPERTY),
            (say.OTHER_TESTS, Kind.SUPPORT),
        ):
            yield label, "<br>".join(f"`{one.node}`" for one in evidence if one.kind is kind)
        yield say.VERSIONS, "<br>".join(self._history(rule.id, language))
        releases = (say.UNRELEASED(language) if name == UNRELEASED else name for name in self.releases(rule.id))
        yield say.CHANGELOG, words.listed(releases, language)

    def _history(self, rule_id: str, language: Language) -> Iterator[str]:
        first = self.rulebooks.versions[0]
        yield say.FIRST(language).format(version=first.version, **_days(first, language))
        for before, after in pairwise(self.rulebooks.versions):
            for entry in rulebook_differences(before, after).rules:
                if entry.rule_id == rule_id:
                    what = _what_changed(entry, language)
                    yield say.CAME(language).format(version=after.version, what=what, **_days(after, language))


def _refusal(rule: Rule, template: Bilingual, language: Language) -> str:
    """The refusal in its longest form: no value is missing. A rule that is off has no figures to show."""
    places = dict(say.PLACES)
    if rule.is_off:
        template = rule.definition.refusal
        places |= dict.fromkeys(rule.figures, say.A_FIGURE)
    ar, en = (filled(template(each), {name: place(each) for name, place in places.items()}) for each in LANGUAGES)
    return ar if language == "ar" else f'{en}<br><span dir="rtl" lang="ar">{ar}</span>'


def _what_changed(entry: RuleDifference, language: Language) -> str:
    if not entry.changes:
        return rule_words.KINDS[entry.kind.value](language)
    changes = []
    for change in entry.changes:
        named = rule_words.FIELDS.get(change.field) or words.UNITS.get(change.field)
        way = "" if change.way is None else f" ({rule_words.WAYS[change.way.value](language)})"
        before, after = ("–" if value is None else value for value in (change.before, change.after))
        field = named(language) if named else change.field
        changes.append(say.CHANGED(language).format(field=field, before=before, after=after) + way)
    return words.listed(changes, language)


def _figure(rule: Rule, name: str, language: Language) -> str:
    (parameter,) = (entry for entry in rule.definition.parameters if entry.name == name)
    value, least, greatest = (
        str(number) if language == "en" else counted(number, parameter.unit).ar
        for number in (rule[name], parameter.least, parameter.greatest)
    )
    bounds = say.FIGURE_IS(language).format(
        value=value,
        unit=parameter.unit,
        least=least,
        greatest=greatest,
        stricter=rule_words.STRICTER[parameter.stricter.value](language),
    )
    named = "" if language == "en" or name not in words.UNITS else f" ({words.UNITS[name](language)})"
    return f"`{name}`{named}: {bounds}"


def _days(of: Rule | Rulebook, language: Language) -> dict[str, str]:
    until: date | None = of.in_force_until
    return {
        "from_": of.in_force_from.isoformat(),
        "until": until.isoformat() if until else say.OPEN_ENDED(language),
    }


def _markdown_table(headers: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(headers)
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _rtl(text: str) -> str:
    isolated = REORDERED.sub(lambda run: f"<bdi>{run[0]}</bdi>", text)
    return f'<div dir="rtl" lang="ar">\n\n{isolated}\n\n</div>'


def _right_to_left(part: str) -> str:
    """A part of the Arabic page: its heading unchanged, so that it can be linked, and the rest from right to left."""
    heading, _, rest = part.partition("\n\n")
    return f"{heading}\n\n{_rtl(rest)}"


def _named_in(text: str) -> set[str]:
    named = set()
    for family, first, last in NAMED.findall(text):
        named |= {f"{family}-{number:02d}" for number in range(int(first), int(last or first) + 1)}
    return named


def changelog() -> str:
    """The text of CHANGELOG.md."""
    return Path("CHANGELOG.md").read_text(encoding="utf-8")
