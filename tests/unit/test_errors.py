"""The exceptions: each is ours and also the nearest of the standard library; messages contain the wrong value."""

import copy
import inspect
import pickle

import pytest

from traffic_booking import TrafficBookingError
from traffic_booking.domain import errors

HIERARCHY = {
    "InvalidInput": ("TrafficBookingError", ValueError),
    "InvalidCatalogue": ("InvalidInput", ValueError),
    "NotInstalled": ("InvalidInput", ValueError),
    "NotFound": ("TrafficBookingError", LookupError),
    "AppointmentNotFound": ("NotFound", LookupError),
    "RequestMismatch": ("TrafficBookingError", ValueError),
    "MissingExtra": ("TrafficBookingError", ImportError),
    "UnsafeFile": ("TrafficBookingError", UserWarning),
    "StoreError": ("TrafficBookingError", RuntimeError),
    "StoreUnavailable": ("StoreError", RuntimeError),
    "StoreUnreadable": ("StoreError", RuntimeError),
    "StoreMisconfigured": ("StoreError", RuntimeError),
    "StoreContended": ("StoreError", RuntimeError),
    "StoreBehindLog": ("StoreError", RuntimeError),
    "LogUnreadable": ("StoreError", RuntimeError),
    "StoreClosed": ("StoreError", RuntimeError),
}


def test_every_error_is_ours_and_the_nearest_of_the_standard_library():
    ours = {name: kind for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, Exception)}

    assert set(ours) == {"TrafficBookingError", *HIERARCHY}
    for name, (parent, standard) in HIERARCHY.items():
        assert ours[name].__bases__[0] is ours[parent]
        assert issubclass(ours[name], standard)
        assert name in str(errors.__doc__)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (errors.InvalidInput("age", got="7", expected="17"), "age: got 7; expected 17"),
        (errors.NotFound("branch", "x"), "no branch 'x'"),
        (errors.NotFound("branch", "x", known=list("abcdefgh")), "no branch 'x'; known: a, b, c, d, e, f, g, h"),
        (errors.NotFound("branch", "x", known=list("abcdefghi")), "no branch 'x'; known: a, b, c, d, e, f, g, h, …"),
        (errors.NotFound("person", "x", reason="erased"), "no person 'x': erased"),
        (errors.AppointmentNotFound("0010-0000-0000"), "you have no appointment 0010-0000-0000"),
        (
            errors.NotInstalled("rulebook", got="x", expected="y", parts=["rulebook"]),
            "rulebook: got x; expected y. Install it: traffic_booking.install, or traffic-booking install",
        ),
        (
            errors.RequestMismatch("r"),
            "request id 'r': got a different request than before; expected a new id for a new request",
        ),
        (
            errors.MissingExtra("the code", "captcha"),
            "the code needs an optional part: pip install 'traffic-booking[captcha]'",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_message_has_the_given_and_the_expected_value(error, message):
    assert str(error) == message
    assert isinstance(error, TrafficBookingError)


def test_the_faults_of_a_catalogue_are_all_listed():
    faults = [errors.Fault(file="f", entry=entry, field="x", got="1", expected="2") for entry in ("one", "two")]
    error = errors.InvalidCatalogue(faults)

    assert error.faults == tuple(faults)
    assert str(error).splitlines() == [
        "catalogue: got 2 fault(s); expected none",
        "  f: one: x: got 1; expected 2",
        "  f: two: x: got 1; expected 2",
    ]


@pytest.mark.parametrize(
    "error",
    [
        errors.InvalidInput("date", got="x", expected="y"),
        errors.NotFound("branch", "riyad", known=["riyadh"]),
        errors.AppointmentNotFound("0010-0000-0000"),
        errors.NotInstalled("rulebook", got="x", expected="y", parts=["rulebook"]),
        errors.RequestMismatch("r"),
        errors.StoreContended("busy"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_cross_process_pools_and_task_queues_whole(error):
    for again in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert vars(again) == vars(error)


def test_a_near_name_is_suggested():
    assert str(errors.NotFound("governorate", "Riyadh", known=["abha", "riyadh"])).endswith("did you mean riyadh?")
