"""The primary is killed in a storm, and its synchronous standby promoted, again and again; then everything is compared.

Two processes with several callers each book, and cancel one booking in four; one of the two has a desk for asyncio. One
person in five first requests one of a few hot slots. A caller whose request was not answered sends it again until it
is. Beside them a sealer seals, and a reader follows the feed from `complete_until` to `complete_until`.

Faults:

- an acknowledged answer that the last primary lacks or has otherwise;
- a slot with more seats taken than it has, or a finding of the audit with the sealed log;
- a feed that was read with a gap or a repetition;
- a leaf that is no entry of the feed, or the other way round.

    python -m tests.campaigns.failovers --failovers 20
"""

import argparse
import multiprocessing
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import Empty
from random import Random
from statistics import median
from subprocess import CalledProcessError
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any, Final

from attrs import define, field

from benchmarks.booking import Workload
from tests.postgres_pair import Pair, running_pair
from tests.postgres_server import ask, open_store
from traffic_booking import Booked, Cancelled, Clerk, Sealer, SealReport, StoreUnavailable, read_log
from traffic_booking.adapters.postgres import AsyncPostgresStore, PostgresStore
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.errors import StoreError
from traffic_booking.persistence.leaves import leaf_of
from traffic_booking.ports.primitives import LogEntry
from traffic_booking.testing import made_up_person
from traffic_booking.testing.kit.blocking import Blocking

PROCESSES: Final = 2
THREADS: Final = 4
SLOTS: Final = 1_000
HOT: Final = 8
HOT_EVERY: Final = 5
CANCELLED_EVERY: Final = 4
ANSWERS_BEFORE_A_KILL: Final = 100
ANSWERS_OF_A_FAILOVER: Final = 1_500
"""The most that are expected between two kills; for the number of seats."""
PAUSE_SECONDS: Final = 0.03
WAIT_SECONDS: Final = 2.0
PATIENCE_SECONDS: Final = 120
MOST_SECONDS: Final = 10.0
"""Within which a desk goes on after the promotion."""
PAGE: Final = 500
SOME: Final = 3
"""Of so many failovers, at least one old primary is rewound; the others may need a new copy."""
CLERK: Final = Clerk("counter-3")
KEPT: Final = "SELECT request_id, body FROM traffic_booking.answers"
OVERFULL: Final = "SELECT count(*) FROM traffic_booking.seats WHERE value > %s"
LOCAL: Final = "&options=-csynchronous_commit%3Dlocal"
"""Broken on purpose: the desk's commits don't wait for the standby."""

Acknowledged = tuple[str, str, float]
"""The id of a request, the number in its answer, and when it came; without a number for a refusal."""


@define
class Caller:
    """One thread of a process: it books for one person after another."""

    desk: Any
    slots: list[Any]
    place: int
    answers: Any
    is_over: Any

    def run(self) -> None:
        """Book until the storm is over."""
        drawn, serial = Random(self.place), self.place
        while not self.is_over.is_set():
            slot = self.slots[drawn.randrange(HOT)] if drawn.randrange(HOT_EVERY) == 0 else drawn.choice(self.slots)
            number = self._answered("book", serial, self._booking(slot, serial))
            if number and drawn.randrange(CANCELLED_EVERY) == 0:
                self._answered("cancel", serial, self._cancelling(number, serial))
            serial += PROCESSES * THREADS

    def _booking(self, slot: Any, serial: int) -> Callable[[], Any]:
        person, request = made_up_person(serial), f"book-{serial:09}"
        return lambda: self.desk.book(slot, applicant=person, agreed=True, request_id=request)

    def _cancelling(self, number: str, serial: int) -> Callable[[], Any]:
        return lambda: self.desk.cancel(number, by=CLERK, request_id=f"cancel-{serial:09}")

    def _answered(self, kind: str, serial: int, request: Callable[[], Any]) -> str:
        """Send `request` until it is answered; return the number in its answer."""
        while not self.is_over.is_set():
            try:
                outcome = request()
            except StoreUnavailable:
                sleep(PAUSE_SECONDS)
                continue
            number = str(outcome.appointment.number) if isinstance(outcome, Booked | Cancelled) else ""
            self.answers.put((f"{kind}-{serial:09}", number, monotonic()))
            sleep(PAUSE_SECONDS)
            return number
        return ""


