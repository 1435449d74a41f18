"""Stores with a fault planted in them, over the memory store: each is right but for what its name says.

Over 400 lines: one way of being wrong after another, each a few lines.
"""

from collections import defaultdict
from copy import deepcopy
from threading import Barrier, BrokenBarrierError, Event, Lock, current_thread, local

from attrs import evolve as copy_with

from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain.appointments import AppointmentState
from traffic_booking.domain.changes import Change, Committed, Conflict, Guard, SeatChange
from traffic_booking.domain.events import AppointmentCancelled
from traffic_booking.domain.facts import Facts
from traffic_booking.domain.outcomes import Answer, Refused
from traffic_booking.testing.racing import RACERS, THREAD_NAME

PATIENCE_SECONDS = 10.0


class Meeting:
    """Where the kit's competing threads wait for all the others, once each; anybody else walks by."""

    def __init__(self) -> None:
        self._everyone = Barrier(RACERS)
        self._mine = local()

    def wait(self) -> None:
        if not current_thread().name.startswith(THREAD_NAME) or hasattr(self._mine, "met"):
            return
        self._mine.met = True
        try:
            self._everyone.wait(PATIENCE_SECONDS)
        except BrokenBarrierError:
            return  # fewer came than compete for one thing


class NoLock(MemoryStore):
    """Nothing keeps two commits apart: both read the count of seats before either has written it."""

    def __init__(self):
        super().__init__()
        self._meeting = Meeting()

    def commit(self, changes):
        return [self._commit(change) for change in changes]

    def _commit(self, change):
        self._check_open()
        conflict = self._conflict(change)
        after = {seat.slot: self._seats.get(seat.slot, 0) + seat.delta for seat in change.seats}
        self._meeting.wait()
        if conflict is None:
            self._write(copy_with(change, seats=()))
            self._seats.update(after)
        return conflict or Committed()


class ChecksThenWrites(MemoryStore):
    """Guards are checked under one lock, and the change is written under the next one."""

    def __init__(self):
        super().__init__()
        self._meeting = Meeting()

    def commit(self, changes):
        return [self._commit(change) for change in changes]

    def _commit(self, change):
        with self._lock:
            self._check_open()
            conflict = self._conflict(change)
        self._meeting.wait()
        if conflict is None:
            with self._lock:
                self._write(change)
        return conflict or Committed()


class ReadsInTwoSteps(MemoryStore):
    """The standing is read, others commit, and then the seats are read."""

    def __init__(self):
        super().__init__()
        self._half_read, self._written, self._read = Event(), Event(), Event()
        self._first = Lock()

    def commit(self, changes):
        if not current_thread().name.startswith(THREAD_NAME):
            return super().commit(changes)
        self._half_read.wait(PATIENCE_SECONDS)
        results = super().commit(changes)
        self._written.set()
        self._read.wait(PATIENCE_SECONDS)
        return results

    def facts(self, queries):
        # One reader is torn; with two, the quicker one would let the writer go on before the other has read.
        if not current_thread().name.startswith(THREAD_NAME) or not self._first.acquire(blocking=False):
            return super().facts(queries)
        before = super().facts(queries)
        self._half_read.set()
        self._written.wait(PATIENCE_SECONDS)
        after = super().facts(queries)
        self._read.set()
        return [copy_with(facts, taken=later.taken) for facts, later in zip(before, after, strict=True)]


class LeaksSeatsOnConflict(MemoryStore):
    """Seats are taken first, and not given back where a later guard fails."""

    def commit(self, changes):
        return [self._commit(change) for change in changes]

    def _commit(self, change):
        rest = copy_with(change, seats=())
        (taken,) = super().commit([Change(seats=change.seats)])
        return taken if isinstance(taken, Conflict) else super().commit([rest])[0]


class IgnoresTheAppointmentVersion(MemoryStore):
    """Whoever writes an appointment last has it."""

    def _conflict(self, change):
        return super()._conflict(copy_with(change, appointments=()))


class IgnoresTheStandingVersion(MemoryStore):
    """A standing is raised whatever it was."""

    def _conflict(self, change):
        return super()._conflict(copy_with(change, standing=None))


class IgnoresTheCalendar(MemoryStore):
    """A booking is written although its day was closed after it was decided."""

    def _conflict(self, change):
        return super()._conflict(copy_with(change, calendar_revision=None))


class ForgetsTheRequestId(MemoryStore):
    """A request that comes again is taken for a new one."""

    def _write(self, change):
        super()._write(copy_with(change, answer=None))


