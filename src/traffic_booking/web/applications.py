"""The two applications that a host mounts: bookings, and the embedded sign-in."""

from collections.abc import Callable, Collection, Iterable
from secrets import token_bytes
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

import traffic_booking as tb
from traffic_booking.adapters.clock import SystemClock
from traffic_booking.adapters.rate_limits import ProcessRateLimits
from traffic_booking.ports.rate_limits import RateLimits
from traffic_booking.web import bookings, places, staff
from traffic_booking.web.bodies import BODY_SECONDS
from traffic_booking.web.browser_sign_in import BrowserSignIn
from traffic_booking.web.openapi import openapi
from traffic_booking.web.operations import Operation
from traffic_booking.web.serving import ActorOf, OnError, Settings, application, json_response, kinds_route
from traffic_booking.web.sign_in import operations_of

BOOKING_OPERATIONS = (*bookings.OPERATIONS, *places.OPERATIONS, *staff.OPERATIONS)
"""The operations of `booking_app`, those that are called most first."""


def booking_app(
    desk: tb.AsyncDesk,
    *,
    actor_of: ActorOf,
    assertions_of: Callable[[Request, tb.PersonId], Any] | None = None,
    name_of: Callable[[Request], Any] | None = None,
    rate_limits: RateLimits | None = None,
    secret: bytes | None = None,
    address_of: Callable[[HTTPConnection], str] | None = None,
    origins: Collection[str] = (),
    on_error: OnError | None = None,
    body_seconds: float = BODY_SECONDS,
) -> ASGIApp:
    """A JSON API over a desk, for any ASGI host to mount. Its document is at `openapi.json`.

    Args:
        desk: An open desk; the host closes it.
        actor_of: Returns the actor of a request, or an awaitable of them: the signed-in person's id, a `Delegate`, a
            `Clerk`, or None. It is called in the event loop. The host vouches for the actor.
        assertions_of: Returns what the host vouches for about an applicant (`Assertions`), or None; may be awaitable.
        name_of: Returns the name to print on the caller's ticket, or None; may be awaitable.
        rate_limits: Counts requests: those of a signed-in actor by actor, others by address. In this process unless
            given.
        secret: Makes the names of persons for `rate_limits` that several processes share; 32 random bytes. Each process
            makes one of its own unless given.
        address_of: Returns the address of a client behind proxies that you trust. The address of the connection unless
            given.
        origins: Further origins whose pages may send requests, such as `https://portal.example`.
        on_error: Is called with an error that nobody expected. It is logged, without its text, unless given.
        body_seconds: How long a body may take to arrive.

    Raises:
        InvalidInput: `actor_of` is no function.

    Example::

        app.mount("/bookings", booking_app(desk, actor_of=lambda request: request.state.person))
    """
    if not callable(actor_of):
        raise tb.InvalidInput("actor_of", got=type(actor_of).__name__, expected="a function")
    settings = Settings(
        desk=desk,
        now=desk.clock.now,
        actor_of=actor_of,
        rate_limits=rate_limits or ProcessRateLimits(),
        address_of=address_of,
        origins=frozenset(origins),
        on_error=on_error,
        body_seconds=body_seconds,
        further={"assertions_of": assertions_of, "name_of": name_of},
        secret=token_bytes(32) if secret is None else secret,
    )
    return application(settings, BOOKING_OPERATIONS, _pages(BOOKING_OPERATIONS, "Traffic bookings"))


def sign_in_app(
    sign_in: BrowserSignIn,
    *,
    rate_limits: RateLimits | None = None,
    address_of: Callable[[HTTPConnection], str] | None = None,
    origins: Collection[str] = (),
    on_error: OnError | None = None,
    body_seconds: float = BODY_SECONDS,
) -> ASGIApp:
    """The embedded sign-in as a JSON API: visual codes, sessions, and resets of passwords, with cookies.

    The arguments are as in `booking_app`. Attempts are counted by address, and more strictly than other requests.

    Example::

        app.mount("/sign-in", sign_in_app(sign_in))
    """
    operations = operations_of(sign_in)
    settings = Settings(
        now=SystemClock().now,
        rate_limits=rate_limits or ProcessRateLimits(),
        address_of=address_of,
        origins=frozenset(origins),
        on_error=on_error,
        body_seconds=body_seconds,
        changes_count_as="sign-in",
    )
    return application(settings, operations, _pages(operations, "Sign-in"))


def booking_openapi(server: str = "/") -> dict[str, Any]:
    """The OpenAPI document of `booking_app`, mounted at the path `server`. Example: `json.dumps(booking_openapi())`."""
    return openapi(BOOKING_OPERATIONS, title="Traffic bookings", server=server)


def _pages(operations: Iterable[Operation], title: str) -> list[Route]:
    """The document of the API, and the kinds of its problems."""
    documents: dict[str, Any] = {}

    async def document(request: Request) -> Response:
        server = request.scope.get("root_path", "")
        if not documents:  # one server: a host that mounts it twice has two applications
            documents[server] = openapi(operations, title=title, server=server)
        return json_response(next(iter(documents.values())), headers={"Cache-Control": "no-cache"})

    return [Route("/openapi.json", document, methods=["GET"]), kinds_route()]
