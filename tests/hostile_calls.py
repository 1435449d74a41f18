"""Calls as a careless or hostile caller makes them; the values are in `tests/hostile_values.py`."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final

from tests.bookings import slot
from tests.hostile_values import NAIVE, Zone, past
from tests.people import ME, YOU
from tests.small_town import START
from traffic_booking import Assertions, Clerk, Delegate, NationalId, PersonId, SlotKey, Withdrawal
from traffic_booking.testing import made_up_person

STAFF: Final = Clerk("desk-1")
HOURS: Final = timedelta(hours=30)
WITHDRAWAL: Final = Withdrawal("x")
MILLION: Final = 10**6
ANY_KEY: Final[Any] = SlotKey

Call = Callable[[Any, int], object]
"""Takes a desk, of any type because most calls are wrong, and a number of its own."""


class Silent(NationalId):
    """An id that can't be revealed."""

    def reveal(self) -> str:
        raise RuntimeError("revealed")


class Another(NationalId):
    """An id that is revealed as another text."""

    def reveal(self) -> str:
        return "\ud800"


class Everybody(NationalId):
    """An id that equals every other."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1


class LateClerk(Clerk):
    """A clerk without a name."""

    @property
    def id(self) -> str:
        raise RuntimeError("named")


def book(at: object = None, **given: Any) -> Call:
    """A booking that is right except for the given values."""

    def call(desk: Any, place: int) -> object:
        applicant = given.get("applicant", made_up_person(10_000 + place))
        who = applicant(place) if isinstance(applicant, type) else applicant
        by = given.get("by")
        others = {name: value for name, value in given.items() if name not in {"applicant", "by"}}
        whole: dict[str, Any] = {"request_id": f"hostile-{place}", "agreed": True} | others
        chosen: Any = slot(30) if at is None else at
        return desk.book(chosen, applicant=who, by=by(made_up_person(10_000 + place)) if callable(by) else by, **whole)

    return call


def cancel(given: object, by: object = ME) -> Call:
    """A cancellation."""
    return lambda desk, place: desk.cancel(given, by=by, request_id=f"c-{place}")


def declare(reason: object, record: object = WITHDRAWAL) -> Call:
    """A declaration."""
    return lambda desk, place: desk.calendar.declare(record, reason=reason, by=STAFF, request_id=f"d-{place}")


def feed(**given: object) -> Call:
    """A page of the feed."""
    return lambda desk, _: desk.feed(**given)


def made(kind: type[NationalId]) -> type:
    """The id of the attacker, as a subclass."""
    return type(kind.__name__, (), {"__new__": lambda _, place: kind(made_up_person(10_000 + place).reveal())})


def unchecked_assertions(**values: object) -> Any:
    """Assertions that have passed no constructor."""
    whole: dict[str, Any] = {"checked_at": START, "birth_date": None, "expires_on": None, "met": frozenset()}
    return past(Assertions, **(whole | values))


def delegate(**values: object) -> Callable[[PersonId], Any]:
    """A delegate who has passed no constructor, for the attacker."""
    whole = {"person": YOU, "services": frozenset({"renewal"}), "until": START + HOURS}
    return lambda me: past(Delegate, **({"applicant": me} | whole | values))


def a_million_conditions(desk: Any, place: int) -> object:
    """They are refused by the constructor."""
    return book(assertions=Assertions(checked_at=START, met=conditions()))(desk, place)


def a_million_conditions_unchecked(desk: Any, place: int) -> object:
    """They are refused by the desk."""
    return book(assertions=unchecked_assertions(met=frozenset(conditions())))(desk, place)


def conditions() -> Iterator[str]:
    """A million conditions."""
    return (f"c{place}" for place in range(MILLION))


def in_zone(offset: Callable[[], Any]) -> Call:
    """A booking of a slot in a zone with that offset."""

    def call(desk: Any, place: int) -> object:
        return book(at=ANY_KEY("north", "renewal", NAIVE.replace(tzinfo=Zone(offset))))(desk, place)

    return call
