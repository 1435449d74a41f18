"""Tiles and entry bundles: the files of a log (https://c2sp.org/tlog-tiles).

A tile has the hashes of 256 neighbouring subtrees of one height; a bundle has 256 leaves. Those at the right edge of
the tree are partial, with the number of their members in their name, and a tree that grows leaves them as they are.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from traffic_booking.domain.errors import InvalidInput, LogUnreadable
from traffic_booking.domain.sealing.tree import EMPTY_ROOT, HASH_BYTES, complete_parts, leaf_hash, node_hash, root_of

TILE_WIDTH: Final = 256
TILE_HEIGHT: Final = 8
LONGEST_LEAF: Final = 65_535
"""In bytes: the length of a leaf has two bytes in its bundle."""

BUNDLES: Final = "tile/entries/"
"""The folder of the bundles."""

_LENGTH_BYTES: Final = 2

File = tuple[str, bytes]
"""The path of a file in the log, and its content."""


class Tile(NamedTuple):
    """A tile: its level, its number there (from 0), and its width: it has 1 to 256 hashes.

    A hash of level l covers 256**l leaves.
    """

    level: int
    number: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """The path of its file in the log. Example: `Tile(0, 1234067, 8).path`: `tile/0/x001/x234/067.p/8`."""
        return f"tile/{self.level}/{_numbered(self.number, self.width)}"


def bundle_path(index: int, width: int = TILE_WIDTH) -> str:
    """The path of a bundle's file in the log. Example: `bundle_path(0, 3)  # "tile/entries/000.p/3"`."""
    return f"{BUNDLES}{_numbered(index, width)}"


def edge_of(size: int) -> list[Tile]:
    """The partial tiles at the right edge of a tree, from level 0 up."""
    found, level = [], 0
    while size:
        if size % TILE_WIDTH:
            found.append(Tile(level, size // TILE_WIDTH, size % TILE_WIDTH))
        size //= TILE_WIDTH
        level += 1
    return found


def hashes_in(tile: Tile, content: bytes) -> list[bytes]:
    """The hashes in a tile's file. Raises `LogUnreadable`."""
    if len(content) != tile.width * HASH_BYTES:
        got = f"{len(content)} bytes in {tile.path}"
        raise LogUnreadable(f"sealed log: got {got}; expected {tile.width * HASH_BYTES}")
    return [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]


def bundled(leaves: Sequence[bytes]) -> bytes:
    """The content of a bundle: each leaf behind its length. Raises `InvalidInput` for a leaf that is too long."""
    for each in leaves:
        if len(each) > LONGEST_LEAF:
            raise InvalidInput("leaf", got=f"{len(each)} bytes", expected=f"at most {LONGEST_LEAF} bytes")
    return b"".join(part for each in leaves for part in (len(each).to_bytes(_LENGTH_BYTES, "big"), each))


def leaves_in(path: str, width: int, content: bytes) -> list[bytes]:
    """The leaves in a bundle's file. Raises `LogUnreadable` if they are not `width`."""
    found, at = list[bytes](), 0
    while at < len(content) and len(found) <= width:
        first = at + _LENGTH_BYTES
        at = first + int.from_bytes(content[at:first], "big")
        found.append(content[first:at])
    if at != len(content) or len(found) != width:
        raise LogUnreadable(f"sealed log: got another content of {path}; expected {width} leaves")
    return found


class GrowingLog:
    """The right edge of a log, which leaves are added to.

    `size` is the number of leaves. The hashes of each level's partial tile and the leaves of the partial bundle are in
    memory, all else is in the files.
    """

    __slots__ = ("_leaves", "_partial", "size")

    def __init__(self, size: int = 0, partial: Sequence[Sequence[bytes]] = (), leaves: Sequence[bytes] = ()) -> None:
        self.size = size
        self._partial = [list(each) for each in partial]
        self._leaves = list(leaves)

    def add(self, leaf: bytes) -> Iterator[File]:
        """Add a leaf; return the files that became full. Raises `InvalidInput` for a leaf that is too long."""
        if len(leaf) > LONGEST_LEAF:
            raise InvalidInput("leaf", got=f"{len(leaf)} bytes", expected=f"at most {LONGEST_LEAF} bytes")
        self._leaves.append(leaf)
        return self._grown(leaf_hash(leaf))

    def edge_files(self) -> Iterator[File]:
        """The files of the partial bundle and the partial tiles."""
        if self._leaves:
            yield bundle_path(self.size // TILE_WIDTH, len(self._leaves)), bundled(self._leaves)
        for tile in edge_of(self.size):
            yield tile.path, b"".join(self._partial[tile.level])

    def partial(self, level: int) -> list[bytes]:
        """The hashes of the partial tile of a level."""
        return list(self._partial[level])

    def root(self) -> bytes:
        """The root of the tree."""
        found = b""
        for hashes in self._partial:
            for first, count in reversed([*complete_parts(len(hashes))]):
                part = root_of(hashes[first : first + count])
                found = node_hash(part, found) if found else part
        return found or EMPTY_ROOT

    def _grown(self, hashed: bytes) -> Iterator[File]:
        files = list[File]()
        self.size += 1
        if len(self._leaves) == TILE_WIDTH:
            files.append((bundle_path(self.size // TILE_WIDTH - 1), bundled(self._leaves)))
            self._leaves.clear()
        level, covered = 0, self.size
        while True:
            if level == len(self._partial):
                self._partial.append([])
            hashes = self._partial[level]
            hashes.append(hashed)
            if len(hashes) < TILE_WIDTH:
                return iter(files)
            covered //= TILE_WIDTH
            files.append((Tile(level, covered - 1).path, b"".join(hashes)))
            hashed = root_of(hashes)
            hashes.clear()
            level += 1


def stale_partials(before: int, after: int) -> list[str]:
    """The folders of the partial files of tiles that became full while a tree grew from one size to the other."""
    found, level = list[str](), 0
    while before:
        first = before // TILE_WIDTH
        if before % TILE_WIDTH and after // TILE_WIDTH > first:
            found.append(f"tile/{level}/{_numbered(first)}.p")
            found += [f"{BUNDLES}{_numbered(first)}.p"] * (level == 0)
        before, after, level = first, after // TILE_WIDTH, level + 1
    return found


def _numbered(index: int, width: int = TILE_WIDTH) -> str:
    """An index in groups of three digits, all but the last behind an x, and the width of a partial file."""
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    *others, last = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "".join(f"x{each}/" for each in others) + last + (f".p/{width}" if width < TILE_WIDTH else "")
