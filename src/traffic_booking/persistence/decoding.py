"""Decoding a record or a log entry, with one error for everything that may be wrong with it."""

from collections.abc import Callable
from typing import Final, TypeVar

from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.ports.primitives import LogEntry, Row

T = TypeVar("T")

LOG: Final = "log"
"""Names the log if an entry can't be decoded."""


def decoded(collection: str, decode: Callable[[Row], T], row: Row) -> T:
    """The value of a record, whose key comes first, or of a log entry.

    Raises `StoreUnreadable`, which names the collection and the key (of a log entry the stream and the position), and
    quotes nothing else. Only records whose keys name no person are decoded here.
    """
    try:
        return decode(row)
    except StoreUnreadable:
        raise
    except Exception as error:  # noqa: BLE001 - data may be wrong in any way, and each is the same fault
        fault = type(error).__name__
    # Outside the handler, so that no error that quotes a person's data is chained to this one.
    first = row[0]
    entry = first if isinstance(first, LogEntry) else None
    key = entry.stream if entry else first
    raise StoreUnreadable(
        f"a record of {collection}, {key}: got one that can't be decoded ({fault}); expected it as written",
        collection=collection,
        key=key,
        position=entry and entry.position,
    )
