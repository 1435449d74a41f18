"""retention.toml: after how many days a pruning may remove a record of each kind, or why it never may, and limits."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from importlib.resources.abc import Traversable
from typing import Any, Final, NamedTuple

from traffic_booking.adapters.data_files.provenance import LONGEST_NOTE, LONGEST_TITLE, provenance
from traffic_booking.adapters.data_files.tables import (
    Entries,
    Place,
    Reader,
    Shape,
    entries,
    many,
    one_of,
    text,
    unknown_fields,
    whole_number,
)
from traffic_booking.adapters.data_files.toml_files import toml_table
from traffic_booking.domain.audit.retention import (
    FEWEST_DAYS,
    FEWEST_REFUSALS,
    KEPT,
    LIMITS,
    LONGEST_DAYS,
    MOST_REFUSALS,
    PERIODS,
    Retention,
)
from traffic_booking.domain.errors import Fault, InvalidCatalogue
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.text_input import bounded_text

_DAYS: Final = whole_number(partial(bounded_number, field="days", least=1, greatest=LONGEST_DAYS, unit="days"))
_MOST: Final = whole_number(partial(bounded_number, field="most", least=FEWEST_REFUSALS, greatest=MOST_REFUSALS))
_TITLE: Final = text(partial(bounded_text, field="text", longest=LONGEST_TITLE))
_NOTE: Final = text(partial(bounded_text, field="text", longest=LONGEST_NOTE, lines=True))
_WHY: Final[Mapping[str, Reader]] = {"note": _NOTE, "articles": many(_TITLE, least=1)}


class _Figure(NamedTuple):
    name: str
    value: timedelta | int


def _period(*, id: str, days: int, **_: Any) -> _Figure:  # noqa: A002 - as the field of the file
    least = FEWEST_DAYS.get(id, 1)
    return _Figure(id, timedelta(days=bounded_number(days, "days", least=least, greatest=LONGEST_DAYS, unit="days")))


def _limit(*, id: str, most: int, **_: Any) -> _Figure:  # noqa: A002 - as the field of the file
    return _Figure(id, most)


PERIOD: Final = Shape(
    _period,
    required={
        "id": one_of({name: name for name in PERIODS}),
        "days": _DAYS,
        "after": _TITLE,
        "removes": _TITLE,
        **_WHY,
    },
)
LIMIT: Final = Shape(_limit, required={"id": one_of({name: name for name in LIMITS}), "most": _MOST, **_WHY})
NEVER: Final[Shape[dict[str, Any]]] = Shape(dict, required={"id": one_of({name: name for name in KEPT}), **_WHY})


def read_retention(file: Traversable) -> Retention:
    """The periods that `file` holds. Raises `InvalidCatalogue` with every fault."""
    faults: list[Fault] = []
    place = Place(file=file.name, faults=faults)
    table = toml_table(file, place)
    figures = {} if table is None else _read(table, place)
    if faults:
        raise InvalidCatalogue(faults, kind="retention")
    return Retention(**figures)


def _read(table: Mapping[str, Any], place: Place) -> dict[str, Any]:
    provenance(table, place)
    unknown_fields(table, dict.fromkeys(("periods", "limits", "kept", "provenance")), place)
    periods = entries(table, "periods", PERIOD, place)
    _all_named(periods, PERIODS, place)
    limits = entries(table, "limits", LIMIT, place)
    _all_named(limits, LIMITS, place)
    _all_named(entries(table, "kept", NEVER, place), KEPT, place)
    return {each.name: each.value for each in (*periods.sound, *limits.sound)}


def _all_named(found: Entries[Any], names: Sequence[str], place: Place) -> None:
    for name in names if found.readable else ():
        if name not in found.names:
            place.of(name).at("id").fault(got="no entry", expected="one entry for each kind of record")
