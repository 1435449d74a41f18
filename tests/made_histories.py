"""Histories of a desk that served one request after another, whose operations then get longer spans of time.

Each effect has its moment. The call is some time before it, the end some time after it. So the operations overlap like
those of many callers, and the history is linearizable by construction.
"""

from datetime import timedelta
from functools import cache

from attrs import evolve as copy_with

from tests import bookings
from tests.calendars import PLAIN
from tests.cases import CLERK, slot_key
from tests.counted import CountedNumbering
from tests.desks import open_desk
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
from traffic_booking.domain.rules.verdict import Result, Verdict
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.testing import MovableClock, made_up_person
from traffic_booking.testing.histories.history import ExpireHolds, History, recorded_applicant
from traffic_booking.testing.histories.recorder import Recorder

RULEBOOK = small_rulebook(
    BK_08={"appointments": 2},
    HD_01={"holds": 1, "minutes": 10},
    CN_03={"minutes": 30},
    MV_05={"minutes": 30},
    AT_03={"minutes": 24 * 60, "early_minutes": 15},
)
CATALOGUE = small_catalogue(capacity=1)
SLOTS = [("north", "renewal", 60), ("north", "transfer", 60), ("south", "transfer", 80), ("south", "renewal", 75)]


@cache
def key_of(slot):
    branch, service, start = slot
    return slot_key(branch, service, instant_of(start))


def instant_of(minute):
    return START + timedelta(minutes=minute)


CONFIGURATION = Configuration(CATALOGUE, RULEBOOK, BranchCalendars(PLAIN))
OFFERED = [slot for requested in SLOTS if (slot := CONFIGURATION.slot(key_of(requested)))]
LATEST = instant_of(20)
"""The last time that the clock of a made history shows: no rule about times refuses anything until then."""
GRANTS = {
    HoldSlot: (Held, AppointmentState.HELD),
    BookSlot: (Booked, AppointmentState.BOOKED),
    CancelAppointment: (Cancelled, AppointmentState.CANCELLED),
    MoveAppointment: (Moved, AppointmentState.BOOKED),
    CheckInApplicant: (CheckedIn, AppointmentState.CHECKED_IN),
}
BEAT = 10
"""From one effect to the next, in nanoseconds."""

KNOWN = {recorded_applicant(person): person for person in map(made_up_person, range(10))}
"""Applicant → the id that a desk gets."""

number_of = cache(bookings.number)


def person_of(serial):
    return list(KNOWN)[serial]


A_TEXT = Bilingual("جملة", "a sentence")


def refused(*rules):
    return Refused(tuple(Verdict(rule, Result.BROKEN, statement=A_TEXT, refusal=A_TEXT) for rule in rules))


def recorded_desk(clock):
    """A new desk whose numbers count up."""
    return Recorder(open_desk(CATALOGUE, clock=clock, rulebook=RULEBOOK, numbering=CountedNumbering()), clock=clock)


def granted(requested, serial, minute, *, slot=SLOTS[0], person=0):
    """The outcome of a desk for a request that it grants at that minute, for the appointment of that serial."""
    done, state = GRANTS[type(requested)]
    [ends_at] = [offered.ends_at for offered in OFFERED if offered.key == key_of(slot)]
    return done(
        Appointment(
            number=number_of(serial),
            version=1,
            state=state,
            slot=key_of(slot),
            slot_ends_at=ends_at,
            time_zone="Asia/Riyadh",
            applicant=person_of(person),
            rulebook="test-1",
            changed_at=instant_of(minute),
            hold_ends_at=instant_of(minute + RULEBOOK["HD-01"]["minutes"]) if done is Held else None,
        )
    )


def made(moves, *, lost=frozenset()):
    """The history of these moves: (verb, person, slot, appointment, clock, before, after).

    First the clock goes on by `clock` minutes. The operation begins `before` nanoseconds before its effect, and ends
    `after` nanoseconds after it. The answers of the operations in the places `lost` are lost. No request names an
    appointment before a caller has received its number.
    """
    clock = MovableClock(START)
    recorder = recorded_desk(clock)
    spans, showed = [], [(0, START)]
    received: dict[str, int] = {}  # number → when a caller first received it
    owners: dict[str, int] = {}  # number → the person's serial
    for place, (verb, who, slot, pick, minutes, before, after) in enumerate(moves):
        moment = (place + 1) * BEAT
        if minutes and clock.now() + timedelta(minutes=minutes) <= LATEST:
            clock.advance(timedelta(minutes=minutes))
            showed.append((moment - BEAT // 2, clock.now()))
        known = [number for number in owners if received.get(number, moment) < moment]
        number = known[-1 - pick % len(known)] if known else None
        by = person_of(owners[number] if number and pick % 5 else who)
        requested = _request(f"r-{place}", verb, person_of(who), key_of(SLOTS[slot]), number, by)
        result = send(recorder, requested)
        about = received[number] if number and hasattr(requested, "number") else 0
        spans.append((max(moment - before, about + 1), moment + after))
        if isinstance(result, Held | Booked):
            owners[result.appointment.number] = who
        if place not in lost and hasattr(result, "appointment"):
            done = result.appointment.number
            received[done] = min(moment + after, received.get(done, moment + after))
    return History.of(
        copy_with(
            operation,
            client=f"c-{place}",
            invoked=invoked,
            earliest=_shown(showed, invoked),
            ended=None if place in lost else ended,
            latest=None if place in lost else _shown(showed, ended),
            result=None if place in lost else operation.result,
        )
        for place, (operation, (invoked, ended)) in enumerate(zip(recorder.history().operations, spans, strict=True))
    )


def _request(request_id, verb, person, slot, number, by):
    """The request; without a number, one for a seat instead."""
    if verb == "sweep":
        return ExpireHolds(100)
    if number and verb == "cancel":
        return CancelAppointment(request_id=request_id, actor=by, number=number)
    if number and verb == "move":
        return MoveAppointment(request_id=request_id, actor=by, number=number, slot=slot, agreed=True)
    if number and verb == "check in":
        return CheckInApplicant(request_id=request_id, actor=CLERK, number=number)
    if verb in {"hold", "check in"}:
        return HoldSlot(request_id=request_id, actor=person, applicant=person, slot=slot)
    return BookSlot(request_id=request_id, actor=person, applicant=person, slot=slot, agreed=True)


def send(desk, requested):
    """Send a request of a made history to a desk or its recorder."""
    if isinstance(requested, ExpireHolds):
        return desk.expire_holds(limit=requested.limit)
    who = {"by": KNOWN.get(requested.actor, requested.actor), "request_id": requested.request_id}
    match requested:
        case HoldSlot():
            return desk.hold(requested.slot, applicant=KNOWN[requested.applicant], **who)
        case BookSlot():
            return desk.book(requested.slot, applicant=KNOWN[requested.applicant], agreed=requested.agreed, **who)
        case CancelAppointment():
            return desk.cancel(requested.number, **who)
        case MoveAppointment():
            return desk.move(requested.number, requested.slot, agreed=requested.agreed, **who)
        case _:
            return desk.check_in(requested.number, **who)


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
            elif isinstance(result, Held):
                longer = copy_with(one, hold_ends_at=late.changed_at)
                yield "another end of the hold", with_result(history, place, Held(longer))
            else:
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
