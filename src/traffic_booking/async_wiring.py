"""The booking desk of asyncio hosts, in a module of its own so that other hosts don't import asyncio."""

from asyncio import to_thread
from typing import Self, Unpack

from traffic_booking.adapters.threaded import ThreadedStore
from traffic_booking.application.desk import AsyncDesk
from traffic_booking.ports.async_store import AsyncStore
from traffic_booking.wiring import LONGEST_URL, DeskParts, open_store, with_shipped_parts


class AsyncBookingDesk(AsyncDesk):
    """An `AsyncDesk` whose parts, all but the store, are the shipped ones unless given, as in `BookingDesk`."""

    def __init__(self, *, store: AsyncStore, **parts: Unpack[DeskParts]) -> None:
        super().__init__(store=store, **with_shipped_parts(parts))

    @classmethod
    async def open(cls, url: str, **parts: Unpack[DeskParts]) -> Self:
        """Open the store that `url` names, and return a desk over it; the event loop runs meanwhile.

        A PostgreSQL store has asynchronous methods of its own. For any other, each call runs in a thread of the store.
        `url` and `parts` are as in `BookingDesk.open`.
        Example: `async with await AsyncBookingDesk.open("postgresql:///bookings") as desk: …`.

        Raises:
            TrafficBookingError: As `BookingDesk.open`.
        """
        store = await open_async_store(url)
        try:
            desk = cls(store=store, **parts)
            await desk.check_key()
            return desk
        except BaseException:
            await store.close()
            raise


async def open_async_store(url: str) -> AsyncStore:
    """The asynchronous store of a URL, as in `AsyncBookingDesk.open`."""
    scheme, _, rest = url.partition("://")
    if scheme.lower() == "postgresql" and len(url) <= LONGEST_URL and "\0" not in url:
        from traffic_booking.adapters.postgres import AsyncPostgresStore

        return await to_thread(AsyncPostgresStore, f"postgresql://{rest}")
    return ThreadedStore(await to_thread(open_store, url))
