"""Retention: for each kind of record, the period after which a pruning may remove it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from attrs import Attribute, field, fields

from traffic_booking.domain.appointments.states import LONGEST_LOOK_BACK
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.values import frozen

LONGEST_DAYS: Final = 36_525
"""The longest period, a hundred years; the shortest is one day."""

FEWEST_REFUSALS: Final = 10
MOST_REFUSALS: Final = 10_000

FEWEST_DAYS: Final = {"appointments": LONGEST_LOOK_BACK.days + 1}
"""Longer least periods: rules read past appointments."""

KEPT: Final = (
    "calendar_entries",
    "calendars",
    "counters",
    "wordings",
    "person_keys",
    "erasures",
    "upkeep",
    "installations",
    "questions",
)
"""The kinds that a pruning never removes: none names an applicant, and audits compare other records with them."""


def _check(_: object, attribute: "Attribute[timedelta]", value: object) -> None:
    fewest = FEWEST_DAYS.get(attribute.name, 1)
    if type(value) is timedelta and timedelta(days=fewest) <= value <= timedelta(days=LONGEST_DAYS):
        return
    got = str(value) if type(value) is timedelta else type(value).__name__
    raise InvalidInput(attribute.name, got=got, expected=f"a timedelta of {fewest} to {LONGEST_DAYS} days")


def _check_number(_: object, attribute: "Attribute[int]", value: object) -> None:
    bounded_number(value, attribute.name, least=FEWEST_REFUSALS, greatest=MOST_REFUSALS)


@frozen(kw_only=True)
class Retention:
    """The periods, each a timedelta of 1 day to 100 years, and the most stored refusals of one actor.

    - `appointments` (367 days or more, since rules look back 366): from the end of an appointment's slot; removes the
      appointment, its events, the answers to its requests and their assertions;
    - `refusals`: from the day (UTC) of a refusal; removes its answer and its log entry;
    - `assertions`: from the decision that used them;
    - `persons`: from a person's registration, once they have no appointment, assertions or sessions; removes the
      person's two records, the account, its user name and the count of failed sign-ins. An account alone keeps nobody;
    - `attempts`: from the last failure to sign in; no lock lasts longer than the shortest period;
    - `codes`: from the use of a visual code;
    - `sessions`: from the end of a session; until then its device is known, and strangers can't lock it;
    - `reveals`: from the day (UTC) on which an id was revealed; removes the log entry.

    `refusals_per_minute` (10 to 10,000) bounds the stored refusals of one actor.

    Raises:
        InvalidInput: a value is out of bounds.
    """

    appointments: timedelta = field(validator=_check)
    refusals: timedelta = field(validator=_check)
    assertions: timedelta = field(validator=_check)
    persons: timedelta = field(validator=_check)
    attempts: timedelta = field(validator=_check)
    codes: timedelta = field(validator=_check)
    sessions: timedelta = field(validator=_check)
    reveals: timedelta = field(validator=_check)
    refusals_per_minute: int = field(validator=_check_number)

    @property
    def periods(self) -> Mapping[str, timedelta]:
        """The periods by their names."""
        return {name: getattr(self, name) for name in PERIODS}


PERIODS: Final = tuple(each.name for each in fields(Retention) if each.type is timedelta)
"""The names of the periods, in the order of `Retention`."""

LIMITS: Final = ("refusals_per_minute",)
"""The names of the other figures."""
