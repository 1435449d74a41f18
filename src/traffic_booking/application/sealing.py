"""The sealer: the one writer of a sealed log. It reads the feed of a store, and adds each entry to the log as a leaf.

It runs beside the desks, in a process or a thread of its own, and only reads the store: a booking waits for nothing.
"""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Final, Protocol

from attrs import define

from traffic_booking.application.sealed_log import SealedLog
from traffic_booking.domain.audit.feed import BEGINNING, FeedPosition
from traffic_booking.domain.audit.restores import is_lost
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.errors import InvalidInput, StoreBehindLog, StoreError, StoreUnavailable, StoreUnreadable
from traffic_booking.domain.sealing.checkpoints import Checkpoint
from traffic_booking.domain.sealing.notes import Verify, sign_note
from traffic_booking.domain.sealing.reports import SealReport, WitnessResult
from traffic_booking.domain.sealing.tiles import LONGEST_LEAF, GrowingLog, stale_partials
from traffic_booking.persistence.keys import UPKEEP_STREAM
from traffic_booking.persistence.leaves import entry_of, leaf_of
from traffic_booking.persistence.marks import mark_of
from traffic_booking.persistence.restores import restores_in
from traffic_booking.ports.primitives import EntriesOfStreams, LogEntry, LogPage
from traffic_booking.ports.sealed_log import LogWriter
from traffic_booking.ports.signer import Signer
from traffic_booking.ports.store import Store
from traffic_booking.ports.witness import Witness

CHECKPOINT_SECONDS: Final = 10.0
"""About how often a checkpoint is signed while a sealer has much to do, or follows the store."""
PAGE: Final = 1_000
"""The entries of the feed that are read at a time."""
ANCHORS: Final = 16
"""So many of the last leaves are compared with the store before anything is added."""
RECENT: Final = 4_096
"""Trims that are looked for among the last leaves."""

_NOT_REACHED: Final = "a store that has not reached the last sealed entry"
_ATTEMPTS: Final = 3
_PATIENCE: Final = 100
"""How often the trim of a removed entry is looked for: the feed shows it once older transactions are over."""
_PAUSE_SECONDS: Final = 0.1


class Stopping(Protocol):
    """A signal that ends `follow`, such as a `threading.Event`."""

    def wait(self, timeout: float) -> bool:
        """Wait at most so many seconds; return True if the sealer is to stop."""
        ...


@define
class _State:
    """The log as of its newest checkpoint, and what was added since."""

    log: SealedLog
    tree: GrowingLog
    anchors: list[LogEntry]
    """The last entries that are in the tree, but those that the store has removed."""
    position: FeedPosition
    """That of the last entry in the tree."""


