"""Holding every part of a store against the others, where its methods are awaited.

Made from `traffic_booking.application.verifying` by `python -m tools.check_async --write`: change that.
"""

from collections.abc import Callable, Iterable, Sequence

from attrs import evolve as copy_with

from traffic_booking.application.verifying import (
    _INSTANT,
    PAGE,
    Verification,
    _about,
    _answers_in,
    _capacity_now,
    _misfiled,
    _query,
    _requests_of,
    _unknown,
)
from traffic_booking.domain.appointment_numbers import AppointmentNumber
from traffic_booking.domain.errors import NotFound
from traffic_booking.domain.events import AppointmentEvent, EventOfAppointment
from traffic_booking.domain.facts import Facts
from traffic_booking.domain.feed import BEGINNING
from traffic_booking.domain.invariants import (
    BrokenInvariant,
    Invariant,
    answered_appointment,
    broken_capacity,
    broken_in_answer,
    broken_in_appointment,
    broken_in_requests,
    broken_in_slot,
    broken_standing,
    seats_differ,
    told_by,
)
from traffic_booking.domain.limits_kept import Told, broken_limits
from traffic_booking.domain.outcomes import Answer, Declared
from traffic_booking.domain.outside_text import RequestId
from traffic_booking.domain.slots import SlotKey
from traffic_booking.domain.stored import StoredAppointment, StoredSlot
from traffic_booking.domain.terms import Terms
from traffic_booking.domain.working_time import CalendarEntry
from traffic_booking.persistence.async_appointment_book import AsyncAppointmentBook


async def verify(
    book: AsyncAppointmentBook,
    terms: Terms,
    *,
    progress: Callable[[Verification], None],
    found: Callable[[BrokenInvariant], None],
    limit: int,
) -> Verification:
    """What is broken in `store`, the first `limit` of it; `found` hears of each, `progress` after each page."""
    audit = _Audit(book, terms, progress, found, limit)
    await audit.appointments()
    await audit.log()
    await audit.slots()
    await audit.answers()
    return audit.result


