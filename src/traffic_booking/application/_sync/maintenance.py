"""The maintenance of a desk's store: pruning, erasing, and changing the pseudonym key, while requests go on.

Made from `traffic_booking.application.maintenance` by `python -m tools.check_sync --write`: change that.
"""

from collections.abc import Mapping

from attrs import evolve as copy_with

from traffic_booking.application.arguments import person as checked_person
from traffic_booking.domain.appointments.events import UpkeepDone
from traffic_booking.domain.audit.retention import Retention
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.actors import Clerk, System, staff
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.ports.clock import Clock


class Maintenance:
    """`desk.maintenance`: pruning, erasing, and changing the pseudonym key. Bookings go on meanwhile.

    `by` is a `Clerk`, or the host's own schedule (`System()`). Each use is written to the log. A run that was stopped
    is continued by the next run.
    """

    def __init__(self, book: AppointmentBook, clock: Clock, retention: Retention) -> None:
        self._book = book
        self._clock = clock
        self._retention = retention

    def prune(self, *, retention: Retention | None = None, by: Clerk | System) -> Mapping[str, int]:
        """Remove the records whose period of retention is over; return how many of each period, by its name.

        `retention` defaults to the desk's periods. Records are removed in small batches; a record that another request
        has just changed is left for the next run. Refusals and reveals are removed by whole days (UTC): an entry goes
        once all of its day is older than the period. Example: `desk.maintenance.prune(by=System())`.

        Raises:
            InvalidInput: `retention` is no `Retention`, or `by` is neither a `Clerk` nor `System()`.
        """
        given = self._retention if retention is None else retention
        if not isinstance(given, Retention):
            raise InvalidInput("retention", got=type(given).__name__, expected="a Retention")
        done, removed = self._done("", by), dict[str, int]()
        pruning = self._book.pruning()
        for name, period in given.periods.items():
            removed[name] = pruning.prune(name, done.at - period, copy_with(done, what=name))
        return removed

    def erase(self, person: PersonId, *, by: Clerk | System) -> bool:
        """Remove the id, the account and the assertions of a person; return whether the person was registered.

        Appointments, answers and events stay, under a subject that nobody can look up any more. A later request with
        the same id is that of a new person. Example: `desk.maintenance.erase(person, by=Clerk("desk-1"))`.

        Raises:
            InvalidInput: The person has an active appointment or hold (cancel it first), or `by` is neither a `Clerk`
                nor `System()`.
        """
        done, checked = self._done("erasure", by), checked_person(person)
        upkeep = self._book.upkeep()
        return upkeep.erase(checked, done)

    def rekey(self, *, by: Clerk | System) -> int:
        """Write all persons' records under the desk's newest pseudonym key; return how many were written anew.

        Every open desk needs both keys, the new one first: `pseudonym_key=[new, old]`. A desk that lacks one of them
        raises `InvalidInput` from now on. Once this returns, desks may be opened with the new key alone. Example:
        `desk.maintenance.rekey(by=System())`.

        Raises:
            InvalidInput: The key in use was not given, or `by` is neither a `Clerk` nor `System()`.
        """
        done = self._done("pseudonym key", by)
        upkeep = self._book.upkeep()
        return upkeep.rekey(done)

    def _done(self, what: str, by: object) -> UpkeepDone:
        return UpkeepDone(at=instant(self._clock.now()), actor=staff(by), what=what, count=0)
