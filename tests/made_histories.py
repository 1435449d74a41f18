"""Histories made without any desk: the model answers one request after another, and each answer gets a span of time.

Each effect has its moment. The call is some time before it, the end some time after it. So the operations overlap like
those of many callers, and the history is linearizable by construction.
"""

from datetime import timedelta
from functools import cache
from itertools import count

from attrs import evolve as copy_with

from tests import booking_model, bookings
from tests.calendars import PLAIN
from tests.cases import CLERK, slot_key
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import Booked, Cancelled, CheckedIn, Held, Moved, Refused
from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    HoldSlot,
    MoveAppointment,
)
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.rules.verdict import Verdict
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.testing import made_up_applicant
from traffic_booking.testing.histories.history import ExpireHolds, History, HoldsEnded, Operation

CAPACITY = 1
RULEBOOK = small_rulebook("test-1", **booking_model.FIGURES)
SLOTS = [("north", "renewal", 60), ("north", "transfer", 60), ("south", "transfer", 80), ("south", "renewal", 75)]


@cache
def key_of(slot):
    branch, service, start = slot
    return slot_key(branch, service, instant_of(start))


def instant_of(minute):
    return START + timedelta(minutes=minute)


CONFIGURATION = Configuration(small_catalogue(capacity=CAPACITY), RULEBOOK, BranchCalendars(PLAIN))
OFFERED = [slot for requested in SLOTS if (slot := CONFIGURATION.slot(key_of(requested)))]
LATEST = 20
"""The last minute of the clock of a made history: no rule about times refuses anything until then."""
GRANTS = {
    HoldSlot: (Held, AppointmentState.HELD),
    BookSlot: (Booked, AppointmentState.BOOKED),
    CancelAppointment: (Cancelled, AppointmentState.CANCELLED),
    MoveAppointment: (Moved, AppointmentState.BOOKED),
    CheckInApplicant: (CheckedIn, AppointmentState.CHECKED_IN),
}
BEAT = 10
"""From one effect to the next, in nanoseconds."""

person_of = cache(made_up_applicant)
number_of = cache(bookings.number)


def refused(*rules):
    return Refused(tuple(Verdict(rule, granted=False, statement=Bilingual("جملة", "a sentence")) for rule in rules))


class ModelDesk:
    """Sends requests to the model, and returns them with the outcomes that a desk would return."""

    def __init__(self):
        self.model = booking_model.BookingModel(CAPACITY)
        self.requests = count(1)
        self.made_at = {}
        self.names = {}

    def hold(self, person, slot):
        return self._seat(HoldSlot, person, slot, self.model.hold(person, person, slot))

    def book(self, person, slot):
        return self._seat(BookSlot, person, slot, self.model.book(person, person, slot, agreed=True), agreed=True)

    def cancel(self, actor, name):
        return self._of_appointment(CancelAppointment, actor, name, self.model.cancel(actor, name))

    def check_in(self, actor, name):
        return self._of_appointment(CheckInApplicant, actor, name, self.model.check_in(actor, name))

    def move(self, actor, name, slot):
        answer = self.model.move(actor, name, slot, agreed=True)
        return self._of_appointment(MoveAppointment, actor, name, answer, slot=key_of(slot), agreed=True)

    def _seat(self, kind, person, slot, answer, **more):
        requested = kind(
            request_id=f"r-{next(self.requests)}",
            actor=person_of(person),
            applicant=person_of(person),
            slot=key_of(slot),
            **more,
        )
        return requested, self._outcome(requested, answer)

    def _of_appointment(self, kind, actor, name, answer, **more):
        known = CLERK if actor == booking_model.CLERK else person_of(actor)
        requested = kind(request_id=f"r-{next(self.requests)}", actor=known, number=number_of(name + 1), **more)
        return requested, self._outcome(requested, answer)

    def _outcome(self, requested, answer):
        kind, detail = answer
        if kind == "refused":
            return refused(*detail)
        entry = self.model.entry(detail)
        self.names[number_of(detail + 1)] = detail
        if not (isinstance(requested, HoldSlot) or (isinstance(requested, MoveAppointment) and not entry["moved"])):
            self.made_at[detail] = self.model.now
        minute = self.made_at.setdefault(detail, self.model.now)
        result = granted(
            requested, detail + 1, minute, slot=entry["slot"], person=entry["person"], until=entry["until"]
        )
        return type(result)(copy_with(result.appointment, moves=entry["moves"]))


def granted(requested, serial, minute, *, slot=SLOTS[0], person=0, until=None):
    """The outcome of a desk for a request that it grants at that minute, for the appointment of that serial."""
    done, state = GRANTS[type(requested)]
    is_hold = done is Held
    return done(
        Appointment(
            number=number_of(serial),
            version=1,
            state=state,
            slot=key_of(slot),
            slot_ends_at=instant_of(slot[2] + booking_model.DURATIONS[slot[1]]),
            time_zone="Asia/Riyadh",
            applicant=person_of(person),
            rulebook="test-1",
            changed_at=instant_of(minute),
            hold_ends_at=instant_of(minute + booking_model.HOLD_MINUTES if until is None else until)
            if is_hold
            else None,
        )
    )


