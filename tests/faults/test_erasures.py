"""Many persons are erased beside bookings and a sealer: no file has a trace of them, and no proof breaks."""

import shutil
import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.campaigns.erasures import FILE, erase_persons
from traffic_booking import Sealer
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.persistence.schema import ASSERTIONS, NAMES
from traffic_booking.ports.primitives import StoreChange, StoreConflict

pytestmark = pytest.mark.long

ERASURES = 30


class LeavesNames(SqliteStore):
    """Broken on purpose: it deletes no user name."""

    left = NAMES

    def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        return super().commit(
            [
                each._replace(deletes=tuple(one for one in each.deletes if one.collection != self.left.name))
                for each in changes
            ]
        )


class LeavesAssertions(LeavesNames):
    """Broken on purpose: it deletes no birth date."""

    left = ASSERTIONS


class LeavesBytes(SqliteStore):
    """Broken on purpose: it leaves older pages in the write-ahead log."""

    def overwrite_removed(self, texts: Collection[str] = ()) -> bool:
        return True


def redact_the_log(folder: Path) -> None:
    """Take the subjects out of the entries too, as an eraser that means well might."""
    with closing(sqlite3.connect(folder / FILE)) as connection:
        connection.execute("UPDATE log SET body = replace(body, '\"subject\"', '\"removed\"') WHERE kind = 'erased'")
        connection.commit()


def seal_anew(folder: Path) -> None:
    """Put a new log of the same store in the place of the one that proofs were made from."""
    shutil.rmtree(folder / "log")
    with Sealer.open(f"sqlite:///{folder / FILE}", log=folder / "log", key=folder / "log.key") as sealer:
        sealer.seal()


def change_a_leaf(folder: Path) -> None:
    """Change a byte of the first leaf of each bundle."""
    for bundle in (folder / "log" / "tile" / "entries").rglob("*"):
        if bundle.is_file():
            content = bundle.read_bytes()
            bundle.write_bytes(content[:40] + bytes([content[40] ^ 1]) + content[41:])


def change_evidence(folder: Path) -> None:
    """Change a proof that was handed over."""
    (first, *_) = sorted((folder / "evidence-0").rglob("*.tlog-proof"))
    content = first.read_bytes()
    first.write_bytes(content[:-40] + content[-39:])


def test_no_trace_is_left_and_every_proof_holds(tmp_path):
    found = erase_persons(tmp_path, erasures=ERASURES, seed=1)
    assert found["wrong"] == []
    assert found["erasures"] == ERASURES
    assert found["people"] > ERASURES
    for done in ("appointments cancelled by erasures", "erasures that have to wait for a visit"):
        assert found[done] > 0
    for checked in ("entries audited", "proofs checked", "folders of evidence checked", "entries of evidence checked"):
        assert found[checked] > 0


@pytest.mark.parametrize(
    ("broken", "left"), [(LeavesNames, "name"), (LeavesAssertions, "birth date, met"), (LeavesBytes, "id")]
)
def test_an_eraser_that_leaves_a_trace_is_found_out(tmp_path, broken, left):
    wrong = erase_persons(tmp_path, erasures=5, seed=1, store=broken)["wrong"]
    assert any(each.startswith("erased person") and left in each for each in wrong), wrong


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (redact_the_log, "audit: "),
        (seal_anew, "audit: checkpoint: "),
        (change_a_leaf, "leaf 0: "),
        (change_evidence, "evidence-0: "),
    ],
)
def test_a_proof_that_breaks_is_found_out(tmp_path, change, broken):
    wrong = erase_persons(tmp_path, erasures=12, seed=1, before_checks=change)["wrong"]
    assert any(each.startswith(broken) for each in wrong), wrong
