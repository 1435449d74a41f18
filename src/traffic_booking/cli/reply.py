"""What a command answers: a machine form, and the same thing as parts to be read."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import field, frozen

from traffic_booking import Bilingual, Day, Language
from traffic_booking.cli.options import Options

DONE = 0
REFUSED = 1


@frozen(kw_only=True)
class Listing:
    """A table: its headers, and rows of as many cells; `empty` is said where there are no rows."""

    headers: tuple[Bilingual, ...]
    rows: Sequence[Sequence[str]]
    empty: Bilingual | None = None


@frozen
class Facts:
    """Named values, one a line."""

    entries: tuple[tuple[Bilingual, str], ...]


@frozen
class Sentence:
    """A line in the language that is spoken; `loud` ones stand out."""

    text: Bilingual
    loud: bool = False


@frozen
class Bullets:
    """Passages to read, each sentence at a bullet and wrapped at the terminal's edge."""

    texts: tuple[Bilingual, ...]


@frozen
class Verbatim:
    """Text that is printed as it is, such as a ticket."""

    text: str


@frozen(kw_only=True)
class DayCell:
    """A day in a month's grid: its number, its date in the other calendar, and a note."""

    number: str
    other: str
    note: str


@frozen(kw_only=True)
class MonthGrid:
    """A month by weeks: `headers` name the days of the week, each week has as many cells, None outside the month."""

    headers: tuple[Bilingual, ...]
    weeks: Sequence[Sequence[DayCell | None]]


Part = Listing | Facts | Sentence | Bullets | Verbatim | MonthGrid


@frozen
class Reply:
    """The answer to one command."""

    options: Options
    form: Mapping[str, object]
    parts: tuple[Part, ...] = ()
    exit_code: int = field(default=DONE, kw_only=True)


def written_time(moment: datetime) -> str:
    """A start as `--at` takes it."""
    return f"{moment:%Y-%m-%dT%H:%M}"


def hijri_day(day: Day, language: Language) -> str:
    """A weekday with its Hijri date in figures; the weekday alone beyond the table."""
    return f"{day.weekday(language)} {hijri_date(day)}".rstrip()


def hijri_date(day: Day) -> str:
    """A Hijri date in figures; nothing beyond the table."""
    return f"{day.hijri.year:04d}-{day.hijri.month:02d}-{day.hijri.day:02d}" if day.has_hijri else ""