class _Audit:
    """One way through the store; `progress` hears of each page."""

    def __init__(
        self,
        book: AsyncAppointmentBook,
        terms: Terms,
        progress: Callable[[Verification], None],
        found: Callable[[BrokenInvariant], None],
        limit: int,
    ) -> None:
        self.result = Verification()
        self._book = book
        self._terms = terms
        self._progress = progress
        self._found = found
        self._limit = limit

    async def appointments(self) -> None:
        """Every appointment with its events, the answers to its requests, its seat and its person's standing."""
        after: AppointmentNumber | None = None
        while page := await self._book.stored_appointments(after=after, limit=PAGE):
            after = page[-1].number
            await self._look_at_appointments(page)
            self.result = copy_with(
                self.result,
                appointments=self.result.appointments + sum(each.appointment is not None for each in page),
                events=self.result.events + sum(len(each.events) for each in page),
            )
            self._progress(self.result)

    async def log(self) -> None:
        """Every event in the log belongs to an appointment."""
        after, numbers = BEGINNING, set[AppointmentNumber]()
        while page := (await self._book.feed(after, limit=PAGE)).entries:
            after = page[-1].position
            found = {entry.number for entry in page if isinstance(entry.what, EventOfAppointment)}
            new = sorted(number for number in found if number is not None and number not in numbers)
            if new:
                orphans = [each for each in await self._book.stored_under(new) if each.appointment is None]
                for orphan in orphans:
                    self._note(broken_in_appointment(orphan))
            numbers.update(new)

    async def slots(self) -> None:
        """Every slot that has a seat taken."""
        after: SlotKey | None = None
        while page := await self._book.stored_slots(after=after, limit=PAGE):
            after = page[-1].slot
            for stored in page:
                self._note(broken_in_slot(stored))
                await self._look_at_capacity(stored)
            self.result = copy_with(self.result, slots=self.result.slots + len(page))
            self._progress(self.result)

    async def answers(self) -> None:
        """Every answer, against the events of the appointment that it is about."""
        after: RequestId | None = None
        while page := await self._book.answers(after=after, limit=PAGE):
            for answer in page:
                self._note(await self._broken_in_answer(answer))
            self.result = copy_with(self.result, answers=self.result.answers + len(page))
            self._progress(self.result)
            before, after = after, page[-1].command.request_id
            if before is not None and after <= before:  # filed under another request's id: there is no going on
                self._note([_misfiled(after)])
                return

    async def _look_at_appointments(self, page: Sequence[StoredAppointment]) -> None:
        kept = [each for each in page if each.appointment is not None]
        requests = _requests_of(event for each in page for event in each.events)
        found = await self._book.facts([*map(_query, kept), *map(_about, requests)])
        answers = _answers_in(found)
        for stored in page:
            broken = list(broken_in_appointment(stored))
            self._note(broken)
            if not broken:
                self._note(broken_in_requests(stored, answers))
        for stored, facts in zip(kept, found, strict=False):  # the rest of `found` are answers
            await self._look_at_person(stored, facts)

    async def _look_at_person(self, stored: StoredAppointment, facts: Facts) -> None:
        appointment = facts.appointment
        if appointment is None or facts.standing is None:
            self._note([_unknown(stored)])
            return
        if appointment.has_seat and facts.taken.get(appointment.slot) == 0:
            self._note([seats_differ(appointment.slot, taken=0, seated=1)])
        self._note(broken_standing(stored, facts.standing.version))
        others = [each.number for each in facts.standing.appointments if each.number != stored.number]
        if others and told_by(stored.events) is not None:
            await self._look_at_limits([stored.number, *others])

    async def _look_at_limits(self, numbers: Sequence[AppointmentNumber]) -> None:
        """The limits of the first of one person's appointments; what seems broken has to be so in one moment of all."""
        read = await self._histories(numbers)
        while broken := await self._broken_limits(read):
            again = await self._histories(numbers)
            if again == read:  # events are only added to: between the two readings all stood like this at once
                self._note(broken)
                return
            read = again

    async def _histories(self, numbers: Sequence[AppointmentNumber]) -> list[tuple[AppointmentEvent, ...]]:
        return [tuple(history) for history in await self._book.histories(numbers)]

    async def _broken_limits(self, histories: Sequence[tuple[AppointmentEvent, ...]]) -> list[BrokenInvariant]:
        events = [event for history in histories for event in history]
        answers = _answers_in(await self._book.facts([_about(request) for request in _requests_of(events)]))
        one, *beside = (Told(history, answers) for history in histories)
        beside = [other for other in beside if told_by(other.events) is not None]
        try:
            return list(broken_limits(one, beside, self._terms.rulebooks))
        except NotFound:
            decided = {answer.rulebook for answer in answers.values()}
            known = {version.version for version in self._terms.rulebooks.versions}
            unknown = sorted({*self.result.unknown_versions} | (decided - known))
            self.result = copy_with(self.result, unknown_versions=tuple(unknown))
            return []

    async def _look_at_capacity(self, stored: StoredSlot) -> None:
        """More seats than the timetable has now may have been granted when it had more."""
        key = stored.slot
        if stored.taken <= max(1, _capacity_now(self._terms, key)):
            return
        there = await self._book.appointments_at(key.branch, from_=key.starts_at, until=key.starts_at + _INSTANT)
        seated = [each.number for each in there if each.slot == key]
        requests = [_requests_of(history) for history in await self._book.histories(seated)] if seated else []
        answers = _answers_in(await self._book.facts([_about(request) for asked in requests for request in asked]))
        granted = [[answers[request] for request in asked if request in answers] for asked in requests]
        self._note(broken_capacity(key, granted))

    async def _broken_in_answer(self, answer: Answer) -> Iterable[BrokenInvariant]:
        if isinstance(answer.outcome, Declared):
            return await self._broken_declaration(answer.command.request_id, answer.outcome.entry)
        answered = answered_appointment(answer.outcome)
        if answered is None:
            return ()
        return broken_in_answer(answer, answered, tuple(await self._book.history(answered.number)))

    async def _broken_declaration(self, request: RequestId, entry: CalendarEntry) -> Iterable[BrokenInvariant]:
        if list((await self._book.calendar_entries(after=entry.number - 1))[:1]) == [entry]:
            return ()
        return [
            BrokenInvariant(
                invariant=Invariant.REQUESTS,
                where=f"request {request}",
                found=f"another calendar entry {entry.number}, or none",
                expected="what was declared",
            )
        ]

    def _note(self, broken: Iterable[BrokenInvariant]) -> None:
        for each in broken:
            self._found(each)
            more = (each,) if self.result.broken_count < self._limit else ()
            self.result = copy_with(
                self.result, broken_count=self.result.broken_count + 1, broken=(*self.result.broken, *more)
            )
