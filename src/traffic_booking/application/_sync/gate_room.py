"""The gate of a branch: staff receive the applicants who come.

Made from `traffic_booking.application.gate_room` by `python -m tools.check_sync --write`: change that.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from attrs import evolve as copy_with

from traffic_booking.application._sync.office import Office

if TYPE_CHECKING:
    from datetime import date

    from traffic_booking.domain.appointments.appointment import Appointment
    from traffic_booking.domain.calendars.day import Day
    from traffic_booking.domain.calendars.hijri import HijriDate
    from traffic_booking.domain.decisions.outcomes import (
        CheckedIn,
        Excused,
        NoShowRecorded,
        Refused,
        Served,
        Throttled,
        WalkedIn,
    )
    from traffic_booking.domain.people.actors import Clerk, Requester, System
    from traffic_booking.domain.people.assertions import Assertions
    from traffic_booking.domain.people.identity import PersonId
    from traffic_booking.domain.signing.code_reading import ReadCode
    from traffic_booking.domain.signing.revocations import RevokedTickets


class GateRoom:
    """`desk.gate`: the verbs of the staff at a branch."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def check_in(self, number: str, *, by: Requester, request_id: str) -> CheckedIn | Refused | Throttled:
        """Record that the applicant has come.

        Example: `desk.gate.check_in(number, by=Clerk("gate"), request_id=id)`.

        Raises:
            RequestMismatch: `request_id` was used for another request.
        """
        from traffic_booking.domain.decisions.outcomes import CheckedIn

        return self._office.execute(self._office.requests.check_in(number, by=by, request_id=request_id), CheckedIn)

    def walk_in(
        self,
        branch: str,
        service: str,
        *,
        applicant: PersonId,
        agreed: bool | str,
        by: Requester,
        request_id: str,
        assertions: Assertions | None = None,
    ) -> WalkedIn | Refused | Throttled:
        """Give a person who is at the branch the slot under way, or the next one with a free seat, and check them in.

        A clerk calls it. No rule of notice or horizon applies; the seat and the rules about the person do, and so does
        the agreement (`agreed` as in `book`). If the request is sent again, its slot stays the first one. Example:
        `desk.gate.walk_in("riyadh-traffic", "licence-renewal", applicant=me, agreed=True, by=clerk,
        request_id=id)`.

        Raises:
            NotFound: The branch or the service is unknown.
            RequestMismatch: `request_id` was used for another request.
        """
        from traffic_booking.domain.decisions.checking_in import walk_in_slots
        from traffic_booking.domain.decisions.outcomes import WalkedIn

        office, catalogue = self._office, self._office.catalogue
        place, wanted = catalogue.branch(branch).id, catalogue.service(service).id
        slots = walk_in_slots(office.configuration.now(), place, wanted, office.now())
        request = office.requests.walk_in(
            place,
            wanted,
            slots,
            applicant=applicant,
            agreed=agreed,
            by=by,
            request_id=request_id,
            assertions=assertions,
        )
        return office.execute(request, WalkedIn)

    def serve(self, number: str, *, by: Requester, request_id: str) -> Served | Refused | Throttled:
        """Record that the service was done for an applicant who is checked in.

        Example: `desk.gate.serve(number, by=Clerk("counter-1"), request_id=id)`.

        Raises:
            RequestMismatch: `request_id` was used for another request.
        """
        from traffic_booking.domain.decisions.outcomes import Served

        return self._office.execute(self._office.requests.serve(number, by=by, request_id=request_id), Served)

    def no_show(self, number: str, *, by: Requester, request_id: str) -> NoShowRecorded | Refused | Throttled:
        """Record that nobody came, and free the seat.

        The appointment counts as missed from the end of its slot, whether this is recorded or not. See
        `desk.maintenance.record_no_shows`. Example: `desk.gate.no_show(number, by=Clerk("gate"), request_id=id)`.

        Raises:
            RequestMismatch: `request_id` was used for another request.
        """
        from traffic_booking.domain.decisions.outcomes import NoShowRecorded

        return self._office.execute(self._office.requests.no_show(number, by=by, request_id=request_id), NoShowRecorded)

    def excuse(self, number: str, *, evidence: str, by: Requester, request_id: str) -> Excused | Refused | Throttled:
        """Accept an appeal against a no-show: it does not count as missed any more.

        `evidence` is the proof that the clerk has seen, in words: 1 to 1,000 characters. It is stored with the answer,
        never in the log, and is removed with the person or by the retention of assertions. Example:
        `desk.gate.excuse(number, evidence="a hospital report of that day", by=Clerk("desk"), request_id=id)`.

        Raises:
            RequestMismatch: `request_id` was used for another request.
        """
        from traffic_booking.domain.decisions.outcomes import Excused

        request = self._office.requests.excuse(number, evidence=evidence, by=by, request_id=request_id)
        return self._office.execute(request, Excused)

    def appointments_of_day(
        self, branch: str, day: Day | HijriDate | date, *, by: Clerk | System | None = None
    ) -> tuple[Appointment, ...]:
        """Return the appointments at a branch on a day of either calendar, in the order of their start.

        Holds and cancelled ones are left out; no-shows are in the list. Each has the `masked_id` of its applicant.
        If a shift of the day runs past midnight, its appointments after midnight are in the list as well, and in that
        of the next day. `by` is the clerk who reads the list, if the desk is to check their branches.
        Example: `desk.gate.appointments_of_day("riyadh-traffic", today)`.

        Raises:
            InvalidInput: `by` is neither `System()` nor a `Clerk` who serves the branch; the year is not 1801 to 9997.
            NotFound: The branch is unknown.
        """
        from traffic_booking.application.arguments import bounded_date
        from traffic_booking.domain.appointments.states import EXPECTED
        from traffic_booking.domain.people.actors import staff
        from traffic_booking.domain.searching.question import bounds_of

        at, civil = self._office.catalogue.branch(branch), bounded_date(day)
        if by is not None:
            staff(by, at.id)
        configuration, now = self._office.configuration.now(), self._office.now()
        late = bool(configuration.catalogue.timetable(at).services_past_midnight)
        (start, midnight), (_, end) = (bounds_of(at, civil, civil + timedelta(days=more)) for more in (0, late))
        found = self._office.book.appointments_at(at.id, from_=start, until=end, states=EXPECTED)
        expected = [
            each for each in found if each.slot.starts_at < midnight or configuration.opening_day(each.slot) == civil
        ]
        expected.sort(key=lambda each: (each.slot.starts_at, each.number))
        persons = self._office.book.persons_of({each.applicant.subject for each in expected})
        masked = {subject: str(person) for subject, person in persons.items()}
        read = (configuration.as_read(each, now) for each in expected)
        return tuple(copy_with(each, masked_id=masked.get(each.applicant.subject)) for each in read)

    def read_code(self, text: str) -> ReadCode:
        """Return what the code of a ticket states, or a typed number, or the fault of the text; change nothing.

        The signature is verified with the public keys of the desk's signer. The claims may be out of date.
        Example: `desk.gate.read_code(scanned)`.

        Raises:
            InvalidInput: `text` is no text.
            MissingExtra: The extra `tickets` is not installed.
        """
        return self._office.read_code(text)

    def revoked_tickets(self, *, since: RevokedTickets | None = None) -> RevokedTickets:
        """Return the tickets of moved and cancelled appointments whose time is not over, for gates without a store.

        Reads the whole feed or, with an earlier list as `since`, what was added to it. Share the list as
        `to_json(revoked)`: it names no appointment and nobody.
        Example: `desk.gate.revoked_tickets(since=before)`.

        Raises:
            InvalidInput: `since` is no `RevokedTickets`.
            StoreUnreadable: The store was restored to an earlier state than `since`: leave it out once.
        """
        from traffic_booking.application._sync.revoking import revoked_since

        return revoked_since(self._office.book, self._office.clock, since)
