"""The Merkle tree of RFC 6962: hashes of leaves and nodes, and roots."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
"""The root of a tree without leaves."""
MOST_LEAVES: Final = 2**62
"""No log gets there; the bound keeps a forged size from costing time."""


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf. Its prefix keeps a leaf from being taken for a node."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children."""
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over hashes of the same height, such as those of leaves."""
    if not hashes:
        return EMPTY_ROOT
    row = list(hashes)
    while len(row) > 1:
        paired = [sha256(b"\x01" + row[at] + row[at + 1]).digest() for at in range(0, len(row) - 1, 2)]
        if len(row) % 2:
            paired.append(row[-1])  # it has no sibling at this height
        row = paired
    return row[0]


def complete_parts(width: int) -> Iterator[tuple[int, int]]:
    """Split `width` hashes into complete subtrees, left to right: the first place and the number of each."""
    first = 0
    for bit in reversed(range(width.bit_length())):
        if width >> bit & 1:
            yield first, 1 << bit
            first += 1 << bit
