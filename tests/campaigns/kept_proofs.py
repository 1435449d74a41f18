"""Proofs and evidence that were handed over while a log grew, checked again at the end, with an audit of everything."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Final

from attrs import frozen

from traffic_booking import Auditor, read_log
from traffic_booking.adapters.log_folder import LogFolder
from traffic_booking.adapters.signing_keys import read_public_keys, verifies
from traffic_booking.application._sync.desk import Desk
from traffic_booking.application.sealed_log import SealedLog
from traffic_booking.domain.errors import TrafficBookingError
from traffic_booking.domain.sealing.checkpoints import Checkpoint
from traffic_booking.domain.sealing.proofs import extends, includes
from traffic_booking.domain.sealing.tree import leaf_hash
from traffic_booking.evidence import check_evidence, export_evidence

AUDITOR: Final = Auditor("auditor-1")
PROOFS_AT_A_TIME: Final = 10


@frozen
class _Proved:
    """A leaf that was proved to be in the log as of a checkpoint."""

    index: int
    leaf: bytes
    checkpoint: Checkpoint
    proof: tuple[bytes, ...]


class KeptProofs:
    """The checkpoints, inclusion proofs and folders of evidence of a log that an auditor keeps in `folder`."""

    def __init__(self, folder: Path, desk: Desk, drawn: Random) -> None:
        self.log, self.key = folder / "log", folder / "log.key"
        self.found: Counter[str] = Counter()
        self._desk = desk
        self._drawn = drawn
        self._evidence = list[Path]()
        self._checkpoints = folder / "kept checkpoints"
        self._proved = list[_Proved]()

    def keep(self) -> None:
        """Keep the newest checkpoint, and the proofs of the first leaf and some others."""
        opened = self._opened()
        with self._checkpoints.open("ab") as file:
            file.write(opened.note)
        size = opened.newest.size
        for index in sorted({0, *self._drawn.sample(range(size), min(size, PROOFS_AT_A_TIME))}):
            (leaf,) = opened.leaves(index, index + 1)
            self._proved.append(_Proved(index, leaf, opened.newest, opened.inclusion_proof(index)))

    def export(self, booked: Mapping[int, str]) -> None:
        """Hand the evidence about one of these appointments over."""
        if booked:
            out = self.log.parent / f"evidence-{len(self._evidence)}"
            number = booked[self._drawn.choice(sorted(booked))]
            export_evidence(self._desk, by=AUDITOR, log=self.log, key=self.key, out=out, number=number)
            self._evidence.append(out)

    def faults(self) -> list[str]:
        """A sentence for each proof that does not hold any more, and for each finding of an audit."""
        self.found["proofs checked"] = len(self._proved)
        self.found["folders of evidence checked"] = len(self._evidence)
        try:
            return [*self._broken_proofs(), *self._broken_evidence(), *self._broken_parts()]
        except TrafficBookingError as error:
            return [f"{type(error).__name__}: {error}"]

    def _broken_proofs(self) -> Iterator[str]:
        opened = self._opened()
        newest = opened.newest.size, opened.newest.root
        for each in self._proved:
            size, root = each.checkpoint.size, each.checkpoint.root
            (leaf,) = opened.leaves(each.index, each.index + 1)
            is_in = includes(root, size, each.index, leaf_hash(leaf), each.proof)
            if not is_in or opened.inclusion_proof(each.index, size) != each.proof:
                yield f"leaf {each.index}: got another proof than that of {size} leaves"
            if not extends((size, root), newest, opened.consistency_proof(size)):
                yield f"log: got another tree than that of {size} leaves"

    def _broken_evidence(self) -> Iterator[str]:
        for folder in self._evidence:
            report = check_evidence(folder, key=f"{self.key}.pub")
            self.found["entries of evidence checked"] += report.entries
            yield from (f"{folder.name}: {line}" for line in report.lines("en") if not report)

    def _broken_parts(self) -> Iterator[str]:
        log = read_log(self.log, key=f"{self.key}.pub", checkpoints=[self._checkpoints])
        result = self._desk.audit.verify(log=log)
        self.found["entries audited"] = self._opened().newest.size
        yield from (f"audit: {each}" for each in result.broken)
        if not result and not result.broken:
            yield f"audit: got {result}; expected a sound store"

    def _opened(self) -> SealedLog:
        return SealedLog(LogFolder(self.log), read_public_keys(f"{self.key}.pub"), verifies)
