"""A statement, its parameters, and what its rows mean: all of a round trip but the connection."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, LiteralString, TypeVar

from attrs import frozen

T_co = TypeVar("T_co", covariant=True)


@frozen(repr=False)  # the parameters are people's
class Question(Generic[T_co]):
    """What is asked of the database in one round trip; `read` makes the answer of the rows, and raises `RowError`."""

    statement: LiteralString
    parameters: Sequence[object]
    read: Callable[[list[tuple[Any, ...]]], T_co]
