"""Writers killed with SIGKILL while they write: the file is opened again and compared with the acknowledged answers."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from select import select
from typing import Any

from attrs import define, field

from tests.bookings import about
from tests.campaigns.whole_file import faults_of, lost
from tests.campaigns.workload import NothingThereError, Request, busy_desk, requests_of
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.codecs import OUTCOME

ROOT = Path(__file__).resolve().parents[2]
KILLS_A_FILE = 20
MOST_HEARD = 10
LONGEST_WAIT_MS = 3.0
THREADS = 3
REQUESTS_A_FILE = KILLS_A_FILE * (MOST_HEARD + THREADS)
PATIENCE_SECONDS = 120


@define
class WrittenFile:
    """One database, with the requests that were sent to it and their answers."""

    path: Path
    seed: int
    requests: list[Request]
    acknowledged: dict[int, str] = field(factory=dict)
    next_serial: int = 0

    def to_send(self, number: int) -> list[int]:
        """The requests that were sent and not acknowledged, and then as many more."""
        again = [serial for serial in range(self.next_serial) if serial not in self.acknowledged]
        fresh = range(self.next_serial, min(self.next_serial + number, len(self.requests)))
        self.next_serial = fresh.stop
        return [*again, *fresh]


class Forker:
    """The prepared process that writers, or sealers, are forked from."""

    def __init__(self, module: str = "tests.campaigns.killed_writer") -> None:
        command = [sys.executable, "-m", module]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self._unread = b""

    def order(self, **order: Any) -> None:
        """Have a process forked."""
        assert self._process.stdin is not None
        self._process.stdin.write((json.dumps(order) + "\n").encode())

    def next_report(self, seconds: float = PATIENCE_SECONDS) -> list[Any] | None:
        """The next report of the process; None if none comes in so many seconds."""
        assert self._process.stdout is not None
        while b"\n" not in self._unread:
            if not select([self._process.stdout], [], [], seconds)[0]:
                return None
            more = os.read(self._process.stdout.fileno(), 65_536)
            assert more, "the process that others are forked from has ended"
            self._unread += more
        line, _, self._unread = self._unread.partition(b"\n")
        report: list[Any] = json.loads(line)
        return report

    def close(self) -> None:
        """End the prepared process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE_SECONDS)
        self._process.stdout.close()


class Killing:
    """A campaign: one writer after another killed, its file opened again, and what was found counted."""

    def __init__(self, folder: Path, seed: int, threads: int, store: str) -> None:
        self.found: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._folder = folder
        self._threads = threads
        self._store = store
        self._drawn = Random(f"{seed} kills")
        self._writers = Forker()

    def close(self) -> None:
        """Let go of the process."""
        self._writers.close()

    def kill_one(self, file: WrittenFile) -> None:
        """Start a writer, read a few answers, wait a little for the next, and kill it; then check its file."""
        known = set(file.acknowledged)
        self._writers.order(
            store=self._store,
            path=str(file.path),
            seed=file.seed,
            until=REQUESTS_A_FILE,
            send=file.to_send(MOST_HEARD + self._threads),
            threads=self._threads,
            patience_seconds=PATIENCE_SECONDS,
        )
        started = self._next_report(file)
        assert started is not None, "no writer was forked"
        for _ in range(self._drawn.randrange(MOST_HEARD)):
            self._next_report(file)
        self._next_report(file, self._drawn.random() * LONGEST_WAIT_MS / 1000)
        try:
            os.kill(started[1], signal.SIGKILL)
        except ProcessLookupError:
            raise TimeoutError(
                f"a writer got no order for {PATIENCE_SECONDS} s and ended by itself; expected to kill it: does the"
                " store hang, or the machine?"
            ) from None
        while self._next_report(file) != ["ended"]:
            pass
        self._open_again(file, known)

    def finish(self, file: WrittenFile) -> None:
        """Send everything once more, like callers without an answer: each request has its one answer."""
        desk = busy_desk(SqliteStore(file.path))
        for serial in range(file.next_serial):
            request = file.requests[serial]
            try:
                outcome = OUTCOME.text(request.send(desk))
            except NothingThereError:
                continue
            if file.acknowledged.get(serial, outcome) != outcome:
                self.wrong.append(f"{request.request_id}: got another answer than the one acknowledged")
        desk.close()
        self.wrong += faults_of(file.path)

    def _next_report(self, file: WrittenFile, seconds: float = PATIENCE_SECONDS) -> list[Any] | None:
        match report := self._writers.next_report(seconds):
            case ["acknowledged", int(serial), str(outcome)]:
                file.acknowledged[serial] = outcome
            case ["wrong", str(what)]:
                self.wrong.append(what)
            case _:
                pass
        return report

    def _open_again(self, file: WrittenFile, known: set[int]) -> None:
        """Check the file itself or, half of the time, a copy, so that the next writer recovers the file."""
        path = file.path if self._drawn.random() < 0.5 else self._copy_of(file.path)
        store = SqliteStore(path)
        fresh = [
            (file.requests[serial], outcome) for serial, outcome in file.acknowledged.items() if serial not in known
        ]
        self.wrong += lost(store, fresh)
        unanswered = [file.requests[serial] for serial in range(file.next_serial) if serial not in file.acknowledged]
        queries = [about(request_id=request.request_id) for request in unanswered]
        kept = sum(facts.answer is not None for facts in AppointmentBook(store).facts(queries))
        store.close()
        self.wrong += faults_of(path)
        self.found["acknowledged"] += len(fresh)
        self.found["kills between a commit and its answer"] += kept > 0

    def _copy_of(self, path: Path) -> Path:
        copy = self._folder / "copy.db"
        for suffix in ("", "-wal", "-shm"):
            Path(f"{copy}{suffix}").unlink(missing_ok=True)
            if Path(f"{path}{suffix}").exists():
                shutil.copy(f"{path}{suffix}", f"{copy}{suffix}")  # with its mode
        return copy


def kill_writers(
    folder: Path,
    *,
    kills: int,
    seed: int,
    threads: int = THREADS,
    store: str = SqliteStore.__name__,
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, Any]:
    """The results of that many kills, each of a writer that was sending requests from several threads.

    `wrong` has a sentence for each acknowledged answer that was lost, and for each half-written request.
    """
    with closing(Killing(folder, seed, threads, store)) as killing:
        for first in range(0, kills, KILLS_A_FILE):
            file = WrittenFile(folder / f"killed-{first}.db", seed + first, requests_of(seed + first, REQUESTS_A_FILE))
            for kill in range(first, min(first + KILLS_A_FILE, kills)):
                killing.kill_one(file)
                progress(kill + 1)
            killing.finish(file)
        return {"kills": kills, "seed": seed, "threads": threads, **killing.found, "wrong": killing.wrong}