class LogSealer:
    """Seals the entries of a store's log.

    Args:
        store: it is only read.
        files: the log; the caller closes it.
        signer: signs checkpoints.
        verify: verifies signatures.
        origin: the name of the log if it is new; an existing log keeps its name.
        witnesses: each gets every checkpoint.
        pause: waits so many seconds.
    """

    def __init__(
        self,
        store: Store,
        files: LogWriter,
        signer: Signer,
        verify: Verify,
        *,
        origin: str,
        witnesses: Sequence[Witness] = (),
        pause: Callable[[float], object],
    ) -> None:
        self._store = store
        self._files = files
        self._signer = signer
        self._verify = verify
        self._origin = origin
        self._witnesses = tuple(witnesses)
        self._pause = pause
        self._state: _State | None = None

    def seal(self) -> SealReport:
        """Seal every entry that was committed before this call, and hand the checkpoint to the witnesses.

        A witness that fails stops nothing: its error is in the report.

        Raises:
            StoreBehindLog: The store is older than the log, or another one.
            LogUnreadable: The log is damaged, or not signed by this signer.
            StoreError: The store or the log failed; sealing can be repeated.
        """
        is_new = self._files.checkpoint() is None
        if is_new:
            self._publish(GrowingLog(), self._origin, None)
        state = self._state or self._opened()
        self._state = None  # unknown, unless this succeeds
        sealed = self._seal(state)
        self._state = state
        results = tuple([self._submitted(witness, state.log) for witness in self._witnesses])
        return SealReport(checkpoint=state.log.newest, sealed=sealed, is_new=is_new, witnesses=results)

    def follow(
        self,
        stop: Stopping,
        *,
        every_seconds: float = CHECKPOINT_SECONDS,
        report: Callable[[SealReport | StoreUnavailable], object] = lambda _: None,
    ) -> None:
        """Seal again and again until `stop` is set, with so many seconds in between.

        `report` receives the result of each run. A store, or a log, that is unavailable is tried again.
        Example: `Thread(target=sealer.follow, args=(stop,)).start()` with `stop = threading.Event()`.

        Raises:
            StoreBehindLog: The store is older than the log, or another one.
            LogUnreadable: The log is damaged, or something else writes it.
            StoreError: As from `seal`, except `StoreUnavailable`.
        """
        while True:
            try:
                report(self.seal())
            except StoreUnavailable as error:
                report(error)
            if stop.wait(every_seconds):
                return

    def _opened(self) -> _State:
        log = SealedLog(self._files, self._signer.public_keys, self._verify)
        last = [entry_of(leaf) for leaf in log.leaves(max(0, log.newest.size - ANCHORS))]
        return _State(log, log.growing(), last, last[-1].position if last else BEGINNING)

    def _seal(self, state: _State) -> int:
        """Add the entries of the feed that are complete now; return how many were added."""
        page = self._first_page(state)
        self._check_same(state, page.entries, page.complete_until)
        end, before, since = page.complete_until, state.tree.size, monotonic()
        while True:
            self._add(state, [entry for entry in page.entries if entry.position > state.position])
            if len(page.entries) < PAGE or state.position >= end:
                break
            if monotonic() - since >= CHECKPOINT_SECONDS:
                self._grown(state)
                since = monotonic()
            page = self._store.feed(page.entries[-1].position, limit=PAGE)
        self._grown(state)
        return state.tree.size - before

    def _first_page(self, state: _State) -> LogPage:
        """The entries from the first anchor on."""
        after = state.position
        if state.anchors:
            generation, place = state.anchors[0].position
            after = FeedPosition(generation, place - 1)
        try:
            return self._store.feed(after, limit=PAGE)
        except StoreUnreadable:
            if self._store.feed(BEGINNING, limit=0).complete_until >= state.position:
                raise
            raise self._behind(_NOT_REACHED) from None

    def _check_same(self, state: _State, entries: Sequence[LogEntry], complete_until: FeedPosition) -> None:
        """Raise `StoreBehindLog` unless the store has the last leaves, but those that it has removed since."""
        if complete_until < state.position:
            raise self._behind(_NOT_REACHED)
        found = [entry for entry in entries if entry.position <= state.position]
        if not set(found) <= set(state.anchors):
            raise self._behind(f"other entries than those sealed up to {tuple(state.position)}")
        missing = set(state.anchors) - set(found)
        if missing:
            upkeep = self._store.read([EntriesOfStreams([UPKEEP_STREAM])])[0][0]
            gaps = restores_in(upkeep)  # what a restore has lost
            missing = {each for each in missing if not is_lost(each.position, gaps)}
        removed = {entry.stream for entry in missing}
        if removed:
            self._check_trimmed(state, removed)
        state.anchors = found

    def _check_trimmed(self, state: _State, streams: set[str]) -> None:
        """Raise `StoreBehindLog` unless marks say that these streams were trimmed."""
        size = state.tree.size
        for leaf in state.log.leaves(max(0, size - RECENT)):
            streams = streams - _trims(entry_of(leaf).body)
        for attempt in range(_PATIENCE):
            position, rest = state.position, streams
            while rest and (entries := self._store.feed(position, limit=PAGE).entries):
                for entry in entries:
                    rest = rest - _trims(entry.body)
                position = entries[-1].position
            if not rest:
                return
            if attempt + 1 < _PATIENCE:
                self._pause(_PAUSE_SECONDS)
        raise self._behind("a store without the last sealed entries, which nothing has removed")

    def _add(self, state: _State, entries: Sequence[LogEntry]) -> None:
        files = dict[str, bytes]()
        for entry in entries:
            leaf = leaf_of(entry)
            if len(leaf) > LONGEST_LEAF:
                raise StoreUnreadable(
                    f"log: got an entry of {len(leaf)} bytes; expected at most {LONGEST_LEAF}",
                    collection="log",
                    key=entry.stream,
                    position=entry.position,
                )
            files.update(state.tree.add(leaf))
        self._files.write(files.items())
        if entries:
            state.anchors = [*state.anchors, *entries][-ANCHORS:]
            state.position = entries[-1].position

    def _grown(self, state: _State) -> None:
        """Publish a checkpoint if the tree has grown since the last one."""
        before = state.log.newest.size
        if state.tree.size == before:
            return
        self._files.write(state.tree.edge_files())
        self._publish(state.tree, state.log.newest.origin, state.log.note)
        self._files.discard(stale_partials(before, state.tree.size))
        state.log = SealedLog(self._files, self._signer.public_keys, self._verify)

    def _publish(self, tree: GrowingLog, origin: str, before: bytes | None) -> None:
        checkpoint = Checkpoint(origin=origin, size=tree.size, root=tree.root())
        self._files.publish(self._signed(checkpoint), after=before)

    def _signed(self, checkpoint: Checkpoint) -> bytes:
        for _ in range(_ATTEMPTS):  # the key may be replaced between the two calls
            key, *_others = self._signer.public_keys
            note = sign_note(checkpoint.text, checkpoint.origin, key, self._signer.sign)
            if self._verify(key, note.signatures[0].signature, checkpoint.text.encode()):
                return note.to_bytes()
        expected = "a signature that the first of its public keys verifies"
        raise InvalidInput("signer", got="another signature", expected=expected)

    def _submitted(self, witness: Witness, log: SealedLog) -> WitnessResult:
        try:
            witness.submit(log.newest, log.note, log.consistency_proof)
        except StoreError as error:
            return WitnessResult(name=witness.name, error=Bilingual(error.message("ar"), error.message("en")))
        return WitnessResult(name=witness.name)

    def _behind(self, got: str) -> StoreBehindLog:
        return StoreBehindLog(
            f"log {self._files.name}: got {got}; expected the store that was sealed, or a newer state"
        )


def _trims(body: str) -> frozenset[str]:
    """The streams that were trimmed by the change of a log entry."""
    if '"trim"' not in body:
        return frozenset()
    try:
        return frozenset(mark_of(body).trims)
    except ValueError:
        return frozenset()
