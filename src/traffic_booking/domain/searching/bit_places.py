"""The branches of a question as bits: their union, their time zones, and their order."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from traffic_booking.domain.places.geography import Branch, BranchId
from traffic_booking.domain.searching.question import SearchedBranch

FEW: Final = 64
"""So many branches are sorted; among more, the next one in the order is looked for."""


class BitPlaces:
    """The branches of a question. `bits` has the place of each branch in the catalogue, in the order of the question.

    `mask` is the union of their bits. `zones` has, for each time zone, a branch in it and the union of the bits there.
    `apart`: they have different distances, perhaps. Raises `KeyError` if the catalogue lacks a branch.
    """

    def __init__(self, branches: Sequence[SearchedBranch], place_of: Mapping[BranchId, int]) -> None:
        self.branches = branches
        self.bits = [place_of[each.branch.id] for each in branches]
        self.mask = joined_bits(self.bits, len(place_of))
        self._at = dict(zip(self.bits, branches, strict=True))
        self._as_in_catalogue = self.bits == sorted(self.bits)
        self.apart = any(each.distance_km for each in branches)
        in_zone: dict[str, list[int]] = {}
        for bit, each in zip(self.bits, branches, strict=True):
            in_zone.setdefault(each.branch.time_zone, []).append(bit)
        self.zones: list[tuple[Branch, int]] = [
            (self._at[bits[0]].branch, joined_bits(bits, len(place_of))) for bits in in_zone.values()
        ]

    def ordered(self, wanted: int, from_rank: int = 0) -> Iterator[tuple[SearchedBranch, int]]:
        """The branches of `wanted`, and their bits, by rank from `from_rank` on; each is looked for on demand."""
        if not self._as_in_catalogue:
            yield from self._by_rank(wanted, from_rank)
            return
        if from_rank:
            first = next((bit for each, bit in self._pairs(from_rank)), wanted.bit_length())
            wanted = wanted >> first << first
        while wanted:
            lowest = wanted & -wanted
            wanted ^= lowest
            bit = lowest.bit_length() - 1
            yield self._at[bit], bit

    def _by_rank(self, wanted: int, from_rank: int) -> Iterator[tuple[SearchedBranch, int]]:
        if wanted.bit_count() <= FEW:
            found = []
            while wanted:
                bit = wanted.bit_length() - 1
                wanted ^= 1 << bit
                found.append((self._at[bit].rank, bit))
            yield from ((self._at[bit], bit) for rank, bit in sorted(found) if rank >= from_rank)
            return
        octets = wanted.to_bytes(-(-wanted.bit_length() // 8) + 1, "little")
        for each, bit in self._pairs(from_rank):
            if bit >> 3 < len(octets) and octets[bit >> 3] >> (bit & 7) & 1:
                yield each, bit

    def _pairs(self, from_rank: int) -> Iterator[tuple[SearchedBranch, int]]:
        """The branches and their bits from a rank on. Ranks rise, and most begin with 0 and have no gaps."""
        first = min(from_rank, len(self.branches))
        while first and self.branches[first - 1].rank >= from_rank:
            first -= 1
        for place in range(first, len(self.branches)):
            if self.branches[place].rank >= from_rank:
                yield self.branches[place], self.bits[place]


def joined_bits(bits: Sequence[int], length: int) -> int:
    """The whole number with these bits, each below `length`, in linear time."""
    octets = bytearray(length // 8 + 1)
    for bit in bits:
        octets[bit >> 3] |= 1 << (bit & 7)
    return int.from_bytes(octets, "little")
