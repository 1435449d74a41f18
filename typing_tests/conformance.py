"""How an adapter's author uses the conformance kit, as a type checker sees it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import ClassVar, assert_type

import pytest

from traffic_booking import Document
from traffic_booking.adapters.clock import SystemClock
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.adapters.tickets import TextTicket
from traffic_booking.ports.clock import Clock
from traffic_booking.ports.store import Store
from traffic_booking.ports.tickets import TicketRenderer
from traffic_booking.testing import (
    Capability,
    CaptchaConformance,
    ClockConformance,
    IdentityConformance,
    NumberingConformance,
    ObserverConformance,
    SignerConformance,
    StoreConformance,
    TicketConformance,
)


def failing(_store: Store, _steps: int) -> AbstractContextManager[None]:
    return nullcontext()


class TestStore(StoreConformance):
    contract_level = 1
    promises = frozenset({Capability.BATCH, Capability.DURABLE})
    left_out: ClassVar[Mapping[str, str]] = {"test_closing_twice_is_fine": "the driver says otherwise"}

    @pytest.fixture
    def open_store(self, tmp_path: Path) -> Callable[..., Store]:
        return partial(SqliteStore, tmp_path / "bookings.db")

    @pytest.fixture
    def failing(self) -> Callable[[Store, int], AbstractContextManager[None]]:
        return failing


class TestClock(ClockConformance):
    contract_level = 1

    @pytest.fixture
    def clock(self) -> Clock:
        return SystemClock()


class TestTicket(TicketConformance):
    contract_level = 1
    active = ("<script",)

    @pytest.fixture
    def renderer(self) -> TicketRenderer:
        return TextTicket()

    def seen(self, rendered: Document) -> str:
        return str(rendered).upper()


assert_type(StoreConformance.promises, frozenset[Capability])
suites: list[type] = [
    CaptchaConformance,
    IdentityConformance,
    NumberingConformance,
    ObserverConformance,
    SignerConformance,
]


class Mistaken(StoreConformance):
    contract_level = "1"  # type: ignore[assignment]
    promises = {Capability.BATCH}  # type: ignore[assignment]  # noqa: RUF012 - the mistake
    left_out = ["test_closing_twice_is_fine"]  # type: ignore[assignment]  # noqa: RUF012 - the mistake
