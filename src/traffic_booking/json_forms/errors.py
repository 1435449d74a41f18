"""The JSON form of an error."""

from collections.abc import Callable, Mapping
from typing import Final

from traffic_booking.domain.errors import (
    AppointmentNotFound,
    InvalidCatalogue,
    InvalidInput,
    Language,
    LogUnreadable,
    MissingExtra,
    NotFound,
    NotInstalled,
    RequestMismatch,
    StoreBehindLog,
    StoreClosed,
    StoreContended,
    StoreError,
    StoreMisconfigured,
    StoreUnavailable,
    StoreUnreadable,
    TrafficBookingError,
)
from traffic_booking.json_forms.shapes import Json

KINDS: Final[Mapping[type[TrafficBookingError], str]] = {
    InvalidCatalogue: "invalid-catalogue",
    NotInstalled: "not-installed",
    InvalidInput: "invalid-input",
    AppointmentNotFound: "appointment-not-found",
    NotFound: "not-found",
    RequestMismatch: "request-mismatch",
    MissingExtra: "missing-extra",
    StoreUnavailable: "store-unavailable",
    StoreUnreadable: "store-unreadable",
    StoreMisconfigured: "store-misconfigured",
    StoreContended: "store-contended",
    StoreClosed: "store-closed",
    StoreBehindLog: "store-behind-log",
    LogUnreadable: "log-unreadable",
    StoreError: "store",
    TrafficBookingError: "misuse",
}
"""The tag of each kind of error; the first that fits counts."""


def error_form(error: TrafficBookingError) -> dict[str, Json]:
    """An error: its kind, its message in both languages, the field that is wrong, and the faults of data files."""
    return {
        "kind": next(tag for known, tag in KINDS.items() if isinstance(error, known)),
        "message": _texts(error.message),
        "field": error.field if isinstance(error, InvalidInput) else None,
        "faults": [_texts(fault.message) for fault in error.faults] if isinstance(error, InvalidCatalogue) else [],
    }


def _texts(message: Callable[[Language], str]) -> dict[str, Json]:
    return {"ar": message("ar"), "en": message("en")}
