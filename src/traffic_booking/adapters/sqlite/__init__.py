"""A durable store in one SQLite file on a local disk, shared by the threads and processes of one machine."""

from traffic_booking.adapters.sqlite.opening import path_of, pending_steps
from traffic_booking.adapters.sqlite.store import SqliteStore

__all__ = ["SqliteStore", "path_of", "pending_steps"]
