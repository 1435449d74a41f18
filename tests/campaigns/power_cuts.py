"""Power cuts during bookings, checkpoints and recoveries: all acknowledged answers are there and whole.

A cut is an image of the drive as a computer would find it after it lost its power at that moment. The image is opened
with the interpreter's own SQLite and compared with the answers acknowledged by then. Every second life of the file
begins with such an image, so that its recovery is cut short too.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from shutil import copytree, rmtree
from typing import Any, Final
from unittest.mock import patch

import apsw
from attrs import frozen

from tests.bookings import about, booking, slot
from tests.campaigns.apsw_driver import as_written, through_drive
from tests.campaigns.unsynced_drive import Drive, Kept
from tests.campaigns.whole_file import faults_of, lost
from tests.campaigns.workload import NothingThereError, Request, SeededNumbers, busy_desk, now_at, requests_of
from traffic_booking.adapters.sqlite import SqliteStore, connections
from traffic_booking.domain.errors import StoreError
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.codecs import OUTCOME
from traffic_booking.testing import MovableClock

FILE: Final = "bookings.db"
COMMITS_BETWEEN_CHECKPOINTS: Final = 50
"""Stores checkpoint more often than others: logs stay short, and more cuts occur during checkpoints."""
REQUESTS_A_LIFE: Final = 160
SWEEP_EVERY: Final = 40
CHANCES: Final = {
    (FILE, "write"): 0.02,
    (FILE, "sync"): 0.6,
    (FILE, "truncate"): 0.6,
    (f"{FILE}-wal", "delete"): 0.6,
    (f"{FILE}-wal", "write"): 0.002,
    (f"{FILE}-wal", "sync"): 0.04,
}
"""How likely a cut is just before each step of the drive: set-up and checkpoints have few steps, bookings many."""
CHANCE_ELSEWHERE: Final = 0.15
LEFT: Final = (*Kept, Kept.NOTHING, Kept.NOTHING, Kept.IN_ORDER, Kept.ANY, Kept.ANY_OVER_OLD)


@frozen
class Cut:
    """One power cut: the folder of its image, the number of acknowledged answers, and what it kept of the rest."""

    folder: Path
    acknowledged: int
    kept: Kept


class Cutting:
    """A campaign, and its findings."""

    def __init__(self, folder: Path, seed: int, rewrite: Callable[[str], str]) -> None:
        self.cuts = 0
        self.found: Counter[str] = Counter()
        self.lost: list[str] = []
        self.wrong: list[str] = []
        self._folder = folder
        self._rewrite = rewrite
        self._drawn = Random(f"{seed} cuts")
        self._waiting: list[Cut] = []
        self._drive: Drive | None = None
        self._answers: list[tuple[Request, str]] = []

    def live(self, folder: Path, answers: list[tuple[Request, str]], requests: list[Request]) -> Cut | None:
        """Open the store in `folder` with these `answers`; send it the requests, close it; check each cut.

        One of the images is kept: another life begins with it.
        """
        self._answers = answers
        self._drive = Drive(folder, f"drive of {folder.name}", self._step)
        often = patch.object(connections, "COMMITS_BETWEEN_CHECKPOINTS", COMMITS_BETWEEN_CHECKPOINTS)
        with through_drive(self._drive, self._rewrite), often:
            desk = busy_desk(SqliteStore(folder / FILE), numbering=SeededNumbers(self._drawn.random()))
            assert isinstance(desk.clock, MovableClock)
            for request in requests:
                desk.clock.move_to(now_at(request))
                try:
                    answers.append((request, OUTCOME.text(request.send(desk))))
                except NothingThereError:
                    continue
                if request.serial % SWEEP_EVERY == 0:
                    desk.maintenance.expire_holds()
            desk.close()
        self._drive.unregister()
        return self._look_at_all(answers)

    def _step(self, what: str, name: str) -> None:
        if self._drawn.random() >= CHANCES.get((name, what), CHANCE_ELSEWHERE):
            return
        assert self._drive is not None
        kept = self._drawn.choice(LEFT)
        folder = self._folder / f"cut-{self.cuts}"
        folder.mkdir()
        for file, content in self._drive.image(kept, self._drawn).items():
            (folder / file).touch(mode=0o600)
            (folder / file).write_bytes(content)
        shared = self._drive.folder / f"{FILE}-shm"
        if shared.exists() and self._drawn.random() < 0.5:
            (folder / shared.name).write_bytes(shared.read_bytes())
        self.cuts += 1
        self.found[f"before: {what} {name.removeprefix(FILE) or 'file'}"] += 1
        self.found[f"kept: {kept}"] += 1
        self._waiting.append(Cut(folder, len(self._answers), kept))

    def _look_at_all(self, answers: list[tuple[Request, str]]) -> Cut | None:
        """Check a copy of each image; keep a sound one."""
        well: list[Cut] = []
        for cut in self._waiting:
            copy = cut.folder.with_name(f"{cut.folder.name}-restarted")
            copytree(cut.folder, copy)
            if self._is_well(copy, answers, cut):
                well.append(cut)
            rmtree(copy)
        kept = self._drawn.choice(well) if well else None
        for cut in self._waiting:
            if cut is not kept:
                rmtree(cut.folder)
        self._waiting.clear()
        return kept

    def _is_well(self, folder: Path, answers: list[tuple[Request, str]], cut: Cut) -> bool:
        """True if a host that restarts from the image finds all that it should; the faults are noted."""
        gone, wrong = self._restarted(folder / FILE, answers[: cut.acknowledged], answers[cut.acknowledged :])
        where = f"{cut.folder.name} ({cut.kept} kept)"
        self.lost += [f"{where}: {each}" for each in gone]
        self.wrong += [f"{where}: {each}" for each in wrong]
        self.found["acknowledged answers looked for"] += cut.acknowledged
        self.found["cuts that lost something acknowledged"] += bool(gone)
        return not gone and not wrong

    def _restarted(
        self, path: Path, acknowledged: list[tuple[Request, str]], later: list[tuple[Request, str]]
    ) -> tuple[list[str], list[str]]:
        """The acknowledged answers that are gone, and the other faults, in the file of a host that restarts."""
        try:
            with closing(SqliteStore(path)) as store:
                gone = lost(store, acknowledged)
                book = AppointmentBook(store)
                facts = book.facts([about(request_id=request.request_id) for request, _ in later[:2]])
                book.commit([booking(1, at=slot(73))])
        except StoreError as error:
            return ["everything that was acknowledged, since the file can't be used"], [str(error)]
        wrong = faults_of(path)
        there = [each.answer is not None for each in facts]
        self.found["cuts after a commit and before its acknowledgement"] += there[:1] == [True]
        if there[1:] == [True]:
            wrong.append(f"{later[1][0].request_id} was there before it was sent")
        return gone, wrong


def cut_power(
    folder: Path,
    *,
    cuts: int,
    seed: int,
    rewrite: Callable[[str], str] = as_written,
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, Any]:
    """The results of at least that many power cuts.

    `lost` has a sentence for each acknowledged answer that was gone after a cut, `wrong` for all that was half-written
    or can't be read.
    """
    cutting = Cutting(folder, seed, rewrite)
    life, start = 0, None
    while cutting.cuts < cuts:
        requests = requests_of(seed + life // 2, 2 * REQUESTS_A_LIFE)
        if start is None:
            home, answers = folder / f"life-{life}", list[tuple[Request, str]]()
            home.mkdir()
        else:
            home, answers = start.folder, answers[: start.acknowledged]
        half = requests[REQUESTS_A_LIFE:] if life % 2 else requests[:REQUESTS_A_LIFE]
        chosen = cutting.live(home, answers, half)
        rmtree(home)
        life += 1
        start = chosen if life % 2 else None
        if chosen is not None and start is None:
            rmtree(chosen.folder)
        progress(cutting.cuts)
    return {
        "cuts": cutting.cuts,
        "seed": seed,
        "lives": life,
        "sqlite": {"drive": apsw.sqlite_lib_version(), "restart": sqlite3.sqlite_version},
        **dict(sorted(cutting.found.items())),
        "lost": cutting.lost,
        "wrong": cutting.wrong,
    }
