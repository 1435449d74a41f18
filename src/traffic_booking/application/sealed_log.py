"""A sealed log, read: its checkpoints, verified, its leaves, and proofs from its tiles."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from traffic_booking.domain.errors import LogUnreadable
from traffic_booking.domain.sealing.checkpoints import Checkpoint, read_checkpoint
from traffic_booking.domain.sealing.notes import Verify
from traffic_booking.domain.sealing.proofs import Nodes, consistency_proof, inclusion_proof, nodes_of
from traffic_booking.domain.sealing.tiles import (
    BUNDLES,
    TILE_WIDTH,
    GrowingLog,
    Tile,
    bundle_path,
    edge_of,
    hashes_in,
    leaves_in,
)
from traffic_booking.domain.sealing.tree import leaf_hash
from traffic_booking.domain.values import frozen
from traffic_booking.ports.sealed_log import LogFiles

_CACHED_TILES: Final = 1_024
"""8 KiB each."""


@frozen(kw_only=True, eq=False)
class LogToAudit:
    """The files of a sealed log, the public keys that may have signed it, and checkpoints that were kept elsewhere.

    `read_log` makes it. Nothing of it is verified before an audit.
    """

    files: LogFiles
    public_keys: tuple[bytes, ...]
    verify: Verify
    kept: tuple[bytes, ...] = ()

    def open(self) -> "SealedLog":
        """The log. Raises as `SealedLog`."""
        return SealedLog(self.files, self.public_keys, self.verify)

    def checkpoints(self) -> list[Checkpoint]:
        """The checkpoints that were kept elsewhere. Raises `LogUnreadable`."""
        origin = self.open().newest.origin
        return [read_checkpoint(note, self.public_keys, self.verify, origin) for note in self.kept]


class SealedLog:
    """A log whose newest checkpoint one of the public keys (32 bytes each) has signed.

    `newest` is that checkpoint, and `note` the signed note that it is in. The log may grow meanwhile; this reads it as
    it was.

    Raises:
        LogUnreadable: The log has no checkpoint, or none of these keys has signed it.
        StoreUnavailable: The log can't be read now.
    """

    def __init__(self, files: LogFiles, public_keys: Sequence[bytes], verify: Verify) -> None:
        self._files = files
        self._keys = tuple(public_keys)
        self._verify = verify
        self.name: Final = files.name
        note = files.checkpoint()
        if note is None:
            raise self._damaged("no checkpoint", "the folder of a sealed log")
        self.note: Final = note
        self.newest: Final = read_checkpoint(note, self._keys, verify)
        self._hashes = lru_cache(_CACHED_TILES)(self._hashes_of)

    def checkpoints(self) -> Iterator[Checkpoint]:
        """The checkpoints from the first to the newest, each verified; no size is smaller than the one before.

        Raises:
            LogUnreadable: One is damaged, of another log, or not signed by these keys, or a size is smaller.
        """
        size = 0
        for note in self._files.checkpoints():
            found = read_checkpoint(note, self._keys, self._verify, self.newest.origin)
            if found.size < size:
                raise self._damaged(f"a checkpoint of {found.size} leaves behind one of {size}", "one that has grown")
            size = found.size
            yield found
            if note == self.note:
                return

    def leaves(self, first: int = 0, until: int | None = None) -> Iterator[bytes]:
        """The leaves from `first` (0 is the first) to before `until`, at most to the newest checkpoint; not verified.

        Raises `LogUnreadable` if a bundle is missing or malformed.
        """
        end = self.newest.size if until is None else min(until, self.newest.size)
        for index in range(first // TILE_WIDTH, -(-end // TILE_WIDTH)):
            start = index * TILE_WIDTH
            yield from self.bundle(index)[max(0, first - start) : end - start]

    def bundle(self, index: int) -> list[bytes]:
        """The leaves of bundle `index` as of the newest checkpoint. Raises `LogUnreadable`."""
        width = min(TILE_WIDTH, self.newest.size - index * TILE_WIDTH)
        for found in dict.fromkeys((width, TILE_WIDTH)):  # a partial bundle is removed once the full one is there
            path = bundle_path(index, found)
            content = self._files.read(path)
            if content is not None:
                return leaves_in(path, found, content)[:width]
        raise self._damaged(f"no file {bundle_path(index, width)}", "all files of its newest checkpoint")

    def verified_leaves(self) -> Iterator[bytes]:
        """All leaves in their order; every tile is compared with the leaves, and every checkpoint with the tree.

        Raises:
            LogUnreadable: A file is missing, malformed or changed, or a checkpoint is of another tree. The leaves that
                were returned before may be those that were changed.
        """
        tree, checkpoints = GrowingLog(), self.checkpoints()
        expected = next(checkpoints, None)
        while expected is not None:
            while tree.size < expected.size:
                for leaf in self.bundle(tree.size // TILE_WIDTH)[tree.size % TILE_WIDTH :]:
                    for path, content in tree.add(leaf):
                        self._compare(path, content)
                    yield leaf
                    if tree.size == expected.size:
                        break
            if tree.root() != expected.root:
                raise self._damaged(f"other leaves than those of its checkpoint of {expected.size}", "the same leaves")
            expected = next(checkpoints, None)
        for tile in edge_of(self.newest.size):
            if self._hashes(tile) != tree.partial(tile.level):
                raise self._damaged(f"another content of {tile.path}", "the hashes of its leaves")

    def nodes(self) -> Nodes:
        """The nodes of the tree of the newest checkpoint, from its tiles. They raise `LogUnreadable`."""
        return nodes_of(self._hashes, self.newest.size)

    def inclusion_proof(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """The proof that leaf `index` is in the tree of `size` leaves, or in that of the newest checkpoint.

        Raises:
            InvalidInput: There is no such leaf.
            LogUnreadable: A tile is missing or malformed.
        """
        return inclusion_proof(self.nodes(), index, self.newest.size if size is None else size)

    def consistency_proof(self, before: int, after: int | None = None) -> tuple[bytes, ...]:
        """The proof that the tree of `after` leaves, or of the newest checkpoint, begins with that of `before`.

        Raises:
            InvalidInput: `before` is greater.
            LogUnreadable: A tile is missing or malformed.
        """
        return consistency_proof(self.nodes(), before, self.newest.size if after is None else after)

    def growing(self) -> GrowingLog:
        """The right edge, to add leaves to.

        Raises:
            LogUnreadable: The tiles or the last bundle don't agree with the newest checkpoint.
        """
        size = self.newest.size
        edge = {tile.level: self._hashes(tile) for tile in edge_of(size)}
        leaves = self.bundle(size // TILE_WIDTH) if size % TILE_WIDTH else []
        tree = GrowingLog(size, [edge.get(level, []) for level in range(max(edge, default=-1) + 1)], leaves)
        if tree.root() != self.newest.root:
            raise self._damaged("tiles that don't agree with the checkpoint", "the tiles of its newest checkpoint")
        if [leaf_hash(each) for each in leaves] != edge.get(0, []):
            raise self._damaged("leaves that don't agree with the tiles", "the leaves of its newest checkpoint")
        return tree

    def _hashes_of(self, tile: Tile) -> list[bytes]:
        for width in dict.fromkeys((tile.width, TILE_WIDTH)):
            found = tile._replace(width=width)
            content = self._files.read(found.path)
            if content is not None:
                return hashes_in(found, content)[: tile.width]
        raise self._damaged(f"no file {tile.path}", "all files of its newest checkpoint")

    def _compare(self, path: str, content: bytes) -> None:
        if not path.startswith(BUNDLES) and self._files.read(path) != content:
            raise self._damaged(f"another content of {path}", "the hashes of its leaves")

    def _damaged(self, got: str, expected: str) -> LogUnreadable:
        return LogUnreadable(f"log {self.name}: got {got}; expected {expected}")
