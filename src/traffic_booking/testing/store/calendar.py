"""Entries of the working calendar, and a version for each branch that a closure raises and a booking checks."""

from attrs import evolve as copy_with

from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.decisions.changes import CalendarGuard, Change, Committed, Conflict, Guard
from traffic_booking.domain.decisions.facts import COUNTRY, CalendarVersion
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.testing.sample_calendar import RECORDS, entry
from traffic_booking.testing.sample_changes import booking, number, slot
from traffic_booking.testing.sample_reads import about, facts_of, person_state_of, stored
from traffic_booking.testing.store.base import StoreCases

NORTH, SOUTH = BranchId("north"), BranchId("south")
MANY = 130


def declared(place: int, *guards: CalendarGuard) -> Change:
    """The entry of that number, with the calendars that it raises."""
    return Change(entry=entry(place, RECORDS[place % len(RECORDS)]), calendars=guards)


class CalendarCases(StoreCases):
    """What staff declare, and what it changes."""

    def test_entries_are_read_back_whole_and_in_their_order(self, book: AppointmentBook) -> None:
        entries = [entry(place, RECORDS[place % len(RECORDS)]) for place in range(1, MANY)]
        assert book.calendar_entries(after=0) == []
        assert list(book.commit([Change(entry=each) for each in entries])) == [Committed()] * len(entries)
        assert book.calendar_entries(after=0) == book.calendar_entries(after=-1) == entries
        assert book.calendar_entries(after=99) == entries[99:]
        assert book.calendar_entries(after=MANY) == []
        assert [each.what for each in book.feed(BEGINNING, limit=1_000).entries] == entries

    def test_of_two_entries_with_one_number_the_first_is_kept(self, book: AppointmentBook) -> None:
        changes = [Change(entry=entry(1)), Change(entry=entry(1, RECORDS[1]))]
        assert list(book.commit(changes)) == [Committed(), Conflict(guard=Guard.CALENDAR)]
        assert book.calendar_entries(after=0) == [entry(1)]

    def test_a_calendar_is_opened_once_and_raises_the_country(self, book: AppointmentBook) -> None:
        book.open_calendars([NORTH])
        book.open_calendars([NORTH])
        book.open_calendars([SOUTH, NORTH])
        versions = book.facts([copy_with(about(), every_calendar=True)])[0].calendars
        assert versions == {COUNTRY: CalendarVersion(2, 0), NORTH: CalendarVersion(1, 0), SOUTH: CalendarVersion(1, 0)}

    def test_a_booking_that_was_decided_before_a_closure_is_not_written_after_it(self, book: AppointmentBook) -> None:
        book.open_calendars([NORTH, SOUTH])
        decided = copy_with(booking(1), calendars=(CalendarGuard(NORTH, 1),))
        elsewhere = copy_with(booking(2, at=slot(branch="south")), calendars=(CalendarGuard(SOUTH, 1),))
        assert list(book.commit([declared(1, CalendarGuard(NORTH, 1, 1))])) == [Committed()]
        assert list(book.commit([decided])) == [Conflict(guard=Guard.CALENDAR)]
        assert facts_of(book, request_id="request-1").answer is None
        assert list(book.commit([elsewhere])) == [Committed()]
        facts = book.facts([about(number=number(2), slots=(slot(),))])[0]
        assert facts.calendars == {NORTH: CalendarVersion(2, 1), SOUTH: CalendarVersion(1, 0)}
        again = copy_with(booking(1, person_state=person_state_of(book)), calendars=(CalendarGuard(NORTH, 2),))
        assert list(book.commit([again])) == [Committed()]
        assert stored(book, 1).slot == slot()

    def test_a_closure_of_the_country_stands_before_the_bookings_of_every_branch_of_its_batch(
        self, book: AppointmentBook
    ) -> None:
        book.open_calendars([NORTH, SOUTH])
        closure = declared(1, *(CalendarGuard(name, 1, 1) for name in (NORTH, SOUTH, COUNTRY)))
        before = copy_with(booking(1), calendars=(CalendarGuard(NORTH, 1),))
        second = booking(2, person_state=before.person_state, at=slot(branch="south"))
        after = copy_with(second, calendars=(CalendarGuard(SOUTH, 1),))
        assert list(book.commit([before, closure, after, closure])) == [
            Committed(),
            Committed(),
            Conflict(guard=Guard.CALENDAR),
            Conflict(guard=Guard.CALENDAR),
        ]
        versions = book.facts([copy_with(about(), every_calendar=True)])[0].calendars
        assert versions == dict.fromkeys((COUNTRY, NORTH, SOUTH), CalendarVersion(2, 1))
