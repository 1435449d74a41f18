"""Strict reading of plain values: each has exactly the expected type, and each instant is in UTC."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

REMEMBERED_INSTANTS: Final = 4_096

_WITHOUT_OFFSET: Final = -len("+00:00")


@lru_cache(maxsize=REMEMBERED_INSTANTS)
def instant_text(moment: datetime) -> str:
    """An instant in ISO 8601, in UTC, with a fraction of six digits if it has one."""
    return f"{moment.astimezone(UTC).isoformat()[:_WITHOUT_OFFSET]}Z"


@lru_cache(maxsize=REMEMBERED_INSTANTS)
def instant_of(text: object) -> datetime:
    """The instant that `text` spells. Raises `ValueError` if it is not in UTC."""
    moment = datetime.fromisoformat(exactly(text, str))
    if moment.utcoffset() != timedelta(0):
        raise ValueError("got an instant elsewhere; expected one in UTC")
    return moment.replace(tzinfo=UTC)


def exactly(value: Any, wanted: Any) -> Any:
    """`value` if its type is `wanted` and no subclass: a truth value is no number. Raises `TypeError`."""
    if type(value) is not wanted:
        raise TypeError(f"got {type(value).__name__}; expected {wanted.__name__}")
    return value
