"""Faults of the memory store: what its guards compare, and what a conflict brings."""

from tests.planted.copies import GUARDS, MEMORY
from tests.planted.faults import Planted, plant
from traffic_booking.ports.primitives import StoreConflict

_STORED = "                    for name, key in touched_records(changes)\n"
_COUNTERS = "(name, key): self._counters[name].get(key, 0) for name, key in touched_counters(changes)"
_EXPECTED = "                if found != expected:\n"


@plant(MEMORY, (GUARDS, "            versions[name, key] = expected + 1\n", ""))
class ComparesVersionsWithThoseOfTheStart:
    """A version is compared with that of the batch's start, even if an earlier change of the batch raised it."""


@plant(MEMORY, (GUARDS, "            versions[name, key] = 0\n", ""))
class ForgetsThatABatchDeleted:
    """A record that an earlier change of the batch deleted still has its version."""


_RESULTS = "    def results(self, changes: Sequence[StoreChange]) -> list[StoreConflict | None]:\n"
_VALUE = "            value = values.get((counter, key), 0)\n"


@plant(
    MEMORY,
    (GUARDS, _RESULTS, _RESULTS + "        global start\n        start = dict(self.values)\n"),
    (GUARDS, _VALUE, "            value = start[counter, key]\n"),
)
class ComparesCountersWithThoseOfTheStart:
    """A counter is compared with its value at the batch's start."""


@plant(MEMORY, (GUARDS, _EXPECTED, "                if found != expected and not self.records:\n"))
class IgnoresVersionsInABatch:
    """Versions are compared for the first change of a batch only."""


@plant(MEMORY, (MEMORY, _STORED, "                    for name, key in list(touched_records(changes))[:100]\n"))
class LooksUpAHundredRecordsOfABatch:
    """Only the first 100 records of a batch are looked up; the rest is taken for absent."""


@plant(
    MEMORY, (MEMORY, _COUNTERS, _COUNTERS.replace("touched_counters(changes)", "list(touched_counters(changes))[:50]"))
)
class LooksUpFiftyCountersOfABatch:
    """Only the first 50 counters of a batch are looked up; the rest is taken for 0."""


@plant(MEMORY, (GUARDS, _EXPECTED, "                if found != expected and part is not change.checks:\n"))
class IgnoresChecks:
    """A version that is only compared is never compared."""


@plant(MEMORY, (GUARDS, _EXPECTED, "                if found != expected and part is not change.deletes:\n"))
class DeletesWhateverTheVersion:
    """A record is deleted whatever its version."""


@plant(
    MEMORY, (GUARDS, _EXPECTED, "                if found != expected and (expected == 0 or part is change.checks):\n")
)
class WritesWhateverTheVersion:
    """A record is written and deleted whatever its version, if one is expected."""


@plant(MEMORY, (GUARDS, _EXPECTED, "                if found > expected:\n"))
class AcceptsVersionsAhead:
    """A version that is greater than the stored one passes."""


@plant(MEMORY, (GUARDS, _EXPECTED, "                if found != expected and expected:\n"))
class WritesOverAOnceKey:
    """A key that is expected to be free is written over."""


@plant(MEMORY, (GUARDS, "value + delta < 0 or ", ""))
class CountsBelowZero:
    """A counter goes below 0."""


@plant(MEMORY, (GUARDS, "(delta > 0 and value + delta > ceiling)", "value + delta > ceiling"))
class HoldsAGivenBackSeatAgainstTheCeiling:
    """The ceiling is compared if the delta is 0 or negative, too."""


@plant(MEMORY, (GUARDS, "value + delta > ceiling)", "value >= ceiling)"))
class ComparesTheCeilingWithTheValueBefore:
    """The ceiling is compared with the value before the delta is added."""


@plant(MEMORY, (GUARDS, "StoreConflict(tuple(failed))", "StoreConflict(tuple(failed[:1]))"))
class NamesOneFailedGuard:
    """A conflict names only the first guard that failed."""


@plant(MEMORY, (GUARDS, "None if expected else self._record(name, key)", "None"))
class BringsNoFirstAnswer:
    """A conflict over a key that was expected to be free brings no record."""


@plant(MEMORY, (GUARDS, "self.stored(name, key) if written is None else written", "self.stored(name, key)"))
class BringsNoAnswerOfTheSameBatch:
    """A conflict over a key that an earlier change of the batch wrote brings no record."""


@plant(MEMORY, (GUARDS, "FailedGuard(counter, key, value)", "FailedGuard(counter, key, value + delta)"))
class NamesTheValueThatWouldBe:
    """A failed counter brings the value that it would have had."""


@plant(MEMORY)
class StopsABatchAtAConflict(Planted):
    """The changes after a conflict in a batch are not tried."""

    def commit(self, changes):
        results: list[StoreConflict | None] = []
        for change in changes:
            failed = next(filter(None, results), None)
            results.append(failed or super().commit([change])[0])
        return results


@plant(
    MEMORY,
    (
        MEMORY,
        "            self._write(batch)\n            return results\n",
        "            if not any(results):\n                self._write(batch)\n            return results\n",
    ),
)
class UndoesTheNeighboursOfAConflict:
    """One conflict undoes the whole batch."""


_FOUND = "return row and tuple([each.astimezone(UTC) if isinstance(each, datetime) else each for each in row])"


@plant(MEMORY, (GUARDS, _FOUND, "return row"))
class BringsRecordsOfTheBatchAsTheyCame:
    """A conflict over a record of the same batch brings its instants with the offset that they were written with."""
