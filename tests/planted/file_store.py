"""A store without a fault, for one process, in one file that each commit writes whole."""

import pickle
from pathlib import Path
from threading import Lock

from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.collections import Schema

KEPT = ("_records", "_counters", "_indexes", "_log", "_streams", "_last_place")


class FileStore(MemoryStore):
    """The memory store, and a file with its contents."""

    def __init__(self, path: str | Path, *, schema: Schema = SCHEMA) -> None:
        super().__init__(schema=schema)
        self._path = Path(path)
        self._turn = Lock()
        if self._path.exists():
            for name, kept in pickle.loads(self._path.read_bytes()).items():
                self.keep(name, kept)

    def keep(self, name, kept):
        """Take over what the file has under a name."""
        own = getattr(self, name)
        setattr(self, name, {**own, **kept} if name in {"_records", "_counters"} else kept)

    def commit(self, changes):
        self._lifetime.check()  # before the lock, which the parent may have held as it forked
        with self._turn:
            results = super().commit(changes)
            self.save()
        return results

    def save(self):
        """Write the file."""
        draft = self._path.with_suffix(".draft")
        draft.write_bytes(pickle.dumps({name: getattr(self, name) for name in KEPT}))
        draft.replace(self._path)
