"""Thousands of persons erased beside bookings and a sealer: no trace of them is left, and every proof still holds."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from time import thread_time
from typing import Any, Final

from tests.bookings import slot
from tests.campaigns.kept_proofs import KeptProofs
from tests.campaigns.personal_traces import KINDS, Traces, canary, named, vouched
from tests.campaigns.workload import CLERK, busy_desk
from tests.small_town import START
from traffic_booking import Booked, Delegate, Erasure, Sealer, SlotKey, System
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.domain.decisions.outcomes import Outcome, Throttled
from traffic_booking.domain.people.user_names import UserName
from traffic_booking.persistence.accounts import Accounts
from traffic_booking.testing import MovableClock

FILE: Final = "bookings.db"
THREADS: Final = 6
ERASED_FOR_ONE_KEPT: Final = 5
LARGEST_WAVE: Final = 100
CAPACITY: Final = 400
"""Seats of a slot: enough for everybody."""
WEEKEND: Final = (4, 5)
EXPORTS: Final = 3
SEARCHED_IN_ALL_FORMS: Final = 5
LIVES: Final = ("attends", "keeps", "moves", "cancels", "holds", "is refused", "acts for another")


class Erasing:
    """A campaign: days on which persons come, book and are erased while the log is sealed."""

    def __init__(self, folder: Path, erasures: int, seed: int, store: type[SqliteStore]) -> None:
        self.found: Counter[str] = Counter()
        self.people = erasures + max(2, erasures // ERASED_FOR_ONE_KEPT)
        self.erased = set[int]()
        self._drawn = Random(f"{seed} erasures")
        self.kept = frozenset(self._drawn.sample(range(self.people), self.people - erasures))
        self.desk = busy_desk(store(folder / FILE), capacity=CAPACITY)
        self.proofs = KeptProofs(folder, self.desk, self._drawn)
        self._sealer = Sealer.open(f"sqlite:///{folder / FILE}", log=self.proofs.log, key=self.proofs.key)
        self._days = _working_days()
        self._waiting = list[int]()
        """The persons who came and are still to be erased."""
        self._booked = dict[int, str]()
        """The last number of each person who has one."""
        self._arriving = list[int]()
        self._busy = list[int]()
        """The persons whose bytes could not be overwritten at once."""
        self._used = list[float]()
        """The processor time of each erasure."""

    def close(self) -> None:
        """Let go of the store and the log."""
        self._sealer.close()
        self.desk.close()

    def live(self, progress: Callable[[int], None]) -> None:
        """Let everybody come, and erase all but those who are kept."""
        wave = max(1, min(LARGEST_WAVE, self.people // 5))
        days = range(0, self.people, wave)
        exports = {days[len(days) * each // EXPORTS] for each in range(EXPORTS)}
        for first in days:
            self._live_a_day(range(first, min(first + wave, self.people)), self._drawn.randint(0, wave))
            if first in exports:
                self.proofs.export(self._booked)
            progress(len(self.erased))
        while self._waiting:
            self._live_a_day(range(0), LARGEST_WAVE)
            progress(len(self.erased))
        for each in self._busy:
            assert self._erasure(each).overwritten, "nobody else has the file open"
        self._sealer.seal()
        tenth = -(-len(self._used) // 10)
        for name, used in (("first", self._used[:tenth]), ("last", self._used[-tenth:])):
            self.found[f"microseconds of the {name} tenth of erasures, median"] = round(1e6 * median(used))

    def _live_a_day(self, coming: range, most_leaving: int) -> None:
        """Some come, some are erased and the log is sealed, all at once; later some arrive at the branch."""
        morning = next(self._days)
        self._clock.move_to(morning)
        self._drawn.shuffle(self._waiting)
        leaving, self._waiting = self._waiting[:most_leaving], self._waiting[most_leaving:]
        tasks: list[Callable[[], object]] = [partial(self._erase, each) for each in leaving]
        for each in coming:
            later = morning + timedelta(days=self._drawn.randint(1, 20), hours=self._drawn.choice([1, 2.25, 3.5]))
            tasks.append(partial(self._come, each, self._drawn.choice(LIVES), morning, later))
        self._drawn.shuffle(tasks)
        tasks.insert(self._drawn.randint(0, len(tasks)), self._sealer.seal)
        with ThreadPoolExecutor(THREADS) as threads:
            for done in [threads.submit(each) for each in tasks]:
                done.result()
        self._waiting += [each for each in coming if each not in self.kept]
        self._clock.move_to(morning + timedelta(minutes=55))
        for each in self._arriving:
            self._count(self.desk.gate.check_in(self._booked[each], by=CLERK, request_id=f"arrived-{each}"))
        for each in [each for each in self._arriving if each not in self.kept][:1]:
            self.found["erasures that have to wait for a visit"] += not self._erasure(each)
        self._arriving.clear()
        self._sealer.seal()
        self.proofs.keep()

    def _come(self, serial: int, life: str, morning: datetime, later: datetime) -> None:
        person, desk, request = canary(serial), self.desk, f"came-{serial}"
        accounts = Accounts(desk.store, self._clock.now)
        accounts.set_user_name(person, UserName(named("name", serial)))
        accounts.set_password_hash(person, named("hash", serial))
        book = partial(desk.book, applicant=person, agreed=True, request_id=request, assertions=vouched(serial))
        match life:
            case "attends":
                self._note(serial, book(_slot(morning + timedelta(hours=1))))
                self._arriving += [serial] if serial in self._booked else []
            case "is refused":
                self._count(book(_slot(later + timedelta(minutes=1))))
            case "holds":
                self._count(desk.hold(_slot(later), applicant=person, request_id=request, assertions=vouched(serial)))
            case _:
                self._note(serial, book(_slot(later)))
        if life == "acts for another":
            friend = canary(min(self.kept))
            acting = Delegate(person=person, applicant=friend, services=["transfer"], until=later)
            self._count(
                desk.book(
                    _slot(later, "transfer"), applicant=friend, by=acting, agreed=True, request_id=f"acts-{serial}"
                )
            )
        if serial in self._booked and life == "moves":
            number = self._booked[serial]
            self._count(desk.move(number, _slot(later + timedelta(hours=1)), by=person, request_id=f"moved-{serial}"))
        if serial in self._booked and life == "cancels":
            self._count(desk.cancel(self._booked[serial], by=person, request_id=f"cancelled-{serial}"))

    def _erase(self, serial: int) -> None:
        """Erase a person, or let them wait for another day."""
        used = thread_time()
        erasure = self._erasure(serial)
        self._used.append(thread_time() - used)
        if not erasure:
            self._waiting.append(serial)
            return
        self.erased.add(serial)
        self.found["appointments cancelled by erasures"] += len(erasure.erased.cancelled) if erasure.erased else 0
        if not erasure.overwritten:
            self._busy.append(serial)

    def _erasure(self, serial: int) -> Erasure:
        request = f"erased-{serial}"
        return self.desk.maintenance.erase(canary(serial), reason=f"form {serial}", by=System(), request_id=request)

    def _note(self, serial: int, outcome: Outcome | Throttled) -> None:
        self._count(outcome)
        if isinstance(outcome, Booked):
            self._booked[serial] = outcome.appointment.number

    def _count(self, outcome: object) -> None:
        self.found[f"outcomes: {type(outcome).__name__}"] += 1

    @property
    def _clock(self) -> MovableClock:
        assert isinstance(self.desk.clock, MovableClock)
        return self.desk.clock


def _slot(starts_at: datetime, service: str = "renewal") -> SlotKey:
    return slot((starts_at - START) / timedelta(hours=1), service)


def _working_days() -> Iterator[datetime]:
    day = START
    while True:
        if day.weekday() not in WEEKEND:
            yield day
        day += timedelta(days=1)


def _traces_left(folder: Path, erasing: Erasing) -> Iterator[str]:
    """A sentence for each erased person who has left a trace in any file, and for each other one who has lost one."""
    traces = Traces(erasing.people)
    traces.search_folder(folder, sorted(erasing.erased)[:SEARCHED_IN_ALL_FORMS])
    traces.search_rows(folder / FILE)
    erasing.found["bytes searched"] = traces.bytes_searched
    for serial in range(erasing.people):
        kinds = traces.kinds.get(serial, set())
        if serial in erasing.erased and kinds:
            yield f"erased person {serial}: got {', '.join(sorted(kinds))} in the files; expected nothing"
        elif serial not in erasing.erased and not kinds >= KINDS:
            yield f"person {serial}, not erased: got no {', '.join(sorted(KINDS - kinds))}; expected all in the files"


def erase_persons(
    folder: Path,
    *,
    erasures: int,
    seed: int,
    store: type[SqliteStore] = SqliteStore,
    before_checks: Callable[[Path], object] = lambda folder: None,
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, Any]:
    """The results of that many erasures in one file, in any order, beside as many bookings and a sealer.

    `wrong` has a sentence for each trace of an erased person, each proof that no longer holds, and each finding of the
    audit. `before_checks` may change what is in the folder.
    """
    with closing(Erasing(folder, erasures, seed, store)) as erasing:
        erasing.live(progress)
        before_checks(folder)
        wrong = [*_traces_left(folder, erasing), *erasing.proofs.faults()]
        found = dict(sorted((erasing.found + erasing.proofs.found).items()))
        return {"erasures": len(erasing.erased), "seed": seed, "people": erasing.people, **found, "wrong": wrong}