def made(moves, *, lost=frozenset()):
    """The history of these moves: (verb, person, slot, appointment, clock, before, after).

    First the clock goes on by `clock` minutes. The operation begins `before` nanoseconds before its effect, and ends
    `after` nanoseconds after it. The answers of the operations in the places `lost` are lost. No request names an
    appointment before a caller has received its number.
    """
    desk, spans, showed = ModelDesk(), [], [(0, START)]
    received: dict[int, int] = {}  # the model's name of an entry → when a caller first received it
    for place, (verb, who, slot, pick, minutes, before, after) in enumerate(moves):
        moment = (place + 1) * BEAT
        if minutes and desk.model.now + minutes <= LATEST:
            desk.model.now += minutes
            showed.append((moment - BEAT // 2, instant_of(desk.model.now)))
        known = [entry for entry in desk.model.entries if received.get(entry["name"], moment) < moment]
        entry = known[-1 - pick % len(known)] if known else None
        requested, result = _ask(desk, verb, who, SLOTS[slot], entry, by_owner=pick % 5 > 0)
        about = received[entry["name"]] if entry and hasattr(requested, "number") else 0
        spans.append((requested, None if place in lost else result, max(moment - before, about + 1), moment + after))
        if place not in lost and hasattr(result, "appointment"):
            name = desk.names[result.appointment.number]
            received[name] = min(moment + after, received.get(name, moment + after))
    return History.of(
        Operation(
            client=f"c-{place}",
            requested=requested,
            invoked=invoked,
            earliest=_shown(showed, invoked),
            ended=None if place in lost else ended,
            latest=None if place in lost else _shown(showed, ended),
            result=result,
        )
        for place, (requested, result, invoked, ended) in enumerate(spans)
    )


def _ask(desk, verb, who, slot, entry, *, by_owner):
    if verb == "sweep":
        return ExpireHolds(100), HoldsEnded(0)
    if entry and verb == "cancel":
        return desk.cancel(entry["person"] if by_owner else who, entry["name"])
    if entry and verb == "move":
        return desk.move(entry["person"] if by_owner else who, entry["name"], slot)
    if entry and verb == "check in" and entry["slot"][2] == 60:
        return desk.check_in(booking_model.CLERK, entry["name"])
    return desk.hold(who, slot) if verb in {"hold", "check in"} else desk.book(who, slot)


def _shown(showed, moment):
    return [instant for since, instant in showed if since <= moment or since == 0][-1]


def with_result(history, place, result):
    """The same history with another answer in one place."""
    operations = list(history.operations)
    operations[place] = copy_with(operations[place], result=result)
    return History(tuple(operations))


def mutants(history):
    """(the change, the history with that one change), for every change that a lone caller would notice."""
    for place, operation in enumerate(history.operations):
        requested, result = operation.requested, operation.result
        if isinstance(result, Refused):
            rules = {verdict.rule_id for verdict in result.verdicts}
            yield "a refusal granted", with_result(history, place, _granted(operation))
            for rule in _rules(requested):
                yield "another rule", with_result(history, place, refused(*(rules ^ {rule})))
        elif isinstance(result, Held | Booked | Cancelled | Moved | CheckedIn):
            one = result.appointment
            for rule in _rules(requested):
                yield "a grant refused", with_result(history, place, refused(rule))
            late = copy_with(one, changed_at=one.changed_at + timedelta(minutes=30))
            other = copy_with(one, number=number_of(10_000))
            expired = copy_with(one, state=AppointmentState.EXPIRED)
            yield "another state", with_result(history, place, type(result)(expired))
            if isinstance(result, Moved):
                yield "another count of moves", with_result(history, place, Moved(copy_with(one, moves=one.moves + 1)))
            elif not isinstance(result, Held):
                yield "decided at another time", with_result(history, place, type(result)(late))
            if not isinstance(requested, BookSlot | HoldSlot):
                yield "another appointment", with_result(history, place, type(result)(other))


def _rules(requested):
    match requested:
        case HoldSlot():
            return ("BK-05", "BK-07", "BK-08", "BK-09", "HD-01")
        case BookSlot():
            return ("BK-05", "BK-07", "BK-08", "BK-09")
        case CancelAppointment():
            return ("CN-01", "CN-02")
        case MoveAppointment():
            return ("BK-05", "BK-07", "BK-08", "BK-09", "MV-01", "MV-02", "MV-03")
        case _:
            return ("AT-01", "AT-02")


def _granted(operation):
    """A grant without a reason."""
    requested = operation.requested
    minute = round((operation.earliest - START) / timedelta(minutes=1))
    if isinstance(requested, CancelAppointment | CheckInApplicant | MoveAppointment):
        result = granted(requested, 10_001, minute)
        return type(result)(copy_with(result.appointment, number=requested.number))
    slot = next(slot for slot in SLOTS if key_of(slot) == requested.slot)
    result = granted(requested, 10_001, minute, slot=slot)
    return type(result)(copy_with(result.appointment, applicant=requested.applicant))
