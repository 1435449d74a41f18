"""Histories made without any desk: the model answers one request after another, and each answer gets a span of time.

An effect has its moment; the call lies some time before it and the end some time after, so that operations overlap as
those of many callers do, and the history is right by the way it was made.
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
from traffic_booking.domain.appointments.appointment import Appointment, AppointmentState
from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    HoldSlot,
    MoveAppointment,
)
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
OFFERED = [slot for asked in SLOTS if (slot := CONFIGURATION.slot(key_of(asked)))]
LATEST = 20
"""The last minute that the clock of a made history shows: no rule about times says anything before it."""
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


class Teller:
    """Asks the model, and tells what a desk would tell."""

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
        asked = kind(
            request_id=f"r-{next(self.requests)}",
            actor=person_of(person),
            applicant=person_of(person),
            slot=key_of(slot),
            **more,
        )
        return asked, self._told(asked, answer)

    def _of_appointment(self, kind, actor, name, answer, **more):
        known = CLERK if actor == booking_model.CLERK else person_of(actor)
        asked = kind(request_id=f"r-{next(self.requests)}", actor=known, number=number_of(name + 1), **more)
        return asked, self._told(asked, answer)

    def _told(self, asked, answer):
        kind, detail = answer
        if kind == "refused":
            return refused(*detail)
        entry = self.model.entry(detail)
        self.names[number_of(detail + 1)] = detail
        if not (isinstance(asked, HoldSlot) or (isinstance(asked, MoveAppointment) and not entry["moved"])):
            self.made_at[detail] = self.model.now
        minute = self.made_at.setdefault(detail, self.model.now)
        told = granted(asked, detail + 1, minute, slot=entry["slot"], person=entry["person"], until=entry["until"])
        return type(told)(copy_with(told.appointment, moves=entry["moves"]))


def granted(asked, serial, minute, *, slot=SLOTS[0], person=0, until=None):
    """What a desk tells of a request that it grants at that minute, for the appointment of that serial."""
    done, state = GRANTS[type(asked)]
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
    """The history of these moves: (verb, who, which slot, which appointment, clock, before, after).

    `clock` is by how many minutes the clock goes on first, `before` and `after` how long the operation is under way, in
    nanoseconds. The places in `lost` are of operations whose answer nobody heard. Nobody asks about an appointment
    before somebody was told of it.
    """
    teller, spans, showed = Teller(), [], [(0, START)]
    heard: dict[int, int] = {}  # the model's name of an entry → when somebody was first told of it
    for place, (verb, who, slot, pick, minutes, before, after) in enumerate(moves):
        moment = (place + 1) * BEAT
        if minutes and teller.model.now + minutes <= LATEST:
            teller.model.now += minutes
            showed.append((moment - BEAT // 2, instant_of(teller.model.now)))
        known = [entry for entry in teller.model.entries if heard.get(entry["name"], moment) < moment]
        entry = known[-1 - pick % len(known)] if known else None
        asked, told = _ask(teller, verb, who, SLOTS[slot], entry, by_owner=pick % 5 > 0)
        about = heard[entry["name"]] if entry and hasattr(asked, "number") else 0
        spans.append((asked, None if place in lost else told, max(moment - before, about + 1), moment + after))
        if place not in lost and hasattr(told, "appointment"):
            name = teller.names[told.appointment.number]
            heard[name] = min(moment + after, heard.get(name, moment + after))
    return History.of(
        Operation(
            client=f"c-{place}",
            requested=asked,
            invoked=invoked,
            earliest=_shown(showed, invoked),
            ended=None if place in lost else ended,
            latest=None if place in lost else _shown(showed, ended),
            result=told,
        )
        for place, (asked, told, invoked, ended) in enumerate(spans)
    )


def _ask(teller, verb, who, slot, entry, *, by_owner):
    if verb == "sweep":
        return ExpireHolds(100), HoldsEnded(0)
    if entry and verb == "cancel":
        return teller.cancel(entry["person"] if by_owner else who, entry["name"])
    if entry and verb == "move":
        return teller.move(entry["person"] if by_owner else who, entry["name"], slot)
    if entry and verb == "check in" and entry["slot"][2] == 60:
        return teller.check_in(booking_model.CLERK, entry["name"])
    return teller.hold(who, slot) if verb in {"hold", "check in"} else teller.book(who, slot)


def _shown(showed, moment):
    return [instant for since, instant in showed if since <= moment or since == 0][-1]


def with_told(history, place, told):
    """The same history, but for one answer."""
    operations = list(history.operations)
    operations[place] = copy_with(operations[place], result=told)
    return History(tuple(operations))


def mutants(history):
    """(what was changed, the history with that one change), for every change that a lone caller would notice."""
    for place, operation in enumerate(history.operations):
        asked, told = operation.requested, operation.result
        if isinstance(told, Refused):
            rules = {verdict.rule_id for verdict in told.verdicts}
            yield "a refusal granted", with_told(history, place, _granted(operation))
            for rule in _rules(asked):
                yield "another rule", with_told(history, place, refused(*(rules ^ {rule})))
        elif isinstance(told, Held | Booked | Cancelled | Moved | CheckedIn):
            one = told.appointment
            for rule in _rules(asked):
                yield "a grant refused", with_told(history, place, refused(rule))
            late = copy_with(one, changed_at=one.changed_at + timedelta(minutes=30))
            other = copy_with(one, number=number_of(10_000))
            expired = copy_with(one, state=AppointmentState.EXPIRED)
            yield "another state", with_told(history, place, type(told)(expired))
            if isinstance(told, Moved):
                yield "another count of moves", with_told(history, place, Moved(copy_with(one, moves=one.moves + 1)))
            elif not isinstance(told, Held):
                yield "decided at another time", with_told(history, place, type(told)(late))
            if not isinstance(asked, BookSlot | HoldSlot):
                yield "another appointment", with_told(history, place, type(told)(other))


def _rules(asked):
    match asked:
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
    """A grant out of the blue."""
    asked = operation.requested
    minute = round((operation.earliest - START) / timedelta(minutes=1))
    if isinstance(asked, CancelAppointment | CheckInApplicant | MoveAppointment):
        told = granted(asked, 10_001, minute)
        return type(told)(copy_with(told.appointment, number=asked.number))
    slot = next(slot for slot in SLOTS if key_of(slot) == asked.slot)
    told = granted(asked, 10_001, minute, slot=slot)
    return type(told)(copy_with(told.appointment, applicant=asked.applicant))
