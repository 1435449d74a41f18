"""After a restore: what the store lacks of its sealed log is repeated, revoked and recorded.

Made from `traffic_booking.application.restoring` by `python -m tools.check_sync --write`: change that.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from traffic_booking.application._sync.behind_log import behind
from traffic_booking.application._sync.erasing import cancel_active
from traffic_booking.application._sync.office import Office
from traffic_booking.application.pending_requests import ATTEMPTS
from traffic_booking.application.sealed_log import LogToAudit, SealedLog
from traffic_booking.domain.appointments.events import PersonErased
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.audit.feed import BEGINNING, FeedPosition
from traffic_booking.domain.audit.restores import Restoration, StoreRestored, is_lost
from traffic_booking.domain.audit.revoked_ticket import RevokedTicket
from traffic_booking.domain.errors import InvalidInput, StoreContended
from traffic_booking.domain.people.actors import Clerk, System
from traffic_booking.domain.people.applicants import Subject
from traffic_booking.domain.signing.revocations import KEPT
from traffic_booking.domain.text_input import RequestId
from traffic_booking.domain.value_input import with_methods
from traffic_booking.persistence._sync.upkeep import Upkeep
from traffic_booking.persistence.erasures import ERASED_KIND, decode_erased
from traffic_booking.persistence.keys import UPKEEP_STREAM
from traffic_booking.persistence.leaves import entry_of
from traffic_booking.persistence.log import event_of, number_of
from traffic_booking.persistence.marks import mark_of
from traffic_booking.persistence.restores import restored_appends, restores_in, tickets_in
from traffic_booking.ports.primitives import EntriesOfStreams, LogEntry, StoreChange

PAGE: Final = 1_000


def after_restore(office: Office, log: SealedLog, *, by: Clerk | System, request_id: RequestId) -> Restoration:
    """Repeat, revoke and record what a restored store lacks, as `maintenance.after_restore` does."""
    (upkeep,) = office.store.read([EntriesOfStreams([UPKEEP_STREAM])])[0]
    known = restores_in(upkeep)
    restored = next((each for each in known if each.request_id == request_id), None)
    if restored is None:
        restored = _recorded(office, log, known, by, request_id)
        known += [] if restored is None else [restored]
    erased, active = list[Subject](), list[AppointmentNumber]()
    if known:
        upkeep = office.book.upkeep()
        for erasure in _erasures(log, known):
            in_the_way = _erase_again(office, upkeep, erasure, by)
            active += in_the_way
            if erasure.subject is not None and not in_the_way:
                erased.append(erasure.subject)
        office.overwrite_removed(upkeep.removed)
    return Restoration(restored=restored, erased=tuple(dict.fromkeys(erased)), active=tuple(active))


def sealed_log(given: object) -> SealedLog:
    """The log that `read_log` has found. Raises `InvalidInput` for anything else, and `LogUnreadable`."""
    if type(given) is not LogToAudit:
        raise InvalidInput("log", got=type(given).__name__, expected="a log that read_log has returned")
    return given.open()


def _recorded(
    office: Office, log: SealedLog, known: Sequence[StoreRestored], by: Clerk | System, request_id: RequestId
) -> StoreRestored | None:
    """Record the gap, and revoke its tickets; None if the store has every sealed entry."""
    after, lost = _lost(office, log, known)
    if not lost:
        return None
    gap = StoreRestored(
        at=office.now(),
        actor=by,
        request_id=request_id,
        after=after,
        until=lost[-1].position,
        leaves=len(lost),
        revoked=_tickets(office, lost),
    )
    store: Any = with_methods(office.store, "store", "advance")
    store.advance(gap.until)
    office.store.commit([StoreChange(entries=restored_appends(gap))])
    return gap


def _lost(office: Office, log: SealedLog, known: Sequence[StoreRestored]) -> tuple[FeedPosition, list[LogEntry]]:
    """The position of the last entry that the store and the log have, and the sealed entries behind that it lacks.

    Raises `StoreBehindLog` if the store has other entries there: something was written after the restore.
    """
    common, lost = BEGINNING, list[LogEntry]()
    leaves = map(entry_of, log.verified_leaves())
    leaf = next(leaves, None)
    trims = set[str]()
    for entries in _pages(office):
        for entry in entries:
            while leaf is not None and leaf.position < entry.position:
                lost.append(leaf)
                leaf = next(leaves, None)
            if leaf is None:
                trims.update(mark_of(entry.body).trims)
            elif leaf == entry:
                common, lost, leaf = entry.position, [], next(leaves, None)
            else:
                raise behind(log, f"other entries than those sealed, from {tuple(entry.position)} on")
    while leaf is not None:
        lost.append(leaf)
        leaf = next(leaves, None)
    lost = [each for each in lost if not is_lost(each.position, known)]
    return common, lost if any(each.stream not in trims for each in lost) else []


def _pages(office: Office) -> Iterator[Sequence[LogEntry]]:
    """The entries of the store, in pages."""
    position = BEGINNING
    while entries := office.store.feed(position, limit=PAGE).entries:
        yield entries
        position = entries[-1].position


def _tickets(office: Office, lost: Sequence[LogEntry]) -> tuple[RevokedTicket, ...]:
    """The tickets that the lost entries have issued or revoked, if their time is not over."""
    events = [event_of(each) for each in lost if number_of(each) is not None]
    numbers = list(dict.fromkeys(each.number for each in events))
    stored = list(office.book.appointments_by_number(numbers).values())
    now = office.now()
    return tuple(each for each in tickets_in(events, stored) if each.starts_at + KEPT > now)


def _erasures(log: SealedLog, gaps: Sequence[StoreRestored]) -> list[PersonErased]:
    """The erasures in the gaps."""
    found = [entry_of(leaf) for leaf in log.leaves()]
    lost = [each for each in found if is_lost(each.position, gaps)]
    return [decode_erased(each) for each in lost if each.kind == ERASED_KIND]


def _erase_again(
    office: Office, upkeep: Upkeep, erasure: PersonErased, by: Clerk | System
) -> tuple[AppointmentNumber, ...]:
    """Repeat an erasure; return the appointments that can't be cancelled now."""
    if erasure.subject is None:
        return ()
    for _ in range(ATTEMPTS):
        active = upkeep.erase_again(erasure, office.now())
        if not active:
            return ()
        refused = cancel_active(office, by, active, erasure.request_id)
        if refused:
            return tuple(refused)
    tried = f"erasure: got a new appointment of the person in each of {ATTEMPTS} attempts"
    raise StoreContended(f"{tried}; expected an attempt without one, try again")
