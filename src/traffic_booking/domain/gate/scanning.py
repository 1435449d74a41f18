"""The decision at a gate: one answer to a scan, by the same rules with the store and without."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.appointments.ticket_codes import TicketClaims, ticket_id_of
from traffic_booking.domain.audit.revoked_ticket import Revocation
from traffic_booking.domain.gate.answers import GateAnswer
from traffic_booking.domain.gate.day_list import GateRules, ListedTicket
from traffic_booking.domain.gate.results import GateResult
from traffic_booking.domain.gate.scans import TicketUse
from traffic_booking.domain.people.actors import System
from traffic_booking.domain.people.applicants import Applicant, Subject
from traffic_booking.domain.places.geography import BranchCode, BranchId
from traffic_booking.domain.places.services import Holder, ServiceId
from traffic_booking.domain.rules.attending import CLOSES, OPENS, arrival_at
from traffic_booking.domain.rules.cases import AppointmentCase
from traffic_booking.domain.rules.verdict import Verdict
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.signing.code_reading import CodeFault, ReadCode, RefusedCode, UnsignedCode, VerifiedCode
from traffic_booking.domain.text_input import RequestId
from traffic_booking.domain.values import frozen

ANY_SERVICE: Final = ServiceId("any")
"""Stands for the service of an appointment that is known by its signed code alone, which names none."""
ELSEWHERE: Final = BranchId("elsewhere")
"""Stands for the branch of such an appointment if it is another one than that of the gate."""
NOBODY: Final = Applicant(Subject("nobody"), Holder.CITIZEN)
"""Stands for the applicant: the rules of checking in read nothing of a person."""
FAULTS: Final[Mapping[CodeFault, GateResult]] = {
    CodeFault.NOT_A_CODE: GateResult.UNREADABLE,
    CodeFault.MALFORMED: GateResult.FORGED,
    CodeFault.UNKNOWN_KEY: GateResult.UNKNOWN_KEY,
    CodeFault.FORGED: GateResult.FORGED,
}
_REVOKED: Final[Mapping[Revocation, GateResult]] = {
    Revocation.MOVED: GateResult.MOVED,
    Revocation.CANCELLED: GateResult.CANCELLED,
}
_OTHER_PLACE_OR_DAY: Final = frozenset({GateResult.WRONG_BRANCH, GateResult.WRONG_DAY})
_OUTSIDE_CHECK_IN: Final = frozenset({GateResult.TOO_EARLY, GateResult.TOO_LATE})


@frozen(kw_only=True)
class GateView:
    """The view of a gate: its branch, the rules, and the appointment of the scanned number if it is known.

    `use` is the use of the ticket that is known here. A signed ticket for an appointment that is not known is accepted
    by its signature if the start that it claims is in `unlisted` (from, until): it was booked after the list was made.
    `revoked` is set if its ticket was revoked before that.
    """

    branch: BranchId
    code: BranchCode
    time_zone: str
    rules: GateRules
    known: ListedTicket | None = None
    use: TicketUse | None = None
    unlisted: tuple[datetime, datetime] | None = None
    revoked: Revocation | None = None


@frozen(kw_only=True)
class _Found:
    """The result of a scan, and the values of its answer."""

    result: GateResult
    place: ListedTicket | None = None
    when: datetime | None = None
    verdicts: tuple[Verdict, ...] = ()
    listed: bool = True


def answer_scan(
    read: ReadCode, view: GateView, *, scan_id: RequestId, happened_at: datetime, answered_at: datetime
) -> GateAnswer:
    """The answer to a scan at `happened_at`; the first result that fits, in the order of `GateResult`."""
    found = _found(read, view, scan_id, happened_at)
    place = found.place
    used = found.result is GateResult.ALREADY_USED
    return GateAnswer(
        scan_id=scan_id,
        result=found.result,
        happened_at=happened_at,
        answered_at=answered_at,
        time_zone=view.time_zone,
        number=number_in(read),
        branch=None if place is None or place.slot.branch == ELSEWHERE else place.slot.branch,
        when=found.when,
        use=view.use if used else None,
        masked_id=place.masked_id if place is not None and (found.result.admits or used) else None,
        signed=isinstance(read, VerifiedCode),
        listed=found.listed and place is not None,
        verdicts=found.verdicts,
    )


def number_in(read: ReadCode) -> AppointmentNumber | None:
    """The appointment's number in a code; None if the code is refused."""
    match read:
        case VerifiedCode():
            return read.claims.number
        case UnsignedCode():
            return read.number
        case RefusedCode():
            return None
        case never:
            assert_never(never)


