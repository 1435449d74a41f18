"""A durable store in a PostgreSQL database, shared by as many processes and machines as connect to it."""

from traffic_booking.domain.errors import MissingExtra

try:
    import psycopg  # noqa: F401 - here, so that the message can name the missing package
except ModuleNotFoundError as missing:
    raise MissingExtra("the PostgreSQL store", "postgres") from missing
except ImportError as missing:  # psycopg is installed, and finds no libpq
    raise MissingExtra(
        "the PostgreSQL store",
        "postgres",
        needs="libpq, PostgreSQL's client library: the system's, or pip install 'psycopg[binary]'",
    ) from missing

from traffic_booking.adapters.postgres.async_cluster import AsyncCitusStore
from traffic_booking.adapters.postgres.async_store import AsyncPostgresStore
from traffic_booking.adapters.postgres.cluster import CitusStore
from traffic_booking.adapters.postgres.opening import pending_steps
from traffic_booking.adapters.postgres.store import PostgresStore

__all__ = ["AsyncCitusStore", "AsyncPostgresStore", "CitusStore", "PostgresStore", "pending_steps"]
