"""Desks, a clock, a store with faults and several callers, all drawn from one seed and run turn by turn.

The same seed gives the same trace, so that a failure can be repeated. A trace shows no subject of a person: desks draw
them at random. Callers of one desk wait in line there, as threads of one server do; each desk is a server of its own.
Each call of the store hands the turn over before and after it.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from random import Random
from typing import Final

from attrs import field, frozen

from traffic_booking.application._sync.desk import Desk
from traffic_booking.application._sync.office import Office
from traffic_booking.application.group_commit import GroupCommit
from traffic_booking.application.parts import DeskParts
from traffic_booking.application.pending_requests import PendingRequest
from traffic_booking.domain.appointments.numbers import AppointmentNumber, compose
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.outcomes import Booked, Declared, Held, Moved, Outcome, Refused, Throttled
from traffic_booking.domain.errors import InvalidInput, StoreError
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.actors import Clerk, Requester
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.places.geography import BranchCode
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.schedule.working_calendar import WorkingCalendar
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.ports.store import Store
from traffic_booking.testing.samples.desk import RETENTION, SampleNumbers
from traffic_booking.testing.samples.people import MovableClock
from traffic_booking.testing.simulation.faulty_store import FaultyStore, StoreCall, StoreFault, seeded_faults
from traffic_booking.testing.simulation.invariants import ALL_OF_A_STORE, Limits, Watched, broken_invariants
from traffic_booking.testing.simulation.turns import Turns

MOST_SENDINGS: Final = 100
"""How often a caller sends one request; with a share of faults near 1 even that may not be enough."""
SHOWN_STEPS: Final = 20
CLERK: Final = Clerk("counter-1")

# The verbs of callers, the likelier the oftener; and by how many minutes the clock goes on before each.
VERBS: Final = ("hold", "hold", "book", "book", "book", "cancel", "move", "check in", "sweep")
PAUSES_MINUTES: Final = (0, 0, 0, 1, 4, 11)


class SimulationError(AssertionError):
    """The state of a simulation is wrong.

    `broken` has a sentence for each fault, and `trace` the steps that led to it; `seed` repeats them.
    """

    def __init__(self, seed: int, broken: Sequence[str], trace: Sequence[str]) -> None:
        self.seed = seed
        self.broken = tuple(broken)
        self.trace = tuple(trace)
        last = self.trace[-SHOWN_STEPS:]
        super().__init__("\n".join([f"seed {seed}:", *self.broken, f"the last {len(last)} steps:", *last]))


@frozen(kw_only=True)
class Simulation:
    """Callers that hold, book, cancel, move, check in and sweep, for few people and few slots of the catalogue.

    `limits` are those of the rulebook, stated a second time, so that a wrong rulebook shows. About the share `faults`
    (0 to 1) of all calls of the store fails or is delayed. Every caller sends each of its `requests` until it has an
    answer, and some of them once more.

    Example: `Simulation(seed=7, catalogue=…, rulebook=…, calendar=…, slots=…, people=…, limits=…, start=…).run(store)`.
    """

    seed: int
    catalogue: Catalogue
    rulebook: Rulebook
    calendar: WorkingCalendar
    slots: tuple[SlotKey, ...]
    people: tuple[PersonId, ...]
    limits: Limits
    start: datetime = field(converter=instant)
    callers: int = 6
    desks: int = 3
    requests: int = 8
    faults: float = 0.2

    def run(self, store: Store) -> tuple[str, ...]:
        """Run on `store`, which has to be empty, and return the trace of all steps.

        Raises:
            SimulationError: if after any turn an invariant is broken (`broken_invariants`), if a request gets two
                answers, or if an appointment is stored that no answer has.

        Example: `trace = simulation.run(MemoryStore())`.
        """
        return _Run(self, store).trace()

    def watched(self) -> Watched:
        """The scope of the invariants: the slots with their capacities and pools, and the limits.

        Raises:
            InvalidInput: if a slot is in no timetable.

        Example: `broken_invariants(store, simulation.watched(), clock.now())`.
        """
        configuration = Configuration(self.catalogue, self.rulebook, BranchCalendars(self.calendar))
        capacities, pools = {}, {}
        for key in self.slots:
            slot = configuration.slot(key)
            if slot is None:
                raise InvalidInput("slots", got=f"{key.starts_at.isoformat()}", expected="slots of the timetable")
            capacities[key] = slot.capacity
            if slot.pool is not None:
                pools[key] = slot.pool
        return Watched(capacities=capacities, limits=self.limits, pools=pools)


@frozen(eq=False)
class _Request:
    request_id: str
    text: str
    person: PersonId
    send: Callable[[Desk], Outcome | Throttled]


class _Run:
    def __init__(self, simulation: Simulation, store: Store) -> None:
        self._simulation = simulation
        self._store = store
        self._watched = simulation.watched()
        self._trace: list[str] = []
        self._clock = MovableClock(simulation.start)
        self._turns = Turns(simulation.seed)
        self._fault_of = seeded_faults(simulation.seed, share=simulation.faults)
        # Few enough serials that some are drawn twice.
        self._numbers = SampleNumbers(simulation.seed, serials=8 * simulation.callers * simulation.requests)
        self._booked: list[tuple[AppointmentNumber, PersonId]] = []
        self._applicants: dict[PersonId, Applicant] = {}
        self._answers: dict[str, tuple[_Request, Outcome]] = {}

    def trace(self) -> tuple[str, ...]:
        faulty = FaultyStore(self._store, self._plan, hand_over=self._turns.hand_over)
        desks = [self._desk(faulty) for _ in range(self._simulation.desks)]
        callers = {
            f"caller {place}": partial(self._call, place, desks[place % len(desks)])
            for place in range(1, self._simulation.callers + 1)
        }
        self._turns.run(callers, after_each=self._check)
        self._check_answers()
        return tuple(self._trace)

    def _plan(self, call: StoreCall) -> StoreFault:
        fault = self._fault_of(call) or StoreFault.DELAYS
        self._note(call.verb if fault is StoreFault.DELAYS else f"{call.verb} {fault}")
        return fault

    def _call(self, place: int, desk: Desk) -> None:
        drawn = Random(f"{self._simulation.seed} caller {place}")  # noqa: S311 - to be drawn again, not to be secret
        for serial in range(1, self._simulation.requests + 1):
            minutes, verb = drawn.choice(PAUSES_MINUTES), drawn.choice(VERBS)
            if minutes:
                self._clock.advance(timedelta(minutes=minutes))
                self._note(f"it is {self._clock.now():%d %H:%M}")
            if verb == "sweep":
                self._sweep(desk)
                continue
            request = self._drawn(drawn, verb, f"request-{place}.{serial}")
            self._send(desk, request)
            if drawn.random() < 0.3:
                self._send(desk, request)

    def _drawn(self, drawn: Random, verb: str, request_id: str) -> _Request:
        person = drawn.choice(self._simulation.people)
        slot = drawn.choice(self._simulation.slots)
        number, owner = drawn.choice(self._booked or [(_number_of_nobody(), person)])
        by: Requester | None = drawn.choice([None, None, CLERK])
        at = f"{slot.service} at {slot.branch} on {slot.starts_at:%d %H:%M}"
        of_person = f"for person {self._simulation.people.index(person) + 1}, {at}"
        sends: dict[str, Callable[[Desk], Outcome | Throttled]] = {
            "hold": lambda desk: desk.hold(slot, applicant=person, by=by, request_id=request_id),
            "book": lambda desk: desk.book(slot, applicant=person, agreed=True, by=by, request_id=request_id),
            "cancel": lambda desk: desk.cancel(number, by=by or owner, request_id=request_id),
            "move": lambda desk: desk.move(number, slot, by=by or owner, agreed=True, request_id=request_id),
            "check in": lambda desk: desk.gate.check_in(number, by=CLERK, request_id=request_id),
        }
        text = {"hold": of_person, "book": of_person, "move": f"{number} to {at}"}.get(verb, number)
        whose = person if verb in {"hold", "book"} else owner
        return _Request(request_id, f"{verb} {text}", whose, sends[verb])

    def _send(self, desk: Desk, request: _Request) -> None:
        for _ in range(MOST_SENDINGS):
            self._note(f"{request.request_id}: {request.text}")
            try:
                outcome = request.send(desk)
            except StoreError as error:
                self._note(f"{request.request_id}: {type(error).__name__}")
            else:
                self._check_answer(request, outcome)
                return
        self._fail([f"{request.request_id}: no answer to {MOST_SENDINGS} sendings; expected one"])

    def _check_answer(self, request: _Request, outcome: Outcome | Throttled) -> None:
        """Each sending of a request has the same answer, a person has one subject, and a subject is one person's."""
        assert not isinstance(outcome, Throttled), "nobody sends so many requests"
        self._note(f"{request.request_id}: {_text(outcome)}")
        _, first = self._answers.setdefault(request.request_id, (request, outcome))
        if outcome != first:
            self._fail([f"{request.request_id}: {_text(outcome)}; expected the first answer, {_text(first)}"])
        if isinstance(outcome, Held | Booked):
            self._booked.append((outcome.appointment.number, request.person))
        if not isinstance(outcome, Refused | Declared):
            applicant = outcome.appointment.applicant
            registered = self._applicants.setdefault(request.person, applicant)
            if registered != applicant or len(set(self._applicants.values())) < len(self._applicants):
                self._fail([f"{request.request_id}: an appointment of another subject; expected that of its person"])

    def _sweep(self, desk: Desk) -> None:
        self._note("sweep")
        try:
            self._note(f"swept {desk.maintenance.expire_holds()}")
        except StoreError as error:
            self._note(type(error).__name__)

    def _check(self) -> None:
        broken = broken_invariants(self._store, self._watched, self._clock.now())
        if broken:
            self._fail(broken)

    def _check_answers(self) -> None:
        """At the end each request still has its one answer, and every stored appointment is in an answer."""
        desk = self._desk(self._store)
        for request, outcome in list(self._answers.values()):
            self._note(f"{request.request_id}: {request.text}, once more")
            self._check_answer(request, request.send(desk))
            assert self._answers[request.request_id][1] == outcome
        self._check()
        answered = {number for number, _ in self._booked}
        for one in AppointmentBook(self._store).stored_appointments(after=None, limit=ALL_OF_A_STORE):
            if one.number not in answered:
                self._fail([f"{one.number}: stored, but in no answer; expected appointments of answers only"])

    def _desk(self, store: Store) -> Desk:
        return _SimulatedDesk(
            self._turns,
            DeskParts(
                store=store,
                clock=self._clock,
                catalogue=self._simulation.catalogue,
                rulebook=self._simulation.rulebook,
                calendar=self._simulation.calendar,
                numbering=self._numbers,
                tickets={},
                retention=RETENTION,
            ),
        )

    def _note(self, text: str) -> None:
        self._trace.append(f"{len(self._trace):05} {self._turns.whose or 'at the end'}: {text}")

    def _fail(self, broken: Sequence[str]) -> None:
        raise SimulationError(self._simulation.seed, broken, self._trace)


