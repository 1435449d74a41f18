"""A position in the feed of a desk: in the store's log, in its order."""

from typing import Final, NamedTuple


class FeedPosition(NamedTuple):
    """A place in a feed. Positions can be compared; a reader stores the last one that it has processed.

    There are gaps between the places. `generation` rises if a store can't continue the older places, for example after
    a restore.
    """

    generation: int
    place: int


BEGINNING: Final = FeedPosition(0, 0)
"""Before the first entry of any store."""
