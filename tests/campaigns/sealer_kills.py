"""Sealers killed with SIGKILL, and writers around them: nothing is missing from the log, and nothing is in it twice."""

import os
import signal
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from threading import Timer
from typing import Any

from attrs import define

from tests.campaigns.kills import KILLS_A_FILE, PATIENCE_SECONDS, REQUESTS_A_FILE, Forker, Killing, WrittenFile
from tests.campaigns.workload import requests_of
from traffic_booking.adapters.log_folder import LogFolder, LogFolderWriter
from traffic_booking.adapters.signing_keys import SigningKeys, verifies
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.application.sealed_log import SealedLog
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.errors import TrafficBookingError
from traffic_booking.domain.sealing.checkpoints import Checkpoint
from traffic_booking.domain.sealing.proofs import extends
from traffic_booking.persistence.leaves import leaf_of
from traffic_booking.sealing import Sealer

MOST_HEARD = 4
"""A sealer is killed after so many reports at most: the first ones say that it was started, and has its log."""
LONGEST_SILENCE_SECONDS = 0.5
LONGEST_REST_SECONDS = 0.1
TWO_AT_ONCE = 0.1


@define
class _Log:
    """The log of one database, and its checkpoint after the last kill."""

    path: Path
    key: Path
    last: Checkpoint | None = None


class SealerKilling(Killing):
    """A campaign: one sealer after another killed, beside writers that are killed too."""

    def __init__(self, folder: Path, seed: int, files: str) -> None:
        super().__init__(folder, seed, threads=2, store=SqliteStore.__name__)
        self._files = files
        self._moments = Random(f"{seed} sealers")
        self._sealers = [Forker("tests.campaigns.killed_sealer") for _ in range(2)]

    def close(self) -> None:
        """Let go of the processes."""
        for each in self._sealers:
            each.close()
        super().close()

    def kill_sealer(self, file: WrittenFile, log: _Log) -> None:
        """Kill a sealer, or two at once, at any moment of a writer's life and death; then check the log."""
        running = self._sealers[: 1 + (self._moments.random() < TWO_AT_ONCE)]
        timers = [self._started(sealer, file, log) for sealer in running]
        self.kill_one(file)
        for sealer, timer in zip(running, timers, strict=True):
            timer.join()
            while (told := sealer.next_report()) != ["ended"]:
                assert told is not None, "a sealer did not end"
                self._noted(told)
        self._check(log)

    def finish_log(self, file: WrittenFile, log: _Log) -> None:
        """Seal the rest, and compare every leaf with the feed."""
        self.finish(file)
        try:
            with Sealer.open(f"sqlite:///{file.path}", log=log.path, key=log.key) as sealer:
                sealer.seal()
            leaves = [*self._opened(log).verified_leaves()]
        except TrafficBookingError as error:
            self.wrong.append(f"{log.path.name}: {type(error).__name__}: {error}")
            return
        store = SqliteStore(file.path)
        entries = store.feed(BEGINNING, limit=10 * len(leaves) + 1_000).entries
        store.close()
        if leaves != [*map(leaf_of, entries)]:
            self.wrong.append(f"{log.path.name}: got {len(leaves)} leaves of {len(entries)} entries, or others")
        self.found["entries"] += len(entries)

    def _started(self, sealer: Forker, file: WrittenFile, log: _Log) -> Timer:
        sealer.order(
            path=str(file.path),
            log=str(log.path),
            key=str(log.key),
            files=self._files,
            patience_seconds=PATIENCE_SECONDS,
        )
        started = sealer.next_report()
        assert started is not None, "no sealer was forked"
        for _ in range(self._moments.randrange(MOST_HEARD)):
            heard = sealer.next_report(LONGEST_SILENCE_SECONDS)
            if heard is None:  # it has nothing to seal, or another sealer has the log
                break
            self._noted(heard)
        timer = Timer(self._moments.random() * LONGEST_REST_SECONDS, os.kill, (started[1], signal.SIGKILL))
        timer.start()
        return timer

    def _noted(self, report: list[Any]) -> None:
        if report[0] == "wrong":
            self.wrong.append(report[1])
        self.found[f"reports: {report[0]}"] += 1

    def _opened(self, log: _Log) -> SealedLog:
        return SealedLog(LogFolder(log.path), SigningKeys.open(log.key).public_keys, verifies)

    def _check(self, log: _Log) -> None:
        """The log as the kill has left it: whole up to its newest checkpoint, which extends the one before."""
        if not (log.path / "checkpoint").exists():
            self.found["kills before the first checkpoint"] += 1
            return
        try:
            opened = self._opened(log)
            opened.growing()
            if log.last is not None:
                before, after = ((each.size, each.root) for each in (log.last, opened.newest))
                if not extends(before, after, opened.consistency_proof(log.last.size)):
                    self.wrong.append(f"{log.path.name}: got another tree than that of {log.last.size} entries")
        except TrafficBookingError as error:
            self.wrong.append(f"{log.path.name}: {type(error).__name__}: {error}")
            return
        grown = log.last is None or log.last.size < opened.newest.size
        self.found["kills after which the log had grown"] += grown
        log.last = opened.newest
        size = opened.newest.size
        with suppress(OSError):
            last = f"tile/entries/{size // 256:03}.p"
            beyond = [each for each in os.listdir(log.path / last) if int(each) > size % 256]  # noqa: PTH208 - names alone
            self.found["kills between files and their checkpoint"] += bool(beyond)
        notes = (log.path / "checkpoints").read_bytes()
        self.found["kills between the two files of checkpoints"] += not notes.endswith(opened.note)


def kill_sealers(
    folder: Path,
    *,
    kills: int,
    seed: int,
    files: str = LogFolderWriter.__name__,
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, Any]:
    """The results of that many kills of sealers, each beside a writer that is killed as well.

    `wrong` has a sentence for each entry that is missing or twice, and for each damaged log.
    """
    with closing(SealerKilling(folder, seed, files)) as killing:
        for first in range(0, kills, KILLS_A_FILE):
            requests = requests_of(seed + first, REQUESTS_A_FILE)
            file = WrittenFile(folder / f"sealed-{first}.db", seed + first, requests)
            log = _Log(folder / f"sealed-{first}.log", folder / "log.key")
            SqliteStore(file.path).close()  # sealers make none
            SigningKeys.open(log.key)
            for kill in range(first, min(first + KILLS_A_FILE, kills)):
                killing.kill_sealer(file, log)
                progress(kill + 1)
            killing.finish_log(file, log)
        return {"kills": kills, "seed": seed, **killing.found, "wrong": killing.wrong}
