"""The maintenance of a desk's store: pruning, erasing, recounting seats, changing the pseudonym key; requests go on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from attrs import evolve as copy_with

from traffic_booking.application import arguments
from traffic_booking.application.office import AsyncOffice
from traffic_booking.domain.appointments.events import UpkeepDone
from traffic_booking.domain.appointments.states import LONGEST_LOOK_BACK
from traffic_booking.domain.audit.installations import Installed, PendingInstallation
from traffic_booking.domain.audit.restores import Restoration
from traffic_booking.domain.audit.retention import Retention
from traffic_booking.domain.decisions.outcomes import Erasure
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.people.actors import Clerk, System, staff
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.value_input import remade

if TYPE_CHECKING:  # few desks need it
    from traffic_booking.application.sealed_log import LogToAudit
    from traffic_booking.domain.inquiries.own_data import OwnData
    from traffic_booking.domain.people.actors import Requester

MOST_HOLDS: Final = 1_000
MOST_NO_SHOWS: Final = 1_000


class AsyncMaintenanceRoom:
    """`desk.maintenance`: holds, no-shows, counts of seats, pruning, erasing, pseudonym keys. Bookings go on.

    `by` is a `Clerk` of all branches, or the host's own schedule (`System()`). Each use is written to the log. A run
    that was stopped is continued by the next run.
    """

    def __init__(self, office: AsyncOffice) -> None:
        self._office = office

    async def expire_holds(self, *, limit: int = 100) -> int:
        """End at most `limit` (1 to 1,000) holds that have run out, and return how many were ended.

        Booking and searching never wait for it: it only keeps the store tidy.
        Example: `await desk.maintenance.expire_holds()`.

        Raises:
            InvalidInput: `limit` is out of bounds.
        """
        from traffic_booking.application.batch_execution import expire_holds

        arguments.within_bounds("limit", limit, MOST_HOLDS)
        return await expire_holds(self._office.book, self._office.clock, limit=limit)

    async def record_no_shows(self, *, by: Clerk | System, limit: int = 100, days: int = 7) -> int:
        """Record that nobody came to appointments whose grace (AT-07) is over; return how many were recorded.

        It looks at slots that started within the last `days` (1 to 366) and records at most `limit` (1 to 1,000). No
        decision waits for it: a missed appointment counts from the end of its slot, recorded or not. Run it again
        after a result of `limit`. Example: `await desk.maintenance.record_no_shows(by=System())`.

        Raises:
            InvalidInput: `limit` or `days` is out of bounds, or `by` is neither a `Clerk` nor `System()`.
        """
        from traffic_booking.application.batch_execution import record_no_shows

        actor, office = staff(by), self._office
        arguments.within_bounds("limit", limit, MOST_NO_SHOWS)
        arguments.within_bounds("days", days, LONGEST_LOOK_BACK.days)
        configuration = await office.configuration.now()
        return await record_no_shows(
            office.book, office.clock, configuration, actor, limit=limit, back=timedelta(days=days)
        )

    async def recount_seats(self, *, by: Clerk | System) -> int:
        """Count the seats of live appointments in the pools of the desk's catalogue; return how many were moved there.

        Run it once every desk has a catalogue whose pools, or the durations in them, have changed: until then the
        earlier appointments keep the counts of before, and a pool may give their seats away. No seat is lost by a
        recount; if a pool has more appointments than its capacity, nobody gets a seat there until it has fewer, and
        `desk.audit.verify` reports it. Example: `await desk.maintenance.recount_seats(by=System())`.

        Raises:
            InvalidInput: `by` is neither a `Clerk` nor `System()`.
        """
        from traffic_booking.application.batch_execution import recount_seats

        actor, office = staff(by), self._office
        return await recount_seats(office.book, office.clock, office.configuration.latest_known, actor)

    async def prune(self, *, retention: Retention | None = None, by: Clerk | System) -> Mapping[str, int]:
        """Remove the records whose period of retention is over; return how many of each period, by its name.

        `retention` defaults to the desk's periods. Records are removed in small batches; a record that another request
        has just changed is left for the next run. Refusals and reveals are removed by whole days (UTC): an entry goes
        once all of its day is older than the period. Example: `await desk.maintenance.prune(by=System())`.

        Raises:
            InvalidInput: `retention` is no `Retention`, or `by` is neither a `Clerk` nor `System()`.
        """
        given = self._office.retention if retention is None else retention
        if type(given) is not Retention:
            raise InvalidInput("retention", got=type(given).__name__, expected="a Retention")
        given = remade("retention", lambda: copy_with(given))
        done, removed = self._done("", by), dict[str, int]()
        pruning = self._office.book.pruning()
        for name, period in given.periods.items():
            removed[name] = await pruning.prune(name, done.at - period, copy_with(done, what=name))
        return removed

    async def erase(self, person: PersonId, *, reason: str, by: Clerk | System, request_id: str) -> Erasure:
        """Cancel a person's active appointments, then remove the id, names, account, sessions and assertions.

        Appointments, answers and events stay, under a subject that nobody can look up any more. A later request with
        the same id is that of a new person. Nothing is cancelled or erased if one of the appointments can't be
        cancelled now (CN-03, CN-04, checked in): the result is falsy, and names them.
        Example: `await desk.maintenance.erase(person, reason="form 17 of 2026", by=Clerk("desk-1"), request_id=id)`.

        Args:
            reason: 1 to 400 characters, kept with `by` and the instant. It stays, so it must not name the person.
            request_id: The same request gets the same answer. Once the person is erased, the answer is returned
                whatever the id of the person is, since nobody can compare it.

        Raises:
            InvalidInput: `reason` or `request_id` has the person's id, or `reason` the user name; or `by` is neither a
                `Clerk` of all branches nor `System()`.
            RequestMismatch: `request_id` was used for another request, or the person has come back since.
            StoreContended: The person kept booking meanwhile.
        """
        from traffic_booking.application.erasing import erase

        return await erase(self._office, person, reason=reason, by=by, request_id=request_id)

    async def own_data(self, person: PersonId, *, by: Requester, reason: str = "") -> OwnData:
        """Return all that the store holds about a person, to hand over to them; each use is written to the log.

        `by` is the person themself, or a `Clerk` of all branches or `System` with a `reason`. The whole log is read
        once, page by page, so the time grows with the store. Nothing in it is about anybody else.
        Example: `own_data_page(await desk.maintenance.own_data(me, by=me), "en")`.

        Args:
            reason: 1 to 400 characters, kept in the log, so it must not name the person; the person may leave it out.

        Raises:
            InvalidInput: Staff gave no `reason`, it names the person, or the clerk doesn't serve all branches.
            NotFound: Nobody with this id is registered, or `by` is another person or a delegate.
        """
        from traffic_booking.application.exporting_own_data import own_data

        return await own_data(self._office, person, by=by, reason=reason)

    async def after_restore(self, *, log: LogToAudit, by: Clerk | System, request_id: str) -> Restoration:
        """Repeat, revoke and record what a restored store lacks of its sealed log; the log then goes on.

        Run it before anything else is written: with all desks closed, on one that was opened without `log=`.

        - The erasures in the log are repeated, after the cancellation of the person's active appointments.
        - Tickets of appointments that were booked, moved or cancelled in the lost time are revoked.
        - The gap gets a log entry (`StoreRestored`), and new entries get positions behind the sealed ones.

        It verifies the whole log. Run it again if it was stopped, or if `active` names appointments that could not be
        cancelled. `log` is that of `read_log`.
        Example: `await desk.maintenance.after_restore(log=log, by=Clerk("desk-1"), request_id=id)`.

        Raises:
            InvalidInput: `by` is neither a `Clerk` of all branches nor `System()`, or `log` is no sealed log.
            LogUnreadable: The log is damaged, or not signed by these keys.
            StoreBehindLog: Something was written since the restore. Restore the store again.
            StoreError: The store can't continue a log.
        """
        from traffic_booking.application.restoring import after_restore, sealed_log
        from traffic_booking.domain.text_input import request_id as checked_request_id

        actor, checked = staff(by), checked_request_id(request_id)
        return await after_restore(self._office, sealed_log(log), by=actor, request_id=checked)

    async def rekey(self, *, by: Clerk | System) -> int:
        """Write all persons' records under the desk's newest pseudonym key; return how many were written anew.

        Every open desk needs both keys, the new one first: `pseudonym_key=[new, old]`. A desk that lacks one of them
        raises `InvalidInput` from now on. Once this returns, desks may be opened with the new key alone. Example:
        `await desk.maintenance.rekey(by=System())`.

        Raises:
            InvalidInput: The key in use was not given, or `by` is neither a `Clerk` nor `System()`.
        """
        done = self._done("pseudonym key", by)
        upkeep = await self._office.book.upkeep()
        return await upkeep.rekey(done)

    async def install(self, *, by: Clerk | System, reason: str) -> Installed:
        """Install the desk's rulebook, catalogue and calendar; return the installation in effect.

        From then on only desks with these parts are opened. Nothing is written if they are installed already. Desks
        that are open go on with the parts that they were opened with: open them anew. `reason` has 1 to 400 characters.
        Example: `await desk.maintenance.install(by=Clerk("rules-office"), reason="Circular 12")`.

        Raises:
            InvalidInput: A version of the rulebook has the name of one that was installed with other figures, or `by`
                is neither a `Clerk` of all branches nor `System()`, or `reason` is too long.
        """
        from traffic_booking.domain.schedule.entries import reason_text

        actor, why, office = staff(by), reason_text(reason), self._office
        return await office.installations.install(office.installed.given, at=office.now(), by=actor, reason=why)

    async def pending_installation(self) -> PendingInstallation:
        """Return what `install` would change, without changing anything.

        Example: `await desk.maintenance.pending_installation()`.

        Raises:
            InvalidInput: A version of the rulebook has the name of one that was installed with other figures.
        """
        return await self._office.installations.pending(self._office.installed.given)

    def _done(self, what: str, by: object) -> UpkeepDone:
        return UpkeepDone(at=self._office.now(), actor=staff(by), what=what, count=0)
