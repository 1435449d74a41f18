"""The feed as a statement: log entries in the order of generations and transactions, without those not yet certain.

A transaction with a smaller number may commit after one with a greater number. So entries are read up to the oldest
transaction that is still under way, anywhere on the server; all older ones are visible.

After a crash, and on a standby that is promoted, numbers are given again that only undone transactions had. So a page
is complete up to a number that the log has, and not up to one that was only given. If the server waits for a standby,
an entry may be visible before the standby has it: its own wait was broken off. So a page waits for the standby too.
"""

from functools import partial
from typing import Any, Final

from traffic_booking.adapters.postgres.reading import ENTRY, GREATEST, PLACES, entries_of
from traffic_booking.adapters.postgres.tables import AWAIT_STANDBY, Statement
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.ports.primitives import LogPage

_GREATEST_OF_LOG: Final = """
greatest(newest.trimmed_by, (
    SELECT log.xid FROM traffic_booking.log
    WHERE log.generation = newest.generation ORDER BY log.generation DESC, log.xid DESC LIMIT 1
))
"""
"""The greatest number that the newest generation of the log has had; NULL if it is new."""

_PAGE: Final = f"""
WITH at AS MATERIALIZED (
    SELECT newest.generation AS newest, pg_snapshot_xmin(pg_current_snapshot()) AS oldest,
        pg_snapshot_xmax(pg_current_snapshot()) AS next, {_GREATEST_OF_LOG} AS last
    FROM traffic_booking.generations AS newest
    WHERE newest.generation = (SELECT max(generation) FROM traffic_booking.generations)
), after AS MATERIALIZED (
    SELECT %s::bigint AS generation, %s::text::xid8 AS xid, %s::bigint AS place
)
SELECT newest, oldest::text::bigint, next::text::bigint, last::text::bigint, (
    SELECT json_agg({ENTRY}) FROM (
        SELECT * FROM traffic_booking.log AS t
        WHERE (t.generation, t.xid, t.place) > (after.generation, after.xid, after.place)
            AND (t.generation < at.newest OR t.xid < at.oldest)
        ORDER BY t.generation, t.xid, t.place LIMIT %s::bigint
    ) AS t
), CASE WHEN (at.newest, at.last) > (after.generation, after.xid) THEN {AWAIT_STANDBY} END FROM at, after
""".encode()

_BEGIN_BEYOND: Final = (
    b"INSERT INTO traffic_booking.generations SELECT greatest(max(generation), %s::bigint) + 1"
    b" FROM traffic_booking.generations RETURNING generation"
)

GREATEST_XID: Final = 2**43 - 1
"""The greatest that fits into a position; no server gets there."""

IS_AHEAD: Final = f"""
SELECT {_GREATEST_OF_LOG} >= pg_snapshot_xmax(pg_current_snapshot()) FROM traffic_booking.generations AS newest
ORDER BY newest.generation DESC LIMIT 1
"""
"""True if the newest generation has a number that this server has not given: the log was restored from another one."""
BEGIN_GENERATION: Final = (
    "INSERT INTO traffic_booking.generations SELECT max(generation) + 1 FROM traffic_booking.generations"
)


def advancing(beyond: FeedPosition) -> Statement[None]:
    """Begin a generation behind that of `beyond`."""
    return Statement(_BEGIN_BEYOND, (beyond.generation,), lambda _: None)


def page(where: str, after: FeedPosition, limit: int) -> Statement[LogPage]:
    """At most `limit` entries behind `after`."""
    xid, place = divmod(max(0, after.place), PLACES)
    parameters = (
        min(max(0, after.generation), GREATEST),
        str(min(xid, GREATEST_XID)),
        place,
        min(max(0, limit), GREATEST),
    )
    return Statement(_PAGE, parameters, partial(_page, where, after))


def _page(where: str, after: FeedPosition, rows: list[tuple[Any, ...]]) -> LogPage:
    newest, oldest, following, last, entries, _ = rows[0]
    if (after.generation, after.place) >= (newest, following * PLACES):
        raise StoreUnreadable(
            f"{where}: got a feed position of generation {after.generation} that this store has not reached; expected"
            " one that it gave: begin again at BEGINNING"
        )
    passed = after.place // PLACES if after.generation == newest else 0
    certain = min(oldest, max(last or 0, passed) + 1)
    return LogPage(entries_of(entries or ()), FeedPosition(newest, certain * PLACES - 1))
