"""Facts about an applicant that the host vouches for: the library can't read the official registers."""

from datetime import date, datetime

from attrs import evolve as copy_with
from attrs import field
from attrs.converters import optional

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import FIRST_YEAR, LAST_YEAR, instant, plain_date
from traffic_booking.domain.places.services import MOST_CONDITIONS
from traffic_booking.domain.text_input import slug
from traffic_booking.domain.value_input import bounded_list, remade
from traffic_booking.domain.values import frozen


def _day(day: date) -> date:
    plain = plain_date(day, "day")
    if not FIRST_YEAR <= plain.year <= LAST_YEAR:
        raise InvalidInput("day", got=f"the year {plain.year}", expected=f"{FIRST_YEAR} to {LAST_YEAR}")
    return plain


def _met(conditions: object) -> frozenset[str]:
    return frozenset(slug(each, "condition") for each in bounded_list(conditions, "met", most=MOST_CONDITIONS))


@frozen(kw_only=True)
class Assertions:
    """The facts that the host has checked about an applicant, at `checked_at` (UTC).

    `birth_date` and `expires_on` (the last day of the document that the service renews) are Gregorian days, None if
    unchecked. `met` contains the ids of the service's conditions that are met. `repr` omits the dates.
    """

    checked_at: datetime = field(converter=instant)
    birth_date: date | None = field(default=None, converter=optional(_day), repr=False)
    expires_on: date | None = field(default=None, converter=optional(_day), repr=False)
    met: frozenset[str] = field(default=frozenset(), converter=_met)


def vouched(assertions: object) -> Assertions | None:
    """A checked copy of `assertions`, or None. Raises `InvalidInput` for anything else."""
    if assertions is None:
        return None
    if type(assertions) is Assertions:
        return remade("assertions", lambda: copy_with(assertions))
    raise InvalidInput("assertions", got=type(assertions).__name__, expected="Assertions or None")
