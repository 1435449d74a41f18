"""The command that installs a rulebook, a catalogue and a calendar in a store, and shows what would change."""

from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import traffic_booking as tb
from traffic_booking.cli import words
from traffic_booking.cli.forms import actor_name
from traffic_booking.cli.options import DEFAULTS, ClerkText, Flag, Options
from traffic_booking.cli.reply import LEGAL_TIME, NamedValues, Reply, ReplyPart, Sentence, table
from traffic_booking.cli.rules import difference_form, difference_parts
from traffic_booking.cli.typed_values import clerk_of, impersonal

PART_NAMES: Final = {
    "rulebook": words.RULEBOOK,
    "catalogue": tb.Bilingual("دليل الفروع والخدمات", "catalogue"),
    "calendar": tb.Bilingual("تقويم الدوام", "working calendar"),
}
SINCE: Final = tb.Bilingual("مثبّت منذ", "installed since")
CHANGED: Final = tb.Bilingual("ما يتغير", "changes")
DIFFERENCE: Final = tb.Bilingual("الفرق", "difference")
INSTALLED: Final = tb.Bilingual("تم التثبيت.", "Installed.")
SAME: Final = tb.Bilingual("هذه الأجزاء مثبّتة من قبل.", "These parts are installed already.")
PENDING: Final = tb.Bilingual("لم يُثبَّت شيء. هذا ما سيتغير:", "Nothing was installed. This would change:")
OPEN_ANEW: Final = tb.Bilingual(
    "أعد فتح مكاتب الحجز العاملة: فهي تستمر بالأجزاء التي فُتحت بها.",
    "Open running desks anew: they go on with the parts that they were opened with.",
)


def install(
    *,
    rulebook: Path | None = None,
    catalogue: Path | None = None,
    announcements: Path | None = None,
    shipped: Flag = False,
    reason: str,
    clerk: ClerkText,
    dry_run: Flag = False,
    options: Options = DEFAULTS,
) -> Reply:
    """Install a rulebook, a catalogue or announcements in the store; desks are opened with them from then on.

    A part that is not given stays as it is.

    Args:
        rulebook: FILE.toml with the versions of the rulebook.
        catalogue: The folder of the catalogue.
        announcements: FILE.toml with announcements and orders beside the shipped holidays.
        shipped: Install the shipped parts in the place of those that are not given.
        reason: Why, in 1 to 400 characters.
        dry_run: Show what would change, and install nothing.
    """
    staff, why, url = clerk_of(clerk), impersonal(reason, "--reason"), options.store_url()
    parts: dict[str, Any] = {
        "rulebook": None if rulebook is None else tb.read_rulebooks(rulebook),
        "catalogue": None if catalogue is None else tb.read_catalogue(catalogue),
        "calendar": None if announcements is None else tb.read_calendar(announcements=announcements),
        "installed": not shipped,
    }
    if dry_run:
        return _pending(options, tb.pending_installation(url, **parts))
    with suppress(tb.StoreError):  # a new store is made by `install`
        if not (pending := tb.pending_installation(url, **parts)):
            return _pending(options, pending)
    installed = tb.install(url, by=staff, reason=why, **parts)
    facts = NamedValues(*_facts(installed))
    form = {"outcome": "installed", "installed": tb.to_json(installed)}
    return Reply(options, form, Sentence(INSTALLED, loud=True), facts, Sentence(OPEN_ANEW))


def _pending(options: Options, pending: tb.PendingInstallation) -> Reply:
    language = options.output_language
    found = {"outcome": "not-installed" if pending else "already-installed", "pending": tb.to_json(pending)}
    found["rulebook"] = None if pending.rulebook is None else difference_form(pending.rulebook)
    facts = () if pending.installed is None else (NamedValues(*_facts(pending.installed)),)
    if not pending:
        return Reply(options, found, Sentence(SAME, loud=True), *facts)
    names = words.listed([PART_NAMES[part](language) for part in pending.parts], language)
    parts: list[ReplyPart] = [Sentence(PENDING, loud=True), NamedValues((CHANGED, names)), *facts]
    if pending.rulebook is not None:
        parts += difference_parts(pending.rulebook, language)
    others = [each for each in pending.differences if not each.startswith("rulebook: ")]
    if others:
        parts.append(table(others, (DIFFERENCE, str)))
    return Reply(options, found, *parts)


def _facts(installed: tb.Installed) -> list[tuple[tb.Bilingual, str]]:
    return [
        (SINCE, words.written_time(installed.at.astimezone(LEGAL_TIME))),
        (words.BY, actor_name(installed.actor)),
        (words.REASON, installed.reason),
    ]
