"""Sealers killed with SIGKILL, and writers around them: nothing is missing from the log, and nothing is in it twice."""

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from random import Random
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

SEALERS_A_WRITER = 4
"""So many sealers are killed, one after another, in the life of one writer and after it."""
MOST_STEPS = 40
"""A sealer kills itself before one of so many steps in the folder of its log, or is killed after a while."""
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

    def kill_sealers(self, file: WrittenFile, log: _Log, number: int) -> None:
        """Kill so many sealers, one after another, beside a writer that is killed too; check the log after each."""
        with ThreadPoolExecutor(1) as beside:
            killed = [beside.submit(self._kill_sealer, file, log) for _ in range(number)]
            self.kill_one(file)
            self.found["kills of writers"] += 1
            for each in killed:
                each.result()

    def _kill_sealer(self, file: WrittenFile, log: _Log) -> None:
        """Start a sealer, or two at once; let each kill itself at a step, or kill it at any moment."""
        running = self._sealers[: 1 + (self._moments.random() < TWO_AT_ONCE)]
        for sealer in running:
            sealer.order(
                path=str(file.path),
                log=str(log.path),
                key=str(log.key),
                files=self._files,
                step=self._moments.randint(1, MOST_STEPS),
                patience_seconds=PATIENCE_SECONDS,
            )
        for sealer in running:
            self._await_end(sealer)
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

    def _await_end(self, sealer: Forker) -> None:
        """Wait until a sealer has killed itself; kill it if it has nothing more to seal."""
        started = sealer.next_report()
        assert started is not None, "no sealer was forked"
        report = sealer.next_report()  # it has the log, or has ended
        while report is not None and report[0] in {"open", "sealed"}:
            report = sealer.next_report(self._moments.random() * LONGEST_REST_SECONDS)
        if report is None or report[0] in {"refused", "wrong"}:
            with suppress(ProcessLookupError):
                os.kill(started[1], signal.SIGKILL)
        while report != ["ended"]:
            self._note(report)
            report = sealer.next_report()

    def _note(self, report: list[Any] | None) -> None:
        match report:
            case None:
                self.found["kills at any moment"] += 1
            case ["killed", str(step)]:
                self.found[f"kills {step}"] += 1
            case ["wrong", str(what)]:
                self.wrong.append(what)
            case _:
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
        self.found["kills after which the log had grown"] += log.last is None or log.last.size < opened.newest.size
        log.last = opened.newest


def kill_sealers(
    folder: Path,
    *,
    kills: int,
    seed: int,
    files: str = LogFolderWriter.__name__,
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, Any]:
    """The results of that many kills of sealers, beside writers that are killed as well.

    `wrong` has a sentence for each entry that is missing or twice, and for each damaged log.
    """
    with closing(SealerKilling(folder, seed, files)) as killing:
        for first in range(0, kills, KILLS_A_FILE * SEALERS_A_WRITER):
            requests = requests_of(seed + first, REQUESTS_A_FILE)
            file = WrittenFile(folder / f"sealed-{first}.db", seed + first, requests)
            log = _Log(folder / f"sealed-{first}.log", folder / "log.key")
            SqliteStore(file.path).close()  # sealers make none
            SigningKeys.open(log.key)
            last = min(first + KILLS_A_FILE * SEALERS_A_WRITER, kills)
            for kill in range(first, last, SEALERS_A_WRITER):
                killing.kill_sealers(file, log, min(SEALERS_A_WRITER, last - kill))
                progress(min(kill + SEALERS_A_WRITER, last))
            killing.finish_log(file, log)
        return {"kills": kills, "seed": seed, **killing.found, "wrong": killing.wrong}
