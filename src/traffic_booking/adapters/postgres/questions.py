"""A statement, its parameters, and what its rows mean: all of a round trip but the connection."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, LiteralString, TypeVar

from attrs import frozen

T_co = TypeVar("T_co", covariant=True)


@frozen(repr=False)  # the parameters are people's
class Question(Generic[T_co]):
    """One round trip; `read` makes the answer of the rows."""

    statement: LiteralString | bytes
    parameters: Sequence[object]
    read: Callable[[list[tuple[Any, ...]]], T_co]
