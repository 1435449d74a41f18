"""The merge of scans from gates that had no store: one order for all, and a report in which no scan is missing."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from attrs import field

from traffic_booking.domain.appointments.appointment import FIRST
from traffic_booking.domain.appointments.events import AppointmentEvent, AppointmentMoved
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.ticket_codes import ticket_id_of
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.gate.results import GateResult
from traffic_booking.domain.gate.scans import Scan, TicketUse
from traffic_booking.domain.instants import instant
from traffic_booking.domain.rules.verdict import Verdict
from traffic_booking.domain.signing.code_reading import ReadCode, VerifiedCode
from traffic_booking.domain.value_input import bounded_list
from traffic_booking.domain.values import frozen

MOST_SCANS: Final = 10_000
"""The most scans of one merge; merge more of them in parts, in any order."""


@frozen(kw_only=True)
class SecondUse:
    """A ticket that was used again: `first` is the use that counts, `use` is a later one. Both admitted somebody."""

    number: AppointmentNumber
    use: TicketUse
    first: TicketUse


@frozen(kw_only=True)
class RefusedScan:
    """A scan that admitted somebody, although the rules refuse it: `verdicts` has the broken ones.

    Without verdicts, `reason` is the answer of a gate with the store: the code is not readable here, the appointment
    had been moved before the scan, or it is at another branch. If that is None too, the id of the scan belongs to
    another request.
    """

    scan: Scan
    verdicts: tuple[Verdict, ...] = ()
    reason: GateResult | None = None


@frozen(kw_only=True)
class MergeReport:
    """The result of a merge at `merged_at` (UTC). It is truthy if no ticket was used twice and nothing is refused.

    Each scan is in one of the lists. `accepted` are recorded by this merge, and `known` were before. `conflicts` has
    every further use of their tickets, also one that was merged before. `refused` are recorded as refusals.
    `turned_away` were not admitted at the gate, and change nothing. `postponed` are not recorded: their instants are in
    the future, or too much was refused within a minute. Merge them again later.
    """

    merged_at: datetime = field(converter=instant)
    accepted: tuple[Scan, ...] = ()
    known: tuple[Scan, ...] = ()
    conflicts: tuple[SecondUse, ...] = ()
    refused: tuple[RefusedScan, ...] = ()
    turned_away: tuple[Scan, ...] = ()
    postponed: tuple[Scan, ...] = ()

    def __bool__(self) -> bool:
        return not self.conflicts and not self.refused


def had_moved(read: ReadCode, history: Iterable[AppointmentEvent], at: datetime) -> bool:
    """True if a signed code is of another slot than the appointment had at an instant: it had been moved."""
    places = [each for each in history if isinstance(each, (*FIRST, AppointmentMoved))]
    if not isinstance(read, VerifiedCode) or not places:
        return False
    place = next((each for each in reversed(places) if each.at <= at), places[0])
    return read.claims.ticket_id != ticket_id_of(place.number, place.slot)


def in_merge_order(scans: Iterable[Scan]) -> tuple[Scan, ...]:
    """The scans by instant, then by id, each once.

    Raises:
        InvalidInput: There are more than 10,000, one is no `Scan`, or two different ones have the same id.
    """
    return _in_order(bounded_list(scans, "scans", most=MOST_SCANS))


def merge_parts(scans: Iterable[Scan]) -> Iterator[tuple[Scan, ...]]:
    """Any number of scans in the order of a merge, in parts of at most 10,000, one at least.

    Raises as `in_merge_order`.
    """
    ordered = _in_order(scans)
    return (ordered[place : place + MOST_SCANS] for place in range(0, max(len(ordered), 1), MOST_SCANS))


def summed(reports: Sequence[MergeReport]) -> MergeReport:
    """The report on one merge that was made in parts, in their order."""
    conflicts = {(each.number, each.use): each for report in reports for each in report.conflicts}
    second = {each.use.scan_id for each in conflicts.values()}

    def joined(name: str) -> tuple[Any, ...]:
        return tuple(each for report in reports for each in getattr(report, name))

    return MergeReport(
        merged_at=reports[-1].merged_at,
        accepted=tuple(each for each in joined("accepted") if each.scan_id not in second),
        known=tuple(each for each in joined("known") if each.scan_id not in second),
        conflicts=tuple(sorted(conflicts.values(), key=lambda each: each.use.order)),
        refused=joined("refused"),
        turned_away=joined("turned_away"),
        postponed=joined("postponed"),
    )


def _in_order(scans: Iterable[Scan]) -> tuple[Scan, ...]:
    by_id: dict[str, Scan] = {}
    for each in scans:
        if type(each) is not Scan:
            raise InvalidInput("scans", got=type(each).__name__, expected="Scan values alone")
        if by_id.setdefault(each.scan_id, each) != each:
            raise InvalidInput(
                "scans", got="two different scans with one id", expected="an id of its own for each scan"
            )
    return tuple(sorted(by_id.values(), key=lambda each: (each.happened_at, each.scan_id)))
