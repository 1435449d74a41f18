"""Requests drawn from a seed, the same each time: to be sent, lost, and sent again by any caller."""

from datetime import datetime, timedelta
from random import Random
from typing import Final

from attrs import frozen

from tests.bookings import slot
from tests.calendars import PLAIN
from tests.small_town import RETENTION, START, small_catalogue, small_rulebook
from traffic_booking import Clerk, DeskParts, PersonId
from traffic_booking.adapters.numbering import RandomNumbering
from traffic_booking.application._sync.desk import Desk
from traffic_booking.domain.appointments.numbers import SERIALS, AppointmentNumber, compose
from traffic_booking.domain.decisions.outcomes import Outcome, Throttled
from traffic_booking.domain.places.geography import BranchCode
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.ports.numbering import Numbering
from traffic_booking.ports.store import Store
from traffic_booking.testing import MovableClock, made_up_person

CAPACITY: Final = 400
FOLLOWED_UP: Final = 0.4
LOOK_BACK: Final = 12
SLOTS: Final = tuple(
    slot(hours, service, branch)
    for hours, service, branch in [
        (25, "renewal", "north"),
        (25.25, "renewal", "north"),
        (25, "transfer", "north"),
        (25, "transfer", "south"),
        (26, "renewal", "south"),
        (49, "renewal", "north"),
    ]
)
CLERK: Final = Clerk("counter-3")


class NothingThereError(Exception):
    """The request is about an appointment that doesn't exist, so there is nothing to send."""


@frozen
class Request:
    """One request: its kind, for the person of that serial."""

    serial: int
    kind: str
    person: int
    slot: SlotKey

    @property
    def request_id(self) -> str:
        """The id under which it is sent, and sent again."""
        return f"request-{self.serial}"

    @property
    def applicant(self) -> PersonId:
        """The person of the request."""
        return made_up_person(self.person)

    def send(self, desk: Desk) -> Outcome:
        """The desk's outcome. A cancellation is of the person's latest appointment, whatever its number."""
        outcome = self._sent(desk)
        assert not isinstance(outcome, Throttled), "nobody asks that often"
        return outcome

    def _sent(self, desk: Desk) -> Outcome | Throttled:
        person = self.applicant
        match self.kind:
            case "hold":
                return desk.hold(self.slot, applicant=person, request_id=self.request_id)
            case "cancel":
                found = AppointmentBook(desk.store).appointments_of(person, limit=1)
                if not found:
                    raise NothingThereError
                return desk.cancel(found[0].number, by=CLERK, request_id=self.request_id)
            case _:
                return desk.book(self.slot, applicant=person, agreed=True, request_id=self.request_id)


def requests_of(seed: int, number: int) -> list[Request]:
    """That many requests: of people who hold or book once, and then book their hold, cancel, or do nothing more."""
    drawn = Random(f"{seed} requests")
    made: list[Request] = []
    unfinished: list[Request] = []
    for serial in range(number):
        if unfinished and drawn.random() < FOLLOWED_UP:
            first = unfinished.pop(drawn.randrange(max(0, len(unfinished) - LOOK_BACK), len(unfinished)))
            kind = "cancel" if first.kind == "book" else drawn.choice(["book", "book", "cancel"])
            made.append(Request(serial, kind, first.person, first.slot))
        else:
            made.append(Request(serial, drawn.choice(["hold", "book", "book"]), serial, drawn.choice(SLOTS)))
            unfinished.append(made[-1])
    return made


def now_at(request: Request) -> datetime:
    """When a request is first sent: one every five seconds."""
    return START + timedelta(seconds=5 * request.serial)


class SeededNumbers:
    """The same numbers for the same seed, so that a file grows in the same way."""

    def __init__(self, seed: float | str) -> None:
        self._drawn = Random(f"{seed} numbers")

    def draw(self, code: BranchCode) -> AppointmentNumber:
        """The next one."""
        while True:
            number = compose(code, self._drawn.randrange(SERIALS))
            if number is not None:
                return number


def busy_desk(store: Store, *, capacity: int = CAPACITY, numbering: Numbering | None = None) -> Desk:
    """A desk of the small town with seats for all people."""
    return Desk(
        DeskParts(
            store=store,
            clock=MovableClock(START),
            catalogue=small_catalogue(capacity=capacity),
            rulebook=small_rulebook(),
            calendar=PLAIN,
            numbering=numbering or RandomNumbering(),
            tickets={},
            retention=RETENTION,
        )
    )
