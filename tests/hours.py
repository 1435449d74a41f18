"""Hours at which the pages and the walks have to work: what is free, and what the rules allow, depends on the hour."""

from datetime import UTC, datetime

import pytest

_HOURS = {
    "night": datetime(2026, 11, 22, 22, 30, tzinfo=UTC),
    "ten on a working day": datetime(2026, 11, 22, 7, tzinfo=UTC),
    "weekend": datetime(2026, 11, 27, 9, tzinfo=UTC),
    "the day before a holiday": datetime(2027, 3, 3, 9, tzinfo=UTC),
}
"""In Riyadh 01:30, 10:00 and 12:00; the holiday is that of Eid al-Fitr, eleven days long with its weekends."""

at_any_hour = pytest.mark.parametrize(
    "now",
    [pytest.param(now, id=name, marks=() if name == "night" else pytest.mark.long) for name, now in _HOURS.items()],
)
"""The test runs at each hour: at night in `make test`, at the others in `make test-long`."""
