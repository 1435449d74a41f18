"""Stores with a sealed log in a folder, and the files of its keys."""

from pathlib import Path
from typing import Any

from tests.sealed_logs import ORIGIN
from traffic_booking import read_log
from traffic_booking.adapters.log_folder import LogFolderWriter
from traffic_booking.adapters.signing_keys import SigningKeys
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.sealing.checkpoints import Checkpoint
from traffic_booking.domain.sealing.notes import sign_note
from traffic_booking.domain.sealing.tiles import GrowingLog
from traffic_booking.persistence.leaves import leaf_of


def seal(store: Any, folder: Path, key: Path) -> bytes:
    """Seal all entries of a store in a new log; return the checkpoint."""
    keys, tree = SigningKeys.open(key), GrowingLog()
    with LogFolderWriter(folder) as files:
        for entry in store.feed(BEGINNING, limit=10_000_000).entries:
            files.write(tree.add(leaf_of(entry)))
        files.write(tree.edge_files())
        checkpoint = Checkpoint(origin=ORIGIN, size=tree.size, root=tree.root())
        note = sign_note(checkpoint.text, ORIGIN, keys.public_keys[0], keys.sign).to_bytes()
        files.publish(note, after=None)
    return note


def audited(desk: Any, folder: Path, key: Path, *checkpoints: Path) -> Any:
    """The result of an audit with the log."""
    return desk.audit.verify(log=read_log(folder, key=f"{key}.pub", checkpoints=checkpoints))
