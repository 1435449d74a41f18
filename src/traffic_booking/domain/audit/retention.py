"""How long stored records are kept: the period after which a pruning may remove a record of each kind."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from attrs import Attribute, field, fields, frozen

from traffic_booking.domain.appointments.person_state import LONGEST_LOOK_BACK
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.number_input import bounded_number

LONGEST_DAYS: Final = 36_525
"""A hundred years; the shortest period is one day."""

FEWEST_REFUSALS: Final = 10
MOST_REFUSALS: Final = 10_000

FEWEST_DAYS: Final = {"appointments": LONGEST_LOOK_BACK.days + 1}
"""Of the periods that last longer than a day at least: rules look back on appointments."""

KEPT: Final = ("calendar_entries", "calendars", "counters", "wordings", "person_keys", "upkeep")
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
    """The periods, each a timedelta of 1 day to 100 years, and what one actor may cause to be stored.

    Raises `InvalidInput` for a value out of bounds. The periods:

    - `appointments` (367 days or more, since rules look back 366): after the end of an appointment's slot: the
      appointment, its events, the answers to its requests and their assertions;
    - `refusals`: after the day (UTC) on which a request was refused: its answer and its log entry;
    - `assertions`: after the decision that used them;
    - `persons`: after a person was registered, once no appointment and no assertions of theirs are left: the person's
      two records, the account and the count of failed sign-ins. An account alone keeps nobody;
    - `attempts`: after the last failure to sign in; no lock lasts longer than the shortest period;
    - `codes`: after a visual code was used;
    - `reveals`: after the day (UTC) on which an id was revealed: the log entry.

    At most `refusals_per_minute` (10 to 10,000) requests of one actor are refused, and so written down, in a minute.
    """

    appointments: timedelta = field(validator=_check)
    refusals: timedelta = field(validator=_check)
    assertions: timedelta = field(validator=_check)
    persons: timedelta = field(validator=_check)
    attempts: timedelta = field(validator=_check)
    codes: timedelta = field(validator=_check)
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
