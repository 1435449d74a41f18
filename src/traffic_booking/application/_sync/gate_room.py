"""The gate of a branch: staff receive the applicants who come.

Made from `traffic_booking.application.gate_room` by `python -m tools.check_sync --write`: change that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from traffic_booking.application._sync.office import Office

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

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
    from traffic_booking.domain.gate.answers import GateAnswer
    from traffic_booking.domain.gate.day_list import DayList
    from traffic_booking.domain.gate.merging import MergeReport
    from traffic_booking.domain.gate.scans import Scan
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
            RequestMismatch: `request_id` was used for another request, or with other evidence.
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
        from traffic_booking.application._sync.gate_scans import GateScans
        from traffic_booking.application.arguments import bounded_date
        from traffic_booking.domain.people.actors import staff

        at, civil = self._office.catalogue.branch(branch), bounded_date(day)
        if by is not None:
            staff(by, at.id)
        return tuple(GateScans(self._office).appointments(at, civil, self._office.now()))

    def day_list(
        self,
        branch: str,
        day: Day | HijriDate | date,
        *,
        by: Clerk | System,
        until: datetime | None = None,
        revoked: RevokedTickets | None = None,
    ) -> DayList:
        """Return what a gate of a branch needs to answer on a day without the store: no name, and ids masked.

        `traffic_booking.gate.day_list_document` writes it to a file, signed. Export it shortly before it is used: it
        has no later changes. A signed ticket for an appointment that was booked since is accepted all the same.
        Example: `desk.gate.day_list("riyadh-traffic", today, by=Clerk("gate-1"))`.

        Args:
            branch: The id of the branch.
            day: A day of either calendar, today or later, at most a week ahead.
            by: A clerk who serves the branch, or `System()`.
            until: The list is valid before this instant, and at most until its day ends at the branch; if a shift runs
                past midnight, until the next day ends.
            revoked: An earlier list of revoked tickets, so that the feed need not be read from its beginning.

        Raises:
            InvalidInput: `by` is neither `System()` nor a `Clerk` who serves the branch; the day is over, or too far
                ahead; or another argument is malformed.
            NotFound: The branch is unknown.
        """
        from traffic_booking.application._sync.gate_scans import GateScans
        from traffic_booking.application._sync.revoking import revoked_since
        from traffic_booking.application.arguments import bounded_date
        from traffic_booking.domain.people.actors import staff

        at, civil = self._office.catalogue.branch(branch), bounded_date(day)
        staff(by, at.id)
        found = revoked_since(self._office.book, self._office.clock, revoked, "revoked")
        return GateScans(self._office).day_list(at, civil, until, found)

    def scan(
        self, code: str, *, branch: str, by: Clerk | System, scan_id: str, happened_at: datetime | None = None
    ) -> GateAnswer:
        """Answer a scan at a gate of a branch; if the answer admits the applicant, they are checked in.

        A scan that admitted somebody gets the same answer again, and checks in once. One that admits nobody leaves the
        appointment as it is.
        Example: `desk.gate.scan(text, branch="riyadh-traffic", by=Clerk("gate-1"), scan_id=id)`.

        Args:
            code: The scanned text of a ticket, or a typed number. A text that is no code is an answer, not an error.
            branch: The branch of the gate.
            by: A clerk who serves the branch, or `System()`.
            scan_id: The name of this scan among those of all gates; it is the request id of the check-in.
            happened_at: The instant of the scan if it is reported later, not in the future. The rules are evaluated at
                it. It is now unless given.

        Raises:
            InvalidInput: `by` is neither `System()` nor a `Clerk` who serves the branch; `happened_at` is in the
                future; or another argument is malformed.
            NotFound: The branch is unknown.
            RequestMismatch: `scan_id` was used for another request.
            MissingExtra: The extra `tickets` is not installed.
        """
        from traffic_booking.application._sync.gate_scans import GateScans

        at = self._office.catalogue.branch(branch)
        return GateScans(self._office).scan(code, at, by, scan_id, happened_at)

    def merge(self, scans: Iterable[Scan], *, by: Clerk | System) -> MergeReport:
        """Record scans of gates that had no store, in any order and as often as you like; nothing is recorded twice.

        A scan is merged under its own id, so this takes no request id. If several gates admitted one ticket, each use
        is recorded, and the first by instant, then by scan id, counts. A scan that the rules refuse at its instant, for
        example because the appointment had been cancelled, is recorded as a refusal.
        A signed code from before a move is refused if the scan came after the move.
        Example: `desk.gate.merge(read_journal("gate-1.journal"), by=Clerk("gate-1"))`.

        Args:
            scans: At most 10,000 scans, for example those that `traffic_booking.gate.read_journal` returns.
            by: A clerk, or `System()`. Scans at branches that a clerk does not serve are refused.

        Raises:
            InvalidInput: `by` is no clerk, or two different scans have one id.
            MissingExtra: The extra `tickets` is not installed.
        """
        from traffic_booking.application._sync.gate_scans import GateScans

        return GateScans(self._office).merge(scans, by)

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