def _one_process(process: int, url: str, seats: int, answers: Any, is_over: Any) -> None:
    workload = Workload(SLOTS, seats=seats)
    with closing(_desk(process, url, workload)) as desk:
        places = range(process * THREADS, (process + 1) * THREADS)
        threads = [Thread(target=Caller(desk, workload.slots, each, answers, is_over).run) for each in places]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _desk(process: int, url: str, workload: Workload) -> Any:
    """A desk; in every second process one for asyncio, whose verbs are awaited in an event loop."""
    if process % 2:
        return Blocking(lambda: workload.async_desk(AsyncPostgresStore(url, wait_seconds=WAIT_SECONDS)))
    return workload.desk(PostgresStore(url, wait_seconds=WAIT_SECONDS))


@define(eq=False)
class Followed:
    """A reader of the feed, and a sealer, beside the storm; each goes on at its position."""

    url: str
    folder: Path
    entries: list[LogEntry] = field(factory=list)
    failed: list[str] = field(factory=list)
    is_over: Event = field(factory=Event)

    @property
    def log(self) -> Path:
        """The folder of the sealed log."""
        return self.folder / "log"

    @property
    def key(self) -> Path:
        """The file of the key that signs it."""
        return self.folder / "log.key"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Within it both run; they end once they have everything."""
        threads = [Thread(target=self._guarded, args=(each,)) for each in (self._read, self._seal)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.is_over.set()
            for thread in threads:
                thread.join()

    def _guarded(self, follow: Callable[[], None]) -> None:
        try:
            follow()
        except StoreError as error:
            self.failed.append(f"{follow.__name__.strip('_')}: {type(error).__name__}: {error}")

    def _read(self) -> None:
        after = BEGINNING
        with open_store(self.url, wait_seconds=WAIT_SECONDS, read_only=True) as store:
            while True:
                is_last = self.is_over.is_set()
                try:
                    page = store.feed(after, limit=PAGE)
                except StoreUnavailable:
                    assert not is_last, "the last primary gives no page of the feed"
                    sleep(PAUSE_SECONDS)
                    continue
                self.entries += page.entries
                is_full = len(page.entries) == PAGE
                after = page.entries[-1].position if is_full else page.complete_until
                if is_last and not is_full:
                    return
                sleep(PAUSE_SECONDS)

    def _seal(self) -> None:
        with Sealer.open(self.url, log=self.log, key=self.key) as sealer:
            sealer.follow(self.is_over, every_seconds=0.2)
            while not isinstance(self._sealed(sealer), SealReport):
                sleep(PAUSE_SECONDS)

    def _sealed(self, sealer: Sealer) -> SealReport | None:
        try:
            return sealer.seal()
        except StoreUnavailable:
            return None


@define(eq=False)
class Storm:
    """The answers of all callers, as they come in."""

    pair: Pair
    answers: Any
    acknowledged: list[Acknowledged] = field(factory=list)
    seconds: list[float] = field(factory=list)
    rewound: int = 0

    def take(self, count: int, since: float = 0.0) -> Acknowledged:
        """Return the last of so many more answers that came after `since`."""
        ends = monotonic() + PATIENCE_SECONDS
        while count:
            assert monotonic() < ends, "the desks don't go on"
            try:
                self.acknowledged.append(self.answers.get(timeout=1))
            except Empty:
                continue
            count -= self.acknowledged[-1][2] > since
        return self.acknowledged[-1]

    def take_until_ended(self, processes: Sequence[BaseProcess]) -> None:
        """Take the other answers, until all callers have ended."""
        ends = monotonic() + PATIENCE_SECONDS
        while True:
            at_work = any(process.is_alive() for process in processes)
            assert monotonic() < ends, "the desks don't end"
            try:
                self.acknowledged.append(self.answers.get(timeout=0.2))
            except Empty:
                if not at_work:
                    return

    def fail_over(self, *, sender_stopped: bool) -> None:
        """Kill the primary, promote the standby, and make the old primary the standby."""
        self.take(ANSWERS_BEFORE_A_KILL, monotonic())
        if sender_stopped:
            with self.pair.sender_stopped():
                self.take(ANSWERS_BEFORE_A_KILL, monotonic())
        else:
            self.pair.primary.crash()
        promoted = self.pair.promote()
        self.seconds.append(self.take(1, promoted)[2] - promoted)
        try:
            self.pair.standby.rewind_to(self.pair.primary)
            self.rewound += 1
        except CalledProcessError:  # as the guide says, the other way then
            self.pair.standby.crash()
            self.pair.standby.copy_of(self.pair.primary)
        self.pair.await_standby()


def fail_over_again_and_again(
    folder: Path, *, failovers: int, is_local: bool = False, progress: Callable[[int], None] = lambda done: None
) -> dict[str, Any]:
    """The figures of that many failovers in a storm; `wrong` has a sentence for each fault.

    If `is_local`, commits don't wait for the standby, and the primary is killed while it sends nothing.
    """
    seats = -(-ANSWERS_OF_A_FAILOVER * (failovers + 1) // SLOTS) + 1
    spawned = multiprocessing.get_context("spawn")
    answers, is_over = spawned.Queue(), spawned.Event()
    with running_pair() as pair:
        with open_store(pair.url):
            pass  # the schema is there before anybody books
        url = pair.url + LOCAL * is_local
        processes = [
            spawned.Process(target=_one_process, args=(each, url, seats, answers, is_over)) for each in range(PROCESSES)
        ]
        storm, followed = Storm(pair, answers), Followed(pair.url, folder)
        try:
            for process in processes:
                process.start()
            with followed.running():
                try:
                    for failover in range(failovers):
                        storm.fail_over(sender_stopped=is_local)
                        progress(failover + 1)
                finally:
                    is_over.set()
                    storm.take_until_ended(processes)
        finally:
            for process in processes:
                process.kill()
        return _compared(storm, followed, seats)


def _compared(storm: Storm, followed: Followed, seats: int) -> dict[str, Any]:
    """The figures, and all faults in the last primary, in the sealed log and in what was read of the feed."""
    url = storm.pair.primary.url
    kept = dict(ask(url, KEPT))
    lost = [request for request, number, _ in storm.acknowledged if request not in kept or number not in kept[request]]
    [(overfull,)] = ask(url, OVERFULL, seats)
    wrong = [f"{overfull} slots have more seats taken than they have"] * bool(overfull) + followed.failed
    if len(storm.seconds) >= SOME and not storm.rewound:
        wrong.append("no old primary could be rewound as the guide says")
    with open_store(url) as store, Workload(SLOTS, seats=seats).desk(store) as desk:
        log = read_log(followed.log, key=f"{followed.key}.pub")
        audit = desk.audit.verify(log=log)
        feed = list(store.feed(BEGINNING, limit=10**7).entries)
        leaves = list(log.open().verified_leaves())
    wrong += [str(broken) for broken in audit.broken]
    if followed.entries != feed:
        counted = Counter(entry.position for entry in followed.entries)
        repeated = sum(1 for count in counted.values() if count > 1)
        skipped = len({entry.position for entry in feed} - counted.keys())
        wrong.append(f"feed: got {skipped} entries skipped, {repeated} repeated, or others than the last primary has")
    if leaves != [leaf_of(entry) for entry in feed]:
        wrong.append(f"sealed log: got {len(leaves)} leaves; expected those of the {len(feed)} entries of the feed")
    slow = [seconds for seconds in storm.seconds if seconds > MOST_SECONDS]
    return {
        "failovers": len(storm.seconds),
        "old primaries rewound": storm.rewound,
        "acknowledged": len(storm.acknowledged),
        "lost": [f"{request}: an acknowledged answer is lost" for request in lost],
        "appointments verified": audit.appointments,
        "entries sealed": len(leaves),
        "seconds to go on, median": round(median(storm.seconds), 3),
        "seconds to go on, longest": round(max(storm.seconds), 3),
        "wrong": wrong + [f"a desk went on {seconds:.1f} s after a promotion" for seconds in slow],
    }


def main() -> int:
    """Run the campaign, and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--failovers", type=int, default=20, help="how many (default 20; 200 for a release)")
    options = parser.parse_args()
    began = monotonic()

    def progress(done: int) -> None:
        sys.stderr.write(f"\r{done} of {options.failovers} failovers, {monotonic() - began:.0f} s")
        sys.stderr.flush()

    with tempfile.TemporaryDirectory() as folder:
        found = fail_over_again_and_again(Path(folder), failovers=options.failovers, progress=progress)
    sentences = found.pop("lost"), found.pop("wrong")
    rows = {**found, "lost": len(sentences[0]), "wrong": len(sentences[1])}
    sys.stdout.write("\n| | |\n| --- | --- |\n" + "".join(f"| {name} | {value} |\n" for name, value in rows.items()))
    sys.stdout.write("".join(f"- {each}\n" for each in (*sentences[0][:20], *sentences[1][:20])))
    return 1 if any(sentences) else 0


if __name__ == "__main__":
    sys.exit(main())
