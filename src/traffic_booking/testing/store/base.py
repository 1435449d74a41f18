"""What the cases of every topic start from: how the store under test is opened, and what its author may give."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, ClassVar

import pytest

from traffic_booking.ports.store import Store
from traffic_booking.testing.awaited import Awaited
from traffic_booking.testing.capabilities import Capability
from traffic_booking.testing.suite import Suite

StoreOpener = Callable[[], Any]
"""Opens the store under test: a `Store`, or one whose methods are awaited."""
Failing = Callable[[Store, int], AbstractContextManager[None]]
"""Within it, the connection of a store fails after so many more steps; the author says what a step is."""


def opened(opener: StoreOpener, *, awaited: bool) -> Store:
    """The store that `opener` opens, as one whose methods block."""
    store: Store = Awaited(opener) if awaited else opener()
    return store


class StoreCases(Suite):
    """The base of each topic's cases."""

    port: ClassVar[str] = "store"
    choices: ClassVar[frozenset[Capability]] = frozenset(Capability)
    yours: ClassVar[frozenset[str]] = frozenset({"open_store", "failing", "earlier_release"})

    @pytest.fixture
    def open_store(self) -> StoreOpener:
        """How the store under test is opened; a subclass gives it."""
        raise NotImplementedError("a subclass of StoreConformance gives the fixture open_store")

    @pytest.fixture
    def failing(self) -> Failing | None:
        """How to break the connection of an open store; None where the author gives no way."""
        return None

    @pytest.fixture
    def earlier_release(self) -> Callable[[], None] | None:
        """Puts a store where `open_store` will find it, as an earlier release left it after `sample_store`.

        None where there is no earlier release, or none that anybody keeps.
        """
        return None

    @pytest.fixture
    def open_again(self, open_store: StoreOpener) -> Iterator[Callable[[], Store]]:
        """Opens the store under test, once more with each call; what is still open at the end is closed."""
        made: list[Store] = []

        def open_one() -> Store:
            made.append(opened(open_store, awaited=self.is_awaited))
            return made[-1]

        yield open_one
        for store in made:
            store.close()

    @pytest.fixture
    def store(self, open_again: Callable[[], Store]) -> Store:
        """The store under test, empty."""
        return open_again()

    @property
    def is_awaited(self) -> bool:
        """Whether the store's methods are awaited."""
        return Capability.ASYNC in self.promises