class _SimulatedDesk(Desk):
    """A desk whose callers wait at locks of the simulation."""

    def __init__(self, turns: Turns, parts: DeskParts[Store]) -> None:
        self._turns = turns
        super().__init__(parts)

    def _new_office(self, parts: DeskParts[Store]) -> Office:
        return _SimulatedOffice(self._turns, parts)


class _SimulatedOffice(Office):
    def __init__(self, turns: Turns, parts: DeskParts[Store]) -> None:
        self._turns = turns
        super().__init__(parts)

    def _new_lock(self) -> AbstractContextManager[object]:
        return self._turns.lock()

    def _new_group_commit(self) -> GroupCommit[PendingRequest]:
        return GroupCommit(self.execute_batch, new_lock=self._turns.lock)


def _number_of_nobody() -> AppointmentNumber:
    return next(filter(None, (compose(BranchCode("ZZZ"), serial) for serial in count())))


def _text(outcome: Outcome) -> str:
    match outcome:
        case Refused(verdicts):
            return "refused by " + " ".join(verdict.rule_id for verdict in verdicts)
        case Declared(entry):
            return f"declared as entry {entry.number}"
        case granted:
            one = granted.appointment
            verb = "moved" if isinstance(granted, Moved) else one.state
            return f"{verb} {one.number} version {one.version}"
