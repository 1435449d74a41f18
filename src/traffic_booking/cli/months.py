"""The command that shows the free seats of a month, day by day or as a grid of weeks."""

from collections.abc import Callable, Sequence
from typing import Annotated, Final

from cyclopts import Parameter

from traffic_booking import (
    Bilingual,
    Branch,
    Catalogue,
    DayAvailability,
    DayState,
    Governorate,
    Language,
    Region,
    Service,
    to_json,
)
from traffic_booking.cli import words
from traffic_booking.cli.month_grids import in_both, in_figures, is_disputed, month_grid
from traffic_booking.cli.options import DEFAULTS, Flag, MonthText, Options, Point
from traffic_booking.cli.reply import GridCell, MonthGrid, NamedValues, Reply, ReplyPart, Sentence, table
from traffic_booking.cli.typed_values import ids_of, month_of, point_of

SeveralServices = Annotated[
    tuple[str, ...],
    Parameter(help="One service or several (ids of `services`): with commas, or the option again.", negative=()),
]
SeveralBranches = Annotated[
    tuple[str, ...],
    Parameter(
        help="One branch or several (ids of `branches`): with commas, or the option again.",
        negative=(),
        show_default=False,
    ),
]
SeveralIds = Annotated[tuple[str, ...], Parameter(negative=(), show_default=False)]

MANY: Final = 0.5
SOME: Final = 1 / 6
_MARKS: Final = {
    "many": ("●●●", "black on green"),
    "some": ("●●○", "black on yellow"),
    "few": ("●○○", "white on red"),
    "full": ("○○○", "dim"),
}
"""The mark and the colours of a day with seats, by how many of them are free."""
_DISPUTED: Final = "~"


def month(
    *,
    service: SeveralServices,
    branch: SeveralBranches = (),
    governorate: SeveralIds = (),
    region: SeveralIds = (),
    near: Point = None,
    within_km: float | None = None,
    month: MonthText,
    heat: Flag = False,
    options: Options = DEFAULTS,
) -> Reply:
    """Show a month day by day: its seats, the free ones, and why there are none; over several branches their sum.

    Args:
        governorate: Only branches of this governorate; several as with --branch.
        region: Only branches of this region, such as SA-01; several as with --branch.
        within_km: Only branches at most so many kilometres from --near.
        heat: Draw the weeks, each day with a mark for how free it is.
    """
    year, month_of_year, is_hijri = month_of(month)
    named = {"service": service, "branch": branch, "governorate": governorate, "region": region}
    ids = {kind: ids_of(typed) for kind, typed in named.items()}
    with options.desk() as desk:
        days = desk.month_view(
            service=ids["service"] or (),
            branch=ids["branch"],
            governorate=ids["governorate"],
            region=ids["region"],
            near=point_of(near),
            within_km=within_km,
            year=year,
            month_of_year=month_of_year,
            calendar="hijri" if is_hijri else "gregorian",
        )
        catalogue = desk.catalogue
    language = options.output_language
    if heat:
        facts = _facts(days, ids, catalogue, language, is_hijri=is_hijri)
        parts: tuple[ReplyPart, ...] = (facts, _grid(days, language, is_hijri=is_hijri), Sentence(words.FREE_BELOW))
    else:
        parts = (_listing(days, language, one_branch=len(ids["branch"] or ()) == 1),)
    marked, named_once = (Sentence(words.DISPUTED),), (Sentence(words.PROVISIONAL),)
    disputed = any(is_disputed(entry.day) for entry in days)
    return Reply(options, {"days": to_json(days)}, *parts, *((marked if heat else named_once) if disputed else ()))


def _listing(days: Sequence[DayAvailability], language: Language, *, one_branch: bool) -> ReplyPart:
    """A line for each day; the branch of the first free slot as well if there may be several."""
    at = (words.FIRST_FREE_AT, lambda entry: entry.first_free_slot.branch if entry.first_free_slot else "")
    return table(
        days,
        (words.DATE, lambda entry: entry.day.gregorian.isoformat()),
        (words.HIJRI_DATE, lambda entry: words.hijri_date(entry.day)),
        (words.WEEKDAY, lambda entry: entry.day.weekday(language)),
        (words.CAPACITY, lambda entry: str(entry.seats)),
        (words.FREE, lambda entry: str(entry.free)),
        (words.STATE, lambda entry: entry.text(language)),
        *(() if one_branch else (at,)),
    )


def _facts(
    days: Sequence[DayAvailability],
    ids: dict[str, tuple[str, ...] | None],
    catalogue: Catalogue,
    language: Language,
    *,
    is_hijri: bool,
) -> NamedValues:
    """The services and places of a grid by name, its first and last day, and its first free time."""
    look_ups: dict[str, tuple[Bilingual, Callable[[str], Service | Branch | Governorate | Region]]] = {
        "service": (words.SERVICE, catalogue.service),
        "branch": (words.BRANCH, catalogue.branch),
        "governorate": (words.GOVERNORATE, catalogue.governorate),
        "region": (words.REGION, catalogue.region),
    }
    entries = [
        (label, words.listed((look_up(each).name(language) for each in ids[kind] or ()), language))
        for kind, (label, look_up) in look_ups.items()
        if ids[kind]
    ]
    entries += [
        (label, in_both(entry.day, language, is_hijri=is_hijri))
        for label, entry in ((words.FROM, days[0]), (words.UNTIL, days[-1]))
    ]
    first = next((entry for entry in days if entry.first_free_slot is not None), None)
    if first is not None and first.first_free_slot is not None:
        place = catalogue.branch(first.first_free_slot.branch).name(language)
        at = f"{words.written_time(first.first_free)}" if first.first_free else ""
        entries.append((words.FIRST_FREE, words.listed((at, place), language)))
    return NamedValues(*entries)


def _grid(days: Sequence[DayAvailability], language: Language, *, is_hijri: bool) -> MonthGrid:
    cells = [_cell(entry, language, is_hijri=is_hijri) for entry in days]
    used = {_level(entry) for entry in days if entry.seats}
    legend = [(*_MARKS[level], words.LEVELS[level]) for level in _MARKS if level in used]
    return month_grid(days[0].day, cells, legend)


def _cell(entry: DayAvailability, language: Language, *, is_hijri: bool) -> GridCell:
    """The day's number and mark, its date in the other calendar, and its free seats or its state."""
    number, other = in_figures(entry.day, is_hijri=is_hijri, mark=_DISPUTED if is_disputed(entry.day) else "")
    mark, style = _MARKS[_level(entry)] if entry.seats else ("", "")
    note = str(entry.free) if entry.state is DayState.FREE else words.DAY_STATES[entry.state](language)
    return GridCell(number, other, note, mark=mark, style=style)


def _level(entry: DayAvailability) -> str:
    """How many of a day's seats are free."""
    if not entry.free:
        return "full"
    share = entry.free / entry.seats
    return "many" if share >= MANY else "some" if share >= SOME else "few"
