"""Faults of a store in a file: what is gone when it is opened again."""

from tests.planted.faults import FILE, plant
from tests.planted.file_store import FileStore


@plant(FILE)
class AcknowledgesBeforeItIsDurable(FileStore):
    """The file is written when the store is closed, long after the commits returned."""

    def save(self):
        if self._lifetime.is_over:
            super().save()

    def close(self):
        super().close()
        self.save()


class Forgets(FileStore):
    """Passes over a part of the file."""

    forgotten: tuple[str, ...] = ()

    def keep(self, name, kept):
        if name not in self.forgotten:
            super().keep(name, kept)


@plant(FILE)
class ForgetsEntries(Forgets):
    """The log is empty when the store is opened again."""

    forgotten = ("_log", "_streams")


@plant(FILE)
class ForgetsStreams(Forgets):
    """The feed has the entries of before when the store is opened again, and the streams have none."""

    forgotten = ("_streams",)


@plant(FILE)
class ForgetsCounters(Forgets):
    """Counters begin at 0 when the store is opened again."""

    forgotten = ("_counters",)


@plant(FILE)
class ForgetsIndexes(Forgets):
    """Indexes are empty when the store is opened again."""

    forgotten = ("_indexes",)


@plant(FILE)
class ForgetsThePosition(Forgets):
    """The positions of the feed begin anew when the store is opened again."""

    forgotten = ("_last_place",)


@plant(FILE)
class ForgetsOnceKeys(Forgets):
    """Records that are written once, such as answers and used codes, are gone when the store is opened again."""

    def keep(self, name, kept):
        for place in kept if name in {"_records", "_indexes"} else ():
            if not self._declared[place if name == "_records" else place[0]].altered:
                kept[place].clear()
        super().keep(name, kept)


@plant(FILE)
class ForgetsVersions(Forgets):
    """Every record has version 1 when the store is opened again."""

    def keep(self, name, kept):
        if name == "_records":
            kept = {each: {key: (key, 1, *row[2:]) for key, row in records.items()} for each, records in kept.items()}
        super().keep(name, kept)


@plant(FILE)
class ForgetsRefusals(FileStore):
    """A change that only writes an answer and log entries, such as a refusal, is gone if the store is opened again."""

    refused = False

    def commit(self, changes):
        self.refused = not any(
            change.counts or change.deletes or any(self._declared[put.collection].altered for put in change.puts)
            for change in changes
        )
        return super().commit(changes)

    def save(self):
        if not self.refused:
            super().save()
