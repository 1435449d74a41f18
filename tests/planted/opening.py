"""Every planted fault, by its number, and how its store is opened: in processes that the kit starts, too."""

from pathlib import Path

from tests.planted import (
    file_faults,
    memory_commits,
    memory_guards,
    memory_lists,
    memory_values,
    postgres_faults,
    sqlite_commits,
    sqlite_handles,
    sqlite_reads,
    trims,
)
from tests.planted.faults import FAULTS
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.collections import Schema
from traffic_booking.ports.store import Store

__all__ = ["FAULTS", "MODULES", "open_planted"]

MODULES = (
    memory_guards,
    memory_lists,
    memory_values,
    memory_commits,
    file_faults,
    sqlite_commits,
    sqlite_reads,
    sqlite_handles,
    postgres_faults,
    trims,
)
"""The modules that have the faults."""


def open_planted(number: int, place: str | Path, *, schema: Schema = SCHEMA) -> Store:
    """Open the store with that fault."""
    return FAULTS[number - 1].open(place, schema=schema)
