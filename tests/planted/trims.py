"""Faults of every store: streams that are trimmed, and the deletion of records that are written once."""

from tests.planted.copies import GUARDS, MEMORY, POSTGRES, SQLITE
from tests.planted.faults import Planted, plant
from tests.planted.parts import InParts
from traffic_booking.ports.primitives import StoreChange

_SQLITE_COMMITTING = f"{SQLITE}.committing"
_POSTGRES_COMMITTING = f"{POSTGRES}.committing"

_LEFT = "for entry in self._streams.pop(stream, ()):\n"
_LEAVES = "                self._log.pop(bisect_left(self._log, entry.position, key=itemgetter(0)))\n"
_APPENDED = "        for appended in entries:\n"
_FAILED = "        if failed:\n"
_OF_THE_BATCH = "            entries = [entry for entry in entries if entry.stream not in change.trims]\n"
_TRIMMED = "        connection.executemany(TRIM, [(stream,) for stream in trims])\n"
_ADDED = "        entries += change.entries\n"


class TrimsFirst(InParts):
    """Trims streams before the rest."""

    def parts(self, change: StoreChange) -> tuple[StoreChange, StoreChange]:
        return StoreChange(trims=change.trims), change._replace(trims=())


@plant(MEMORY, (MEMORY, _LEAVES, "                pass\n"))
class TrimsNotTheFeed:
    """The entries of a trimmed stream stay in the feed."""


@plant(MEMORY, (MEMORY, _LEFT, "for entry in [self._streams[stream].pop(0) for _ in self._streams[stream][1:]]:\n"))
class TrimsAllButTheLast:
    """A trimmed stream keeps its last entry."""


@plant(
    MEMORY,
    (
        MEMORY,
        "for stream in trims:\n",
        "for stream in [each for each in self._streams if each.startswith(tuple(trims))]:\n",
    ),
)
class TrimsWhatBeginsAlike:
    """A trim removes the streams whose names begin with that of the stream, too."""


@plant(
    MEMORY,
    (MEMORY, _APPENDED, f"        if trims and not self._log:\n            self._last_place = 0\n{_APPENDED}"),
)
class GivesPositionsAgain:
    """The positions begin anew after a trim that leaves the log empty."""


@plant(MEMORY, (GUARDS, _FAILED, f"{_FAILED}            self.passed.append(StoreChange(trims=change.trims))\n"))
class TrimsDespiteAConflict:
    """The streams of a change with a conflict are trimmed all the same."""


@plant(MEMORY, (GUARDS, _OF_THE_BATCH, ""))
class TrimsNotTheBatch:
    """A trim leaves the entries that earlier changes of its batch append."""


@plant(
    MEMORY, (GUARDS, _ADDED, "        entries += [entry for entry in change.entries if entry.stream not in trims]\n")
)
class TrimsWhatComesLater:
    """A trim removes what its change and later ones of the batch append."""


@plant(MEMORY)
class KeepsOnceKeys(Planted):
    """A record that is written once is not deleted, and the rest of the change is written."""

    def commit(self, changes):
        return super().commit(
            [
                each._replace(deletes=tuple(one for one in each.deletes if self._declared[one.collection].altered))
                for each in changes
            ]
        )


@plant(SQLITE, (_SQLITE_COMMITTING, "DELETE FROM log WHERE stream = ?", "DELETE FROM log WHERE stream LIKE ?"))
class TrimsByWildcards:
    """The name of a stream that is trimmed is compared with LIKE, so that a percent sign stands for others."""


@plant(
    SQLITE,
    (
        _SQLITE_COMMITTING,
        "    _write_log(connection, batch.passed)\n",
        "    _write_log(connection, [each._replace(trims=()) for each in batch.passed])\n",
    ),
)
class LosesTrimsBesideAConflict:
    """The trims of a batch are lost if one of its changes has a conflict."""


@plant(
    SQLITE,
    (
        _SQLITE_COMMITTING,
        _TRIMMED,
        _TRIMMED + '        connection.execute("DELETE FROM sqlite_sequence WHERE NOT EXISTS (SELECT 1 FROM log)")\n',
    ),
)
class GivesPositionsAgainInAFile:
    """The positions of a file begin anew after a trim that leaves the log empty."""


@plant(SQLITE)
class TrimsFirstInAFile(TrimsFirst):
    """Streams are trimmed in a transaction of their own, before the guards are evaluated."""


@plant(POSTGRES)
class TrimsFirstOnAServer(TrimsFirst):
    """Streams are trimmed in a transaction of their own, before the guards are evaluated."""


@plant(
    POSTGRES,
    (_POSTGRES_COMMITTING, "        writes.append((_APPEND, ", "        writes.insert(0, (_APPEND, "),
)
class AppendsBeforeItTrims:
    """The entries of a batch are appended before its streams are trimmed."""


@plant(POSTGRES, (_POSTGRES_COMMITTING, "texts(sorted(trims))", "texts(sorted(trims)[:1])"))
class TrimsOneStream:
    """Only one of the streams of a batch is trimmed."""
