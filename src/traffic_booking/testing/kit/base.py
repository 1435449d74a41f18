"""The base of all cases of the store port: how the store under test is opened, and the fixtures of its author."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from inspect import signature
from multiprocessing.reduction import ForkingPickler
from pickle import PicklingError
from typing import Any, ClassVar, Final, Protocol

import pytest

from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.collections import Schema
from traffic_booking.ports.store import Store
from traffic_booking.testing.kit.blocking import Blocking
from traffic_booking.testing.kit.capabilities import Capability
from traffic_booking.testing.kit.sample_schema import SAMPLE
from traffic_booking.testing.kit.suite import Suite

StoreOpener = Callable[..., Any]
"""Opens the store under test with the keyword `schema`: a `Store`, or one with coroutine methods."""
Means = Callable[[Store], AbstractContextManager[None]]
"""Within it, somebody else uses the server of a store."""
Failing = Callable[[Store, int], AbstractContextManager[None]]
"""Within it, the connection of a store fails after so many more steps; the author defines a step."""
PruneLog = Callable[[Store, int], None]
"""Removes the oldest so many entries of the log behind a store's back."""
SHARED: Final = (Capability.CROSS_PROCESS, Capability.DURABLE)
"""Handles and processes share a store only if each of them opens the same data."""


class OpenAgain(Protocol):
    """Opens the store under test once more."""

    def __call__(self, schema: Schema = SAMPLE, *, by: StoreOpener | None = None) -> Store:
        """A store with that schema, opened `by` the author's opener or another; closed when the case ends."""
        ...


def check_takes_schema(opener: StoreOpener) -> None:
    """Fail in one line if `opener` can't be called with the keyword `schema`."""
    try:
        signature(opener).bind(schema=None)
    except TypeError as error:
        pytest.fail(
            f"open_store: a call with the keyword schema alone is not possible ({error}); expected a value that opens"
            " the store by open_store(schema=…)",
            pytrace=False,
        )
    except ValueError:
        pass  # written in C, without a signature


def check_pickles(opener: StoreOpener) -> None:
    """Fail in one line if `opener` can't be passed to another process."""
    try:
        ForkingPickler.dumps(opener)
    except (PicklingError, AttributeError, TypeError) as error:
        pytest.fail(
            f"open_store: its value can't be pickled ({error}); expected one that other processes can open the store"
            " with, such as a functools.partial of a class or function of a module",
            pytrace=False,
        )


def opened(opener: StoreOpener, schema: Schema, *, is_async: bool) -> Store:
    """The store that `opener` opens, with methods that block."""
    check_takes_schema(opener)
    opening = partial(opener, schema=schema)
    store: Store = Blocking(opening) if is_async else opening()
    return store


class StoreCases(Suite):
    """The base of each topic's cases."""

    port: ClassVar[str] = "store"
    choices: ClassVar[frozenset[Capability]] = frozenset(Capability)
    yours: ClassVar[frozenset[str]] = frozenset(
        {"open_store", "failing", "prune_log", "slow_writer", "other_database", "restored"}
    )
    lacking: ClassVar[Mapping[str, str]] = {"failing": "fault injection"}

    @pytest.fixture
    def open_store(self) -> StoreOpener:
        """How the store under test is opened; a subclass overrides it."""
        raise NotImplementedError("a subclass of StoreConformance overrides the fixture open_store")

    @pytest.fixture
    def failing(self) -> Failing | None:
        """How to break the connection of an open store; None if there is no way."""
        return None

    @pytest.fixture
    def prune_log(self) -> PruneLog | None:
        """How to remove the oldest entries of the log behind a store's back; None if there is no way."""
        return None

    @pytest.fixture
    def slow_writer(self) -> Means | None:
        """Within it, another writer has drawn its place in the feed; at its end that writer commits its entry.

        The entry has the stream `slow`, the kind `noted` and the body `late`. None if nobody writes beside the store.
        """
        return None

    @pytest.fixture
    def other_database(self) -> Means | None:
        """Within it, a transaction that writes is open in another database of the server; None if there is none."""
        return None

    @pytest.fixture
    def restored(self) -> Callable[[], StoreOpener] | None:
        """Restores a dump of the store under test into a younger server, and returns how to open it there."""
        return None

    @pytest.fixture
    def open_again(self, open_store: StoreOpener) -> Iterator[OpenAgain]:
        """Opens the store under test, once more with each call; the case's end closes each of them."""
        made: list[Store] = []

        def open_one(schema: Schema = SAMPLE, *, by: StoreOpener | None = None) -> Store:
            made.append(opened(by or open_store, schema, is_async=self.is_async))
            return made[-1]

        yield open_one
        for store in made:
            store.close()

    @pytest.fixture
    def store(self, open_again: OpenAgain) -> Store:
        """The store under test, empty, with the kit's own collections."""
        return open_again()

    @pytest.fixture
    def shipped(self, open_again: OpenAgain) -> Store:
        """The store under test, empty, with the collections of the library."""
        return open_again(SCHEMA)

    @pytest.fixture
    def book(self, shipped: Store) -> AppointmentBook:
        """The appointment book of a store that is empty."""
        return AppointmentBook(shipped)

    @property
    def is_async(self) -> bool:
        """True if the store's methods are coroutines."""
        return Capability.ASYNC in self.promises
