"""The list of a day, scans at a gate with the store, and the merge of scans from gates without it.

Made from `traffic_booking.application.gate_scans` by `python -m tools.check_sync --write`: change that.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from attrs import define, field
from attrs import evolve as copy_with

from traffic_booking.application._sync.office import Office
from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.events import AppointmentEvent
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.states import EXPECTED, AppointmentState
from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.decisions.outcomes import CheckedIn, Refused, Throttled
from traffic_booking.domain.errors import InvalidInput, RequestMismatch
from traffic_booking.domain.gate.answers import GateAnswer
from traffic_booking.domain.gate.day_list import DayList, GateRules, gate_rules, listed_ticket
from traffic_booking.domain.gate.merging import MergeReport, RefusedScan, SecondUse, had_moved, in_merge_order
from traffic_booking.domain.gate.results import GateResult
from traffic_booking.domain.gate.scanning import FAULTS, GateView, answer_scan, number_in
from traffic_booking.domain.gate.scans import Scan, TicketUse, scanned_text
from traffic_booking.domain.gate.uses import uses_in
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.actors import Clerk, Requester, requester, staff
from traffic_booking.domain.places.geography import Branch
from traffic_booking.domain.rules.rule import legal_midnight
from traffic_booking.domain.searching.question import bounds_of
from traffic_booking.domain.signing.code_reading import ReadCode, RefusedCode
from traffic_booking.domain.signing.revocations import RevokedTickets
from traffic_booking.domain.text_input import RequestId, request_id

READ_TOGETHER: Final = 500
"""The most histories of appointments that are read at a time."""


class GateScans:
    """The verbs of `desk.gate` about scans."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def appointments(self, at: Branch, civil: date, now: datetime, *, every_state: bool = False) -> list[Appointment]:
        """The appointments of a day by start, without holds; with `every_state` also those that were cancelled."""
        configuration = self._office.configuration.now()
        late = bool(configuration.catalogue.timetable(at).services_past_midnight)
        (start, midnight), (_, end) = (bounds_of(at, civil, civil + timedelta(days=more)) for more in (0, late))
        states = EXPECTED | {AppointmentState.CANCELLED} if every_state else EXPECTED
        found = self._office.book.appointments_at(at.id, from_=start, until=end, states=states)
        expected = [
            each for each in found if each.slot.starts_at < midnight or configuration.opening_day(each.slot) == civil
        ]
        expected.sort(key=lambda each: (each.slot.starts_at, each.number))
        live = [each for each in expected if each.state is not AppointmentState.CANCELLED]
        persons = self._office.book.persons_of({each.applicant.subject for each in live})
        masked = {subject: str(person) for subject, person in persons.items()}
        return [
            copy_with(
                configuration.as_read(each, now),
                masked_id=None if each.state is AppointmentState.CANCELLED else masked.get(each.applicant.subject),
            )
            for each in expected
        ]

    def day_list(self, at: Branch, civil: date, valid_until: datetime | None, revoked: RevokedTickets) -> DayList:
        """The list of a day, valid from now until the end of its last shift unless given."""
        now = self._office.now()
        begin, _ = bounds_of(at, civil, civil)
        configuration = self._office.configuration.now()
        late = bool(configuration.catalogue.timetable(at).services_past_midnight)
        _, end = bounds_of(at, civil, civil + timedelta(days=late))
        until = end if valid_until is None else min(instant(valid_until, "until"), end)
        if until <= now:
            raise InvalidInput("day", got=civil.isoformat(), expected="today or a later day")
        tickets = self.appointments(at, civil, now, every_state=True)
        unused = {AppointmentState.BOOKED, AppointmentState.CANCELLED}
        used = [each.number for each in tickets if each.state not in unused]
        histories = self._office.book.histories(used) if used else []
        uses = {number: next(iter(uses_in(history)), None) for number, history in zip(used, histories, strict=True)}
        return DayList(
            branch=at.id,
            code=at.code,
            day=Day(civil),
            time_zone=at.time_zone,
            as_of=now,
            until=until,
            tickets=tuple(listed_ticket(each, uses.get(each.number)) for each in tickets),
            rulebooks=self._rules(at, now, until),
            revoked=tuple(each for each in revoked.tickets if begin <= each.starts_at < end),
        )

    def _rules(self, at: Branch, now: datetime, until: datetime) -> tuple[GateRules, ...]:
        """The rules of each version of the rulebook that decides at some time from `now` until `until`."""
        found, configuration = [], self._office.configuration.latest_known
        while True:
            rulebook = configuration.rulebook(now)
            found.append(gate_rules(rulebook, at.id))
            if rulebook.in_force_until is None or legal_midnight(rulebook.in_force_until) >= until:
                return tuple(found)
            now = legal_midnight(rulebook.in_force_until)

    def scan(self, code: str, at: Branch, by: Requester, scan_id: str, happened_at: datetime | None) -> GateAnswer:
        """The answer to a scan; if it admits the applicant, they are checked in."""
        staff(by, at.id)
        read, checked, now = self._office.read_code(scanned_text(code)), request_id(scan_id), self._office.now()
        came_at = now if happened_at is None else instant(happened_at, "happened_at")
        if came_at > now:
            raise InvalidInput("happened_at", got=came_at.isoformat(), expected=f"{now.isoformat()} or before")
        view = self._view(read, at, came_at)
        if view.use is not None and view.use.scan_id == checked:
            came_at = view.use.happened_at  # the same scan again
        answer = answer_scan(read, view, scan_id=checked, happened_at=came_at, answered_at=now)
        if not answer or view.use is not None:
            return answer
        request = self._office.requests.check_in(
            str(answer.number), by=by, request_id=checked, happened_at=None if happened_at is None else came_at
        )
        outcome = self._office.execute(request, CheckedIn)
        view = self._view(read, at, came_at)
        again = answer_scan(read, view, scan_id=checked, happened_at=came_at, answered_at=now)
        if again and not isinstance(outcome, CheckedIn):  # a rule that reads more than a gate sees
            verdicts = outcome.verdicts if isinstance(outcome, Refused) else ()
            return copy_with(again, result=GateResult.REFUSED, verdicts=verdicts)
        return again

    def _view(self, read: ReadCode, at: Branch, came_at: datetime) -> GateView:
        """The view of a gate of the branch on the appointment whose number was scanned."""
        number = number_in(read)
        (found,) = (None,) if number is None else self._office.book.stored_under([number])
        appointment = None if found is None else found.appointment
        uses = [] if found is None else uses_in(found.events)
        rulebook = self._office.configuration.now().rulebook(came_at)
        if appointment is not None:
            person = self._office.book.person_of(appointment.applicant.subject)
            appointment = copy_with(appointment.as_of(came_at), masked_id=None if person is None else str(person))
        return GateView(
            branch=at.id,
            code=at.code,
            time_zone=at.time_zone,
            rules=gate_rules(rulebook, at.id),
            known=None if appointment is None else listed_ticket(appointment),
            use=next(iter(uses), None),
        )

    def merge(self, scans: Iterable[Scan], by: Requester) -> MergeReport:
        """The report on a merge, once everything in it is recorded."""
        checked = requester(by)
        staff(checked, min(checked.branches) if isinstance(checked, Clerk) and checked.branches else None)
        now, results = self._office.now(), _MergeResults()
        codes: dict[RequestId, ReadCode] = {}
        numbers: dict[RequestId, AppointmentNumber] = {}
        for scan in in_merge_order(scans):
            read = codes[scan.scan_id] = self._office.read_code(scan.code)
            number = number_in(read)
            if not scan.result.admits:
                results.turned_away.append(scan)
            elif scan.happened_at > now:
                results.postponed.append(scan)
            elif number is None:
                reason = FAULTS[read.fault] if isinstance(read, RefusedCode) else None
                results.refused.append(RefusedScan(scan=scan, reason=reason))
            else:
                results.to_record.append(scan)
                numbers[scan.scan_id] = number
        before = self._histories(numbers.values())
        for scan in results.to_record:
            number = numbers[scan.scan_id]
            history = before[number]
            if scan.scan_id in {use.scan_id for use in uses_in(history)}:
                results.known.append(scan)
            elif had_moved(codes[scan.scan_id], history, scan.happened_at):
                results.refused.append(RefusedScan(scan=scan, reason=GateResult.MOVED))
            else:
                self._record(scan, number, by, results)
        after = self._histories(numbers.values())
        return results.report(now, {number: uses_in(history) for number, history in after.items()})

    def _record(self, scan: Scan, number: AppointmentNumber, by: Requester, results: _MergeResults) -> None:
        found = self._office.book.appointment(number)
        if found is not None and found.slot.branch != scan.branch:
            results.refused.append(RefusedScan(scan=scan, reason=GateResult.WRONG_BRANCH))
            return
        request = self._office.requests.check_in(
            number, by=by, request_id=scan.scan_id, happened_at=scan.happened_at, gate=scan.gate
        )
        try:
            outcome = self._office.execute(request, CheckedIn)
        except RequestMismatch:
            results.refused.append(RefusedScan(scan=scan))
            return
        match outcome:
            case CheckedIn():
                results.accepted.append(scan)
            case Refused():
                results.refused.append(RefusedScan(scan=scan, verdicts=outcome.verdicts))
            case Throttled():
                results.postponed.append(scan)

    def _histories(self, numbers: Iterable[AppointmentNumber]) -> dict[AppointmentNumber, list[AppointmentEvent]]:
        each_once = list(dict.fromkeys(numbers))
        found: dict[AppointmentNumber, list[AppointmentEvent]] = {}
        for place in range(0, len(each_once), READ_TOGETHER):
            some = each_once[place : place + READ_TOGETHER]
            found.update(zip(some, self._office.book.histories(some), strict=True))
        return found


@define
class _MergeResults:
    """The scans of a merge, each in one list."""

    to_record: list[Scan] = field(factory=list)
    accepted: list[Scan] = field(factory=list)
    known: list[Scan] = field(factory=list)
    refused: list[RefusedScan] = field(factory=list)
    turned_away: list[Scan] = field(factory=list)
    postponed: list[Scan] = field(factory=list)

    def report(self, now: datetime, uses: dict[AppointmentNumber, list[TicketUse]]) -> MergeReport:
        """The report; a scan whose use of the ticket is not the first is a conflict alone."""
        conflicts = [
            SecondUse(number=number, use=use, first=first)
            for number, (first, *others) in ((number, of) for number, of in uses.items() if of)
            for use in others
        ]
        second = {each.use.scan_id for each in conflicts}
        return MergeReport(
            merged_at=now,
            accepted=tuple(each for each in self.accepted if each.scan_id not in second),
            known=tuple(each for each in self.known if each.scan_id not in second),
            conflicts=tuple(sorted(conflicts, key=lambda each: each.use.order)),
            refused=tuple(self.refused),
            turned_away=tuple(self.turned_away),
            postponed=tuple(self.postponed),
        )
