"""retention.toml: after how many days a pruning may remove a record of each kind, or why it never may, and limits."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final

from traffic_booking.adapters.data_files.tables import (
    Entries,
    Faults,
    Reader,
    Shape,
    entries,
    many,
    one_of,
    whole_number,
)
from traffic_booking.adapters.data_files.toml_files import NOTE, TITLE, DataFile, check_top, toml_table
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

_DAYS: Final = whole_number(partial(bounded_number, field="days", least=1, greatest=LONGEST_DAYS, unit="days"))
_MOST: Final = whole_number(partial(bounded_number, field="most", least=FEWEST_REFUSALS, greatest=MOST_REFUSALS))
_WHY: Final[Mapping[str, Reader]] = {"note": NOTE, "articles": many(TITLE, least=1)}


def _period(*, id: str, days: int, **_: Any) -> tuple[str, timedelta]:  # noqa: A002 - as the field of the file
    least = FEWEST_DAYS.get(id, 1)
    return id, timedelta(days=bounded_number(days, "days", least=least, greatest=LONGEST_DAYS, unit="days"))


def _limit(*, id: str, most: int, **_: Any) -> tuple[str, int]:  # noqa: A002 - as the field of the file
    return id, most


PERIOD: Final = Shape(
    _period,
    {"id": one_of({name: name for name in PERIODS}), "days": _DAYS, "after": TITLE, "removes": TITLE, **_WHY},
)
LIMIT: Final = Shape(_limit, {"id": one_of({name: name for name in LIMITS}), "most": _MOST, **_WHY})
NEVER: Final[Shape[dict[str, Any]]] = Shape(dict, {"id": one_of({name: name for name in KEPT}), **_WHY})


def read_retention_file(file: DataFile) -> Retention:
    """The periods that `file` holds. Raises `InvalidCatalogue` with every fault."""
    found: list[Fault] = []
    faults = Faults(file.name, found)
    table = toml_table(file, faults)
    figures: dict[str, Any] = {}
    if table is not None:
        check_top(table, ("periods", "limits", "kept"), faults)
        figures |= _all_named(entries(table, "periods", PERIOD, faults), PERIODS, faults).sound
        figures |= _all_named(entries(table, "limits", LIMIT, faults), LIMITS, faults).sound
        _all_named(entries(table, "kept", NEVER, faults), KEPT, faults)
    if found:
        raise InvalidCatalogue(found, kind="retention")
    return Retention(**figures)


def _all_named(found: Entries[Any], names: Sequence[str], faults: Faults) -> Entries[Any]:
    for name in names if found.readable else ():
        if name not in found.names:
            faults.add("id", got="no entry", expected="one entry for each kind of record", entry=name)
    return found