def _found(read: ReadCode, view: GateView, scan_id: RequestId, at: datetime) -> _Found:
    if isinstance(read, RefusedCode):
        return _Found(result=FAULTS[read.fault])
    known = view.known
    if isinstance(read, VerifiedCode):
        claims, claimed = read.claims, _claimed(read.claims, view)
        if known is None or claims.version > known.version:
            return _unlisted(claimed, view, scan_id, at)
        if not _is_near(claimed, view, at) and not _is_near(known, view, at):
            # The list has no tickets of other days, so the claim decides.
            return _placed(claimed, view, scan_id, at)
        is_stale = claims.ticket_id != ticket_id_of(known.number, known.slot)
    elif known is None:
        return _Found(result=GateResult.NOT_LISTED)
    else:
        is_stale = False
    is_cancelled = known.state is AppointmentState.CANCELLED
    # The list has no tickets of other days, so the claim decides.
    if is_stale and not (is_cancelled and _is_near(known, view, at)):
        return _Found(result=GateResult.MOVED, place=known, when=None if is_cancelled else known.slot.starts_at)
    return _Found(result=GateResult.CANCELLED, place=known) if is_cancelled else _placed(known, view, scan_id, at)


def _unlisted(claimed: ListedTicket, view: GateView, scan_id: RequestId, at: datetime) -> _Found:
    """The result for a signed ticket that is newer than what is known here."""
    found = _placed(claimed, view, scan_id, at)
    if found.result not in _OTHER_PLACE_OR_DAY:
        if view.revoked is not None:
            return _Found(result=_REVOKED[view.revoked], place=claimed, listed=False)
        begin, end = view.unlisted or (at, at)
        if not begin <= claimed.slot.starts_at < end:
            return _Found(result=GateResult.NOT_LISTED)
    return _Found(result=found.result, place=claimed, when=found.when, verdicts=found.verdicts, listed=False)


def _placed(place: ListedTicket, view: GateView, scan_id: RequestId, at: datetime) -> _Found:
    """The result for an appointment at its present place, whose ticket is right."""
    start = place.slot.starts_at
    if place.slot.branch != view.branch:
        return _Found(result=GateResult.WRONG_BRANCH, place=place, when=start)
    timed = _timed(place, view, at)
    if timed.result in _OUTSIDE_CHECK_IN and _local(start, view).date() != _local(at, view).date():
        return _Found(result=GateResult.WRONG_DAY, place=place, when=start)
    use = view.use
    if use is not None and use.scan_id != scan_id:
        return _Found(result=GateResult.ALREADY_USED, place=place, when=use.happened_at)
    if place.state is not AppointmentState.BOOKED and use is None:
        return timed if timed.result in _OUTSIDE_CHECK_IN else _Found(result=GateResult.NOT_BOOKED, place=place)
    return timed


def _timed(place: ListedTicket, view: GateView, at: datetime) -> _Found:
    """The result of the rules of checking in for an appointment that is booked there."""
    slot = place.slot
    case = AppointmentCase(System(), _as_booked(place, view, at))
    evaluation = view.rules.evaluate(case, at, slot)
    if evaluation.granted:
        arrival = GateResult(arrival_at(view.rules.rule(OPENS, slot), slot.starts_at, at))
        return _Found(result=arrival, place=place, when=slot.starts_at)
    verdicts = evaluation.refused
    broken = {each.rule_id: each for each in verdicts}
    if OPENS in broken:
        return _Found(result=GateResult.TOO_EARLY, place=place, when=broken[OPENS].allowed_from, verdicts=verdicts)
    if CLOSES in broken:
        ended = broken[CLOSES].limit
        when = ended if isinstance(ended, datetime) else None
        return _Found(result=GateResult.TOO_LATE, place=place, when=when, verdicts=verdicts)
    return _Found(result=GateResult.REFUSED, place=place, verdicts=verdicts)


def _is_near(place: ListedTicket, view: GateView, at: datetime) -> bool:
    """True if a gate of the branch expects the place on the day of the scan."""
    if place.slot.branch != view.branch:
        return False
    same_day = _local(place.slot.starts_at, view).date() == _local(at, view).date()
    return same_day or _timed(place, view, at).result not in _OUTSIDE_CHECK_IN


def _local(moment: datetime, view: GateView) -> datetime:
    return moment.astimezone(ZoneInfo(view.time_zone))


def _claimed(claims: TicketClaims, view: GateView) -> ListedTicket:
    """The appointment as its signed code states it."""
    known = None if view.known is None else view.known.slot
    elsewhere = ELSEWHERE if known is None or known.branch == view.branch else known.branch
    branch = view.branch if claims.branch == view.code else elsewhere
    service = ANY_SERVICE if known is None else known.service
    return ListedTicket(
        number=claims.number,
        version=claims.version,
        state=AppointmentState.BOOKED,
        slot=SlotKey(branch, service, claims.starts_at),
        ends_at=claims.ends_at,
    )


def _as_booked(place: ListedTicket, view: GateView, at: datetime) -> Appointment:
    return Appointment(
        number=place.number,
        version=place.version,
        state=AppointmentState.BOOKED,
        slot=place.slot,
        slot_ends_at=place.ends_at,
        time_zone=view.time_zone,
        applicant=NOBODY,
        rulebook=view.rules.version,
        changed_at=at,
    )
