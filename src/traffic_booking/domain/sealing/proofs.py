"""Proofs that a leaf is in a tree, and that a tree begins with an earlier one (RFC 6962, section 2.1)."""

from collections.abc import Callable, Sequence
from typing import Final

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.sealing.tiles import TILE_HEIGHT, TILE_WIDTH, Tile
from traffic_booking.domain.sealing.tree import EMPTY_ROOT, MOST_LEAVES, complete_parts, node_hash, root_of

Nodes = Callable[[int, int], bytes]
"""The hash of a complete subtree: by its height (0 for a leaf) and its index among those of this height."""

LONGEST_PROOF: Final = 64
"""In hashes."""


def nodes_of(hashes_of: Callable[[Tile], Sequence[bytes]], size: int) -> Nodes:
    """The nodes of a tree of `size` leaves, from its tiles."""

    def node(height: int, index: int) -> bytes:
        level, above = divmod(height, TILE_HEIGHT)
        tile, first = divmod(index << above, TILE_WIDTH)
        width = min(TILE_WIDTH, (size >> level * TILE_HEIGHT) - tile * TILE_WIDTH)
        return root_of(hashes_of(Tile(level, tile, width))[first : first + (1 << above)])

    return node


def tree_root(nodes: Nodes, size: int) -> bytes:
    """The root of the first `size` leaves."""
    return _root(nodes, 0, size) if size else EMPTY_ROOT


def inclusion_proof(nodes: Nodes, index: int, size: int) -> tuple[bytes, ...]:
    """The proof that leaf `index` (from 0) is in the tree of the first `size` leaves. Raises `InvalidInput`."""
    if not 0 <= index < size <= MOST_LEAVES:
        raise InvalidInput("leaf", got=f"leaf {index} of {size}", expected="one in the tree")
    found, first, end = list[bytes](), 0, size
    while end - first > 1:
        middle = first + _left_width(end - first)
        if index < middle:
            found.append(_root(nodes, middle, end))
            end = middle
        else:
            found.append(_root(nodes, first, middle))
            first = middle
    return tuple(reversed(found))


def consistency_proof(nodes: Nodes, before: int, after: int) -> tuple[bytes, ...]:
    """The proof that the tree of `after` leaves begins with that of `before`. Raises `InvalidInput`."""
    if not 0 <= before <= after <= MOST_LEAVES:
        raise InvalidInput("tree size", got=f"{before} before {after}", expected="the smaller size first")
    if before in {0, after}:
        return ()
    found, first, end, is_whole = list[bytes](), 0, after, True
    while end != before:
        middle = first + _left_width(end - first)
        if before <= middle:
            found.append(_root(nodes, middle, end))
            end = middle
        else:
            found.append(_root(nodes, first, middle))
            first, is_whole = middle, False
    if not is_whole:
        found.append(_root(nodes, first, end))
    return tuple(reversed(found))


def includes(root: bytes, size: int, index: int, hashed: bytes, proof: Sequence[bytes]) -> bool:
    """True if the proof shows that the leaf with that hash is leaf `index` (from 0) of the tree."""
    if not 0 <= index < size <= MOST_LEAVES or len(proof) > LONGEST_PROOF:
        return False
    place, last, found = index, size - 1, hashed
    for each in proof:
        if not last:
            return False
        if place & 1 or place == last:
            found = node_hash(each, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, each)
        place, last = place >> 1, last >> 1
    return not last and found == root


def extends(before: tuple[int, bytes], after: tuple[int, bytes], proof: Sequence[bytes]) -> bool:
    """True if the proof shows that the tree `after` begins with the tree `before`. Both are a size and a root."""
    (size, root), (new_size, new_root) = before, after
    if not 0 <= size <= new_size <= MOST_LEAVES or len(proof) > LONGEST_PROOF:
        return False
    if size == new_size:
        return not proof and root == new_root
    if not size:
        return not proof and root == EMPTY_ROOT
    if not proof:
        return False
    rest = list(proof) if size & (size - 1) else [root, *proof]
    place, last = size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = rest[0]
    for each in rest[1:]:
        if not last:
            return False
        if place & 1 or place == last:
            old, new = node_hash(each, old), node_hash(each, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, each)
        place, last = place >> 1, last >> 1
    return not last and old == root and new == new_root


def _left_width(width: int) -> int:
    """The number of leaves in the left part of a node over `width` leaves: the greatest power of two below."""
    return 1 << (width - 1).bit_length() - 1


def _root(nodes: Nodes, first: int, end: int) -> bytes:
    """The root of the leaves from `first` to `end`, as far as a node of the tree covers them."""
    found = b""
    for offset, count in reversed([*complete_parts(end - first)]):
        height = count.bit_length() - 1
        part = nodes(height, first + offset >> height)
        found = node_hash(part, found) if found else part
    return found
