"""Compares a store with its sealed log, and its records with the marks in the entries of the log.

Everything is read while requests go on, so something that differs is read again, together with the entries behind:
it is reported if it differs from every state that it had in between.

Made from `traffic_booking.application.log_auditing` by `python -m tools.check_sync --write`: change that.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from time import sleep
from typing import Final

from traffic_booking.application.sealed_log import LogToAudit, SealedLog
from traffic_booking.application.verification import AuditProgress, seal_fault
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.audit.invariants import BrokenInvariant, Invariant
from traffic_booking.domain.audit.restores import StoreRestored, is_lost
from traffic_booking.domain.errors import LogUnreadable, StoreUnreadable
from traffic_booking.domain.sealing.checkpoints import Checkpoint
from traffic_booking.domain.sealing.proofs import tree_root
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence._sync.audit_reading import AuditReading
from traffic_booking.persistence.decoding import LOG
from traffic_booking.persistence.folding import EVIDENCE, Fold, Named, State, state_of, version_of
from traffic_booking.persistence.keys import UPKEEP_STREAM
from traffic_booking.persistence.leaves import entry_of, leaf_of
from traffic_booking.persistence.marks import mark_of, name_of
from traffic_booking.persistence.persons import of_subject
from traffic_booking.persistence.restores import RESTORED_KIND, restores_in
from traffic_booking.persistence.schema import NAMES, PERSONS
from traffic_booking.ports.primitives import (
    CountersByKey,
    CountersByRange,
    EntriesOfStreams,
    KeySpan,
    LogEntry,
    Query,
    RecordsByIndex,
    RecordsByKey,
    Row,
    Span,
)

PAGE: Final = 1_000
"""How many records or entries are read at a time."""
ATTEMPTS: Final = 20
"""How often something that differs is read again: a store shows an entry once older transactions are over."""
STEADY: Final = 4
"""After so many attempts without a new entry, nothing new is expected."""
PAUSE_SECONDS: Final = 0.1

_BY_SUBJECT: Final = {PERSONS.name: "by_subject", NAMES.name: "of_subject"}
_MARK: Final = '"change":'


class LogAudit:
    """One comparison of a store with a log, and of its records with the entries.

    Args:
        reading: the reads of the store.
        given: the log.
        progress: gets every fault, and the counts.
    """

    def __init__(self, reading: AuditReading, given: LogToAudit, progress: AuditProgress) -> None:
        self._reading = reading
        self._store = reading.store
        self._given = given
        self._progress = progress
        self._fold = Fold()
        self._position = BEGINNING
        """Entries up to there were folded."""
        self._is_past_end = False
        """True once an entry was found that no store can have."""
        self._absent: list[LogEntry] = []
        """The sealed entries that the store does not have."""
        self._sealed_restores: set[RequestId] = set()

    def compare(self) -> None:
        """Compare everything. A log that is damaged is reported, and compared no further."""
        try:
            log = self._given.open()
            if self._is_behind(log):
                return
            self._entries(self._without_gaps(log.verified_leaves()))
            self._restores()
            self._checkpoints(log, self._given.checkpoints())
        except LogUnreadable as error:
            self._progress.note([seal_fault(error)])
            return
        differing, counted = self._records(), self._counters()
        self._read_again(differing, counted)
        self._zeros()
        self._trims()

    def _without_gaps(self, leaves: Iterator[bytes]) -> Iterator[bytes]:
        """The leaves without those that a restore has lost; an entry behind them names the gap."""
        entries = self._store.read([EntriesOfStreams([UPKEEP_STREAM])])[0][0]
        with self._progress.noting_unreadable():
            self._progress.restores = tuple(restores_in(entries))
        gaps = self._progress.restores
        return self._kept(leaves, gaps) if gaps else leaves

    def _kept(self, leaves: Iterator[bytes], gaps: Sequence[StoreRestored]) -> Iterator[bytes]:
        for leaf in leaves:
            position = entry_of(leaf).position
            if is_lost(position, gaps):
                self._progress.add(lost=1)
            else:
                yield leaf

    def _is_behind(self, log: SealedLog) -> bool:
        """Note that the store is older than the log."""
        size = log.newest.size
        for leaf in log.leaves(max(0, size - 1)):
            last, end = entry_of(leaf).position, self._store.feed(BEGINNING, limit=0).complete_until
            if end < last:
                found, expected = f"a store that ends at {tuple(end)}, older than the log", f"one up to {tuple(last)}"
                self._note(Invariant.SEAL, f"log {log.name}", found, expected)
                return True
        return False

    def _entries(self, leaves: Iterator[bytes]) -> None:
        """Compare the entries of the store with the leaves, one by one, and fold them."""
        leaf = next(leaves, None)
        for entry in self._feed():
            while leaf is not None:
                if leaf == leaf_of(entry):
                    self._add(entry, sealed=1)
                    if entry.kind == RESTORED_KIND:
                        with self._progress.noting_unreadable():
                            self._sealed_restores.update(each.request_id for each in restores_in([entry]))
                    leaf = next(leaves, None)
                    break
                sealed = entry_of(leaf)
                if sealed.position > entry.position:
                    self._note_entry(entry, "an entry that the log does not have", "none, or the sealed one")
                    break
                self._add(sealed, sealed=1)
                leaf = next(leaves, None)
                if sealed.position == entry.position:
                    self._note_entry(sealed, "another entry than the sealed one", "the sealed one")
                    break
                self._absent.append(sealed)
            else:
                self._add(entry, not_sealed=1)
        while leaf is not None:
            self._absent.append(entry_of(leaf))
            self._add(self._absent[-1], sealed=1)
            leaf = next(leaves, None)

    def _feed(self) -> Iterator[LogEntry]:
        """The entries behind `_position`, up to the last one."""
        while True:
            entries, end = self._store.feed(self._position, limit=PAGE)
            for entry in entries:
                if entry.position > end:
                    if not self._is_past_end:
                        self._is_past_end = True
                        self._note_entry(entry, "an entry behind the end of the log", "none")
                    return
                yield entry
                self._position = entry.position
            self._progress.report()
            if not entries:
                return

    def _add(self, entry: LogEntry, **counted: int) -> None:
        """Fold an entry."""
        self._progress.add(entries=1, **counted)
        if _MARK not in entry.body:
            return
        try:
            for (collection, name), before, after in self._fold.add(entry.position, mark_of(entry.body)):
                found = f"version {after} behind version {before}" if after else f"a removal of version {before}"
                self._note(Invariant.RECORDS, f"{collection} {name}", found, "every version once, in their order")
        except (ValueError, LookupError):
            message = f"a record of {LOG}, {entry.stream}: got one that can't be decoded; expected it as written"
            self._progress.note_unreadable(
                StoreUnreadable(message, collection=LOG, key=entry.stream, position=entry.position)
            )

    def _restores(self) -> None:
        """Check that the entry of each restore is sealed: anybody who can write the store can make one up."""
        restores = self._progress.restores
        for each in restores:
            if each.request_id not in self._sealed_restores:
                found = f"a gap of {each.leaves} entries that is not sealed"
                self._note(Invariant.SEAL, f"restore {each.request_id}", found, "a sealed one: seal, then audit again")
        lost, recorded = self._progress.result.lost, sum(each.leaves for each in restores)
        if lost != recorded:
            self._note(Invariant.SEAL, "restores", f"{lost} lost entries", f"{recorded}, as the restores say")

    def _checkpoints(self, log: SealedLog, given: Sequence[Checkpoint]) -> None:
        """Compare the log with the checkpoints that were kept elsewhere; those of its own were compared with leaves."""
        self._progress.add(checkpoints=sum(1 for _ in log.checkpoints()) + len(given))
        for each in given:
            where, size = f"checkpoint of {each.size} leaves", log.newest.size
            if each.size > size:
                self._note(Invariant.SEAL, where, f"a log of {size} leaves", f"a log of {each.size} leaves or more")
            elif tree_root(log.nodes(), each.size) != each.root:
                self._note(Invariant.SEAL, where, "another log", "the log that this checkpoint is of")

    def _records(self) -> set[Named]:
        """The records that differ from what the entries say, and those that are absent."""
        differing = set[Named]()
        for collection in EVIDENCE:
            expected, same = self._fold.records[collection.name], set[str]()
            for rows in self._pages(collection.name):
                for row in rows:
                    name = name_of(collection.name, row)
                    if expected.get(name) == state_of(collection.name, row):
                        same.add(name)
                    else:
                        differing.add(Named(collection.name, name))
            self._progress.add(records=len(same))
            if len(same) < len(expected):
                differing.update(Named(collection.name, name) for name in expected.keys() - same)
        return differing

    def _pages(self, collection: str) -> Iterator[list[Row]]:
        after: str | None = None
        while True:
            span = Span(after=None if after is None else (after,))
            query = RecordsByIndex(collection, None, [span], limit=PAGE)
            rows: list[Row] = self._store.read([query])[0][0]
            yield rows
            self._progress.report()
            if len(rows) < PAGE:
                return
            after = rows[-1][0]

    def _counters(self) -> set[Named]:
        """The counters that differ from the sums of the entries."""
        differing = set[Named]()
        for name, sums in self._fold.counters.items():
            stored: dict[str, int] = {}
            after: str | None = None
            while page := self._store.read([CountersByRange(name, [KeySpan(after=after)], PAGE)])[0][0]:
                stored.update(page)
                after = page[-1][0]
            self._progress.add(records=len(stored))
            differing.update(Named(name, key) for key, value in sums.items() if value != stored.get(key, 0))
            differing.update(Named(name, key) for key in stored.keys() - sums.keys())
        return differing

    def _read_again(self, differing: set[Named], counted: set[Named]) -> None:
        """Read what differs again until it agrees with the entries, and note what does not."""
        states: dict[Named, list[State]] = {}
        values: dict[Named, int] = {}
        steady = 0
        for attempt in range(ATTEMPTS):
            if not (differing or counted) or steady == STEADY:
                break
            if attempt:
                sleep(PAUSE_SECONDS)
            self._fold.watch()
            before = {each: self._fold.state(each) for each in differing}
            sums = {each: self._fold.counters[each.collection][each.name] for each in counted}
            states, values = self._stored(sorted(differing), sorted(counted))
            position = self._position
            for entry in self._feed():
                self._add(entry, not_sealed=1)
            steady = steady + 1 if position == self._position else 0
            assert self._fold.seen is not None
            assert self._fold.values is not None
            seen, moved = self._fold.seen, self._fold.values
            differing = {each for each in differing if not {*states[each]} <= {before[each], *seen[each]}}
            counted = {each for each in counted if values[each] not in {sums[each], *moved[each]}}
        for each in sorted(differing):
            self._note_record(each, states[each])
        for each in sorted(counted):
            expected = self._fold.counters[each.collection][each.name]
            found = f"the value {values[each]}"
            self._note(Invariant.RECORDS, " ".join(each), found, f"{expected}, the sum of what the entries say")

    def _stored(
        self, records: Sequence[Named], counters: Sequence[Named]
    ) -> tuple[dict[Named, list[State]], dict[Named, int]]:
        """The states of records and the values of counters, as they are stored now."""
        states: dict[Named, list[State]] = {}
        for first in range(0, len(records), PAGE):
            part = records[first : first + PAGE]
            for each, rows in zip(part, self._store.read([_query(each) for each in part]), strict=True):
                found = [row for row in (rows[0] if each.collection in _BY_SUBJECT else rows) if row is not None]
                states[each] = [state_of(each.collection, row) for row in found] or [None]
        values: dict[Named, int] = {}
        for first in range(0, len(counters), PAGE):
            part = counters[first : first + PAGE]
            read = self._store.read([CountersByKey(each.collection, [each.name]) for each in part])
            values.update((each, found[0]) for each, found in zip(part, read, strict=True))
        return states, values

    def _zeros(self) -> None:
        """Compare the counters that are stored as 0, which no query returns."""
        faults: list[tuple[str, str, str]] = []
        for attempt in range(STEADY):
            if attempt:
                sleep(PAUSE_SECONDS)
            self._fold.watch()
            before = {name: Counter(sums) for name, sums in self._fold.counters.items()}
            inspection = self._reading.inspection()
            for entry in self._feed():
                self._add(entry, not_sealed=1)
            assert self._fold.values is not None
            moved = {each for each, values in self._fold.values.items() if any(values)}
            faults = []
            for name, keys in ({} if inspection is None else inspection.zeros).items():
                zeros, sums = set(keys), before[name]
                faults += [(f"{name} {key}", "the value 0", "none") for key in zeros - self._fold.counters[name].keys()]
                faults += [
                    (f"{name} {key}", "no record", "the value 0, the sum of what the entries say")
                    for key, value in sums.items()
                    if not value and key not in zeros and Named(name, key) not in moved
                ]
            if not faults:
                break
        for where, found, expected in sorted(faults):
            self._note(Invariant.RECORDS, where, found, expected)

    def _trims(self) -> None:
        """Check that sealed entries are absent only if their stream was trimmed, and that no trimmed one is left."""
        for entry in self._absent:
            if self._fold.trimmed.get(entry.stream, BEGINNING) < entry.position:
                self._note_entry(entry, "no entry", "the sealed one, which nothing has removed")
        streams = sorted(self._fold.trimmed)
        for first in range(0, len(streams), PAGE):
            part = streams[first : first + PAGE]
            for stream, entries in zip(part, self._store.read([EntriesOfStreams(part)])[0], strict=True):
                for entry in entries:
                    if entry.position < self._fold.trimmed[stream]:
                        self._note_entry(entry, "an entry that was removed before", "none")

    def _note_record(self, named: Named, states: Sequence[State]) -> None:
        expected = self._fold.state(named)
        version = version_of(expected)
        if expected is None:
            found, wanted = "a record that no entry wrote", "none"
        elif states == [None]:
            found, wanted = "no record", f"version {version}, as the entries say"
        else:
            found, wanted = "another record than the one that was written", f"version {version}, as the entries say"
        self._note(Invariant.RECORDS, " ".join(named), found, wanted)

    def _note_entry(self, entry: LogEntry, found: str, expected: str) -> None:
        generation, place = entry.position
        self._note(Invariant.ENTRIES, f"{LOG} {generation}/{place} {entry.stream}", found, expected)

    def _note(self, invariant: Invariant, where: str, found: str, expected: str) -> None:
        self._progress.note([BrokenInvariant(invariant=invariant, where=where, found=found, expected=expected)])


def _query(named: Named) -> Query:
    """The query for a record, by its key or, if that shows a person, by its subject."""
    index = _BY_SUBJECT.get(named.collection)
    if index is None:
        return RecordsByKey(named.collection, [named.name])
    if named.collection == PERSONS.name:
        return RecordsByIndex(named.collection, index, [of_subject(named.name)])
    return RecordsByIndex(named.collection, index, [Span((named.name,))])