class ForgetsOldRequests(MemoryStore):
    """Only the last hundred answers are kept."""

    def _write(self, change):
        super()._write(change)
        while len(self._answers) > 100:
            del self._answers[next(iter(self._answers))]


class ForgetsRefusals(MemoryStore):
    """What changed nothing is not kept."""

    def _write(self, change):
        refused = change.answer is not None and isinstance(change.answer.outcome, Refused)
        super()._write(copy_with(change, answer=None) if refused else change)


class ReplaysAnotherRequestsAnswer(MemoryStore):
    """Request ids are compared without their case, and no further than their first 64 letters."""

    def __init__(self):
        super().__init__()
        self._answers = _Careless()


class _Careless(dict[str, Answer]):
    def __setitem__(self, key, value):
        super().__setitem__(key.casefold()[:64], value)

    def get(self, key, default=None):
        return super().get(key.casefold()[:64], default)


class ExpiresAConfirmedHold(MemoryStore):
    """A hold stays on the list of holds when it becomes a booking."""

    def _write(self, change):
        holds = [self._holds.get(one.number) for one in change.appointments if one.state is AppointmentState.BOOKED]
        super()._write(change)
        self._holds.update({hold.number: hold for hold in holds if hold is not None})


class SinksBatchNeighbours(MemoryStore):
    """A batch is one transaction, and one conflict rolls all of it back."""

    def commit(self, changes):
        parts = ("_answers", "_once", "_seats", "_standings", "_appointments", "_of_person", "_holds", "_events")
        before = {name: deepcopy(getattr(self, name)) for name in parts}
        results = super().commit(changes)
        if any(isinstance(result, Conflict) for result in results):
            self.__dict__.update(before)
        return results


class StopsABatchAtAConflict(MemoryStore):
    """What comes after a conflict in a batch is not tried."""

    def commit(self, changes):
        results: list[Committed | Conflict] = []
        for change in changes:
            failed = [result for result in results if isinstance(result, Conflict)]
            results.append(failed[0] if failed else super().commit([change])[0])
        return results


class HandsOutLiveReferences(MemoryStore):
    """Readers get the store's own lists and dictionaries."""

    def __init__(self):
        super().__init__()
        self._live = {}

    def history(self, number):
        super().history(number)
        return self._events[number]

    def _facts(self, query):
        found = super()._facts(query)
        live = self._live.setdefault(query.slots, {})
        live.update(found.taken)
        return Facts(answer=found.answer, appointment=found.appointment, standing=found.standing, taken=live)


class TruncatesMicroseconds(MemoryStore):
    """Instants are kept to the millisecond."""

    def _write(self, change):
        super()._write(copy_with(change, appointments=tuple(self._truncated(one) for one in change.appointments)))

    def _truncated(self, appointment):
        return copy_with(
            appointment,
            slot=copy_with(appointment.slot, starts_at=_to_the_millisecond(appointment.slot.starts_at)),
            hold_ends_at=appointment.hold_ends_at and _to_the_millisecond(appointment.hold_ends_at),
        )


def _to_the_millisecond(moment):
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class LosesTheEvent(MemoryStore):
    """Cancellations are written without their event."""

    def _write(self, change):
        events = tuple(event for event in change.events if not isinstance(event, AppointmentCancelled))
        super()._write(copy_with(change, events=events))


class ReadsStaleFacts(MemoryStore):
    """Reads go to a copy that is one commit behind."""

    def __init__(self):
        super().__init__()
        self._copy, self._next = MemoryStore(), []

    def commit(self, changes):
        results = super().commit(changes)
        self._copy.commit(self._next)
        self._next = [change for change, result in zip(changes, results, strict=True) if result == Committed()]
        return results

    def facts(self, queries):
        super().facts(queries)
        return self._copy.facts(queries)


class RemembersSeatsByThread(MemoryStore):
    """Each thread remembers how many seats it saw taken, until it takes one or gives one back itself."""

    def __init__(self):
        super().__init__()
        self._mine = local()

    def commit(self, changes):
        if any(change.seats for change in changes):
            self._mine.seen = {}
        return super().commit(changes)

    def _facts(self, query):
        found = super()._facts(query)
        seen = self._mine.__dict__.setdefault("seen", {})
        return copy_with(found, taken={slot: seen.setdefault(slot, taken) for slot, taken in found.taken.items()})


