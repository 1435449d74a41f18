"""The booking desk of asyncio hosts, in a module of its own so that other hosts don't import asyncio."""

from asyncio import to_thread
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Self, TypeVar, cast

from traffic_booking import discovery
from traffic_booking.adapters.threaded import ThreadedStore
from traffic_booking.application.desk import AsyncDesk
from traffic_booking.application.parts import DeskParts, OpeningKeywords
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.domain.rules.rulebook import Rulebook, Rulebooks
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.persistence.persons import PseudonymKeys
from traffic_booking.ports.async_store import AsyncStore
from traffic_booking.wiring import (
    absent,
    checked_store,
    checked_url,
    made_store,
    open_store,
    replica_of,
    takes_installed,
    with_shipped_parts,
)

P = ParamSpec("P")
DeskT = TypeVar("DeskT")
Opened = Coroutine[Any, Any, DeskT]


def with_keywords(
    of: Callable[P, OpeningKeywords],
) -> Callable[[Callable[[type[DeskT], str], Opened[DeskT]]], Callable[Concatenate[type[DeskT], str, P], Opened[DeskT]]]:
    """As in `wiring`, for a method that is awaited."""
    assert of is OpeningKeywords
    return lambda method: cast("Any", method)


class AsyncBookingDesk(AsyncDesk):
    """An `AsyncDesk` whose parts, all but the store, are the shipped ones unless given, as in `BookingDesk`."""

    def __init__(self, parts: DeskParts[AsyncStore]) -> None:
        super().__init__(with_shipped_parts(parts))

    @classmethod
    @with_keywords(OpeningKeywords)
    async def open(
        cls,
        url: str,
        *,
        read_only: bool = False,
        read_url: str | None = None,
        log: str | Path | None = None,
        installed: bool = False,
        **parts: Any,
    ) -> Self:
        """Open the store that `url` names, and return a desk over it; the event loop runs meanwhile.

        A PostgreSQL store has asynchronous methods of its own, and the store of an installed package may have. For any
        other, each call runs in a thread of the store. `url` and the keywords are as in `BookingDesk.open`.
        Example: `async with await AsyncBookingDesk.open("postgresql:///bookings") as desk: …`.

        Raises:
            TrafficBookingError: As `BookingDesk.open`.
        """
        store, replica = await open_async_store(url, read_only=read_only), None
        try:
            if log is not None:
                from traffic_booking.adapters.log_folder import LogFolder
                from traffic_booking.application.behind_log import check_reached

                await check_reached(store, LogFolder(log))
            if takes_installed(read_only, installed):
                from traffic_booking.persistence.installations import AsyncInstallations

                parts |= await AsyncInstallations(store).parts(absent(parts))
            if read_url is not None:
                parts["replica"] = replica = replica_of(store, url, read_url)
            desk = cls(DeskParts(store=store, read_only=read_only, **parts))
            await desk.check_key()
            return desk
        except BaseException:
            if replica is not None:
                await replica.close()
            await store.close()
            raise

    @classmethod
    async def open_to_audit(
        cls,
        url: str,
        *,
        catalogue: Catalogue | None = None,
        rulebook: Rulebook | Rulebooks | None = None,
        pseudonym_key: PseudonymKeys = None,
    ) -> Self:
        """Open a store that exists to audit it; see `BookingDesk.open_to_audit`.

        Example: `async with await AsyncBookingDesk.open_to_audit(url) as desk: …`.

        Raises:
            TrafficBookingError: As `BookingDesk.open_to_audit`.
        """
        store = await open_async_store(url, read_only=True)
        try:
            from traffic_booking.persistence.installations import AsyncInstallations

            parts: dict[str, Any] = {"catalogue": catalogue, "rulebook": rulebook, "pseudonym_key": pseudonym_key}
            with suppress(StoreUnreadable):  # the audit reports the record
                parts |= await AsyncInstallations(store).parts(absent(parts))
            return cls(DeskParts(store=store, read_only=True, **parts))
        except BaseException:
            await store.close()
            raise


async def open_async_store(url: str, *, read_only: bool = False) -> AsyncStore:
    """The asynchronous store of a URL, as in `AsyncBookingDesk.open`."""
    scheme, checked = checked_url(url)
    shipped = scheme in discovery.SHIPPED[discovery.STORES]
    if not shipped or scheme in discovery.SHIPPED[discovery.ASYNC_STORES]:
        factory = await to_thread(discovery.find, discovery.ASYNC_STORES, scheme)
        if factory is not None:
            store: AsyncStore = checked_store(
                await to_thread(made_store, factory, checked, read_only=read_only), scheme
            )
            return store
    return ThreadedStore(await to_thread(open_store, url, read_only=read_only))