class ListsPagesInTwoSteps(ReadsInTwoSteps):
    """Of what an audit lists, the events are read, others commit, and then the appointments are read."""

    def facts(self, queries):
        return MemoryStore.facts(self, queries)

    def stored_appointments(self, *, after, limit):
        if not current_thread().name.startswith(THREAD_NAME) or not self._first.acquire(blocking=False):
            return super().stored_appointments(after=after, limit=limit)
        events = {each.number: each.events for each in super().stored_appointments(after=after, limit=limit)}
        self._half_read.set()
        self._written.wait(PATIENCE_SECONDS)
        listed = super().stored_appointments(after=after, limit=limit)
        self._read.set()
        return [copy_with(each, events=events.get(each.number, ())) for each in listed]


class CountsTheCounter(MemoryStore):
    """What an audit counts of a slot is what its counter says, so that the two never differ."""

    def stored_slots(self, *, after, limit):
        found = super().stored_slots(after=after, limit=limit)
        return [copy_with(each, seated=each.taken) for each in found]


class ReleasesTwiceOnCancel(MemoryStore):
    """A cancelled appointment's seat is given back by the change, and by the store once more."""

    def _write(self, change):
        super()._write(change)
        for seat in change.seats:
            cancelled = [one for one in change.appointments if one.state is AppointmentState.CANCELLED]
            if seat.delta < 0 and cancelled:
                self._seats[seat.slot] = max(0, self._seats[seat.slot] - 1)


class ReleasesForALosingCancel(MemoryStore):
    """A cancellation that comes too late is refused, after its seat was given back."""

    def _conflict(self, change):
        conflict = super()._conflict(change)
        if conflict == Conflict(guard=Guard.APPOINTMENT):
            for seat in change.seats:
                self._seats[seat.slot] = max(0, self._seats.get(seat.slot, 0) + min(0, seat.delta))
        return conflict


class KeepsTheSeatOfWhatIsMoved(MemoryStore):
    """A move takes the new seat and forgets to give the old one back."""

    def _write(self, change):
        takes = any(seat.delta > 0 for seat in change.seats)
        super()._write(copy_with(change, seats=tuple(seat for seat in change.seats if seat.delta > 0 or not takes)))


class MovesInTwoSteps(MemoryStore):
    """The old seat is given back first; where the new slot is full, it is gone for nothing."""

    def _conflict(self, change):
        conflict = super()._conflict(change)
        if conflict is not None and conflict.guard is Guard.SEATS:
            for seat in change.seats:
                self._seats[seat.slot] = self._seats.get(seat.slot, 0) + min(0, seat.delta)
        return conflict


class StaysWhereItWasBooked(MemoryStore):
    """What an appointment's first version says of its slot stands for ever."""

    def _write(self, change):
        before = {one.number: self._appointments.get(one.number) for one in change.appointments}
        super()._write(change)
        for one in change.appointments:
            first = before[one.number]
            if first is not None:
                self._appointments[one.number] = copy_with(one, slot=first.slot)


class RefusesSeatsBackAboveCapacity(MemoryStore):
    """The bound is checked for seats given back as well."""

    def _conflict(self, change):
        for seat in change.seats:
            if self._seats.get(seat.slot, 0) + seat.delta > seat.capacity:
                return Conflict(guard=Guard.SEATS, slot=seat.slot)
        return super()._conflict(change)


class ChecksSeatsFirst(MemoryStore):
    """The guards are checked in an order of the store's own."""

    def _conflict(self, change):
        return super()._conflict(Change(seats=change.seats)) or super()._conflict(change)


class FoldsText(MemoryStore):
    """Once keys are compared without their case."""

    def _conflict(self, change):
        return super()._conflict(copy_with(change, once=tuple(key.casefold() for key in change.once)))

    def _write(self, change):
        super()._write(copy_with(change, once=tuple(key.casefold() for key in change.once)))

    def is_spent(self, key):
        return super().is_spent(key.casefold())


class IgnoresTheLimit(MemoryStore):
    """Lists come whole, however few were asked for."""

    def appointments_of(self, applicant, *, limit):
        return super().appointments_of(applicant, limit=10**9)


class SweepsAsItReads(MemoryStore):
    """Who reads which holds have run out ends them as well."""

    def lapsed(self, *, by, slot=None, limit=100):
        found = super().lapsed(by=by, slot=slot, limit=limit)
        for hold in found:
            self._appointments[hold.number] = copy_with(hold, state=AppointmentState.EXPIRED, hold_ends_at=None)
            self._write(Change(seats=(SeatChange(hold.slot, -1, 0),)))
        return found


class AnswersAfterClose(MemoryStore):
    """A closed store goes on as if nothing had happened."""

    def close(self):
        self._events = defaultdict(list, self._events)
