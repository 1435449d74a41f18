"""How operations are served: routes, limits, actors, ids of requests, entity tags, and a problem for every fault."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from hmac import digest
from inspect import isawaitable
from ipaddress import IPv6Address, ip_address, ip_network
from secrets import token_bytes
from typing import Any, Final

from attrs import field, frozen
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

import traffic_booking as tb
from traffic_booking import Language
from traffic_booking.adapters.rate_limits import ProcessRateLimits
from traffic_booking.ports.rate_limits import RateLimits, Traffic
from traffic_booking.web.bodies import BODY_SECONDS, MOST_BODY_BYTES, json_object
from traffic_booking.web.languages import DEFAULT, accepted_language, language_of
from traffic_booking.web.operations import Call, Operation, Reply, read_members, read_query
from traffic_booking.web.problems import KINDS, Problem, problem_of_error, problem_of_outcome, problem_response
from traffic_booking.web.security import TICKET_POLICY, SecurityHeaders, from_own_pages

MOST_QUERY_BYTES: Final = 4_096
MOST_PATH_BYTES: Final = 1_024
MOST_HEADER_BYTES: Final = 16_384
LOGGER: Final = logging.getLogger("traffic_booking.web")
_STAFF: Final = (tb.Clerk, tb.System)
_ACTORS: Final = (tb.PersonId, tb.Delegate, *_STAFF)
_SERVER_ERROR: Final = 500

ActorOf = Callable[[Request], Any]
"""Returns the actor of a request, or an awaitable of them: a person's id, a `Delegate`, a `Clerk`, or None."""
OnError = Callable[[Exception], None]
"""Is called with an error that nobody expected."""


@frozen(kw_only=True)
class Settings:
    """The settings of an application of operations; `booking_app` describes them."""

    now: Callable[[], datetime]
    desk: Any = None
    actor_of: ActorOf | None = None
    rate_limits: RateLimits = field(factory=ProcessRateLimits)
    address_of: Callable[[HTTPConnection], str] | None = None
    origins: frozenset[str] = frozenset()
    on_error: OnError | None = None
    body_seconds: float = BODY_SECONDS
    changes_count_as: Traffic = "address"
    """How requests of nobody in particular that change something are counted."""
    further: Mapping[str, Any] = field(factory=dict)
    """Further parts that the operations of one application need."""
    secret: bytes = field(factory=lambda: token_bytes(32), repr=False)
    """Names persons at the rate limits."""


def application(settings: Settings, operations: Iterable[Operation], routes: Sequence[Route] = ()) -> ASGIApp:
    """The ASGI application of operations, and of further routes."""
    by_path: dict[str, list[Operation]] = {}
    for each in operations:
        by_path.setdefault(each.path, []).append(each)
    starlette = Starlette(
        routes=[*(_route(settings, path, found) for path, found in by_path.items()), *routes],
        exception_handlers={404: _no_page, 405: _no_method},
    )
    starlette.router.redirect_slashes = False  # a redirect would repeat the Host header of the request
    return SecurityHeaders(_Bounded(starlette))


class _Bounded:
    """Refuses addresses and headers that are too long, before anything reads them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = _excess(scope) if scope["type"] == "http" else None
        if kind is None:
            await self._app(scope, receive, send)
            return
        language = DEFAULT
        with suppress(StopIteration):
            wish = next(value for name, value in scope["headers"] if name == b"accept-language")
            language = accepted_language(wish[:MOST_PATH_BYTES].decode("latin-1"))
        await problem_response(Problem(kind), language, scope.get("root_path", ""))(scope, receive, send)


def _excess(scope: Scope) -> str | None:
    if len(scope.get("query_string", b"")) > MOST_QUERY_BYTES or len(scope["path"]) > MOST_PATH_BYTES:
        return "address-too-long"
    size = 0
    for name, value in scope["headers"]:
        size += len(name) + len(value)
    return "headers-too-large" if size > MOST_HEADER_BYTES else None


def _route(settings: Settings, path: str, operations: list[Operation]) -> Route:
    """The route of a path; one endpoint for its methods, so that another method is answered with all of them."""
    methods: dict[str, Operation] = {each.method: each for each in operations}

    async def endpoint(request: Request) -> Response:
        operation = methods["GET" if request.method == "HEAD" else request.method]
        language = DEFAULT
        try:
            headers = request.headers
            language = language_of(request.query_params.get("lang"), headers.get("accept-language"))
            return await _served(settings, operation, request, language)
        except Problem as problem:
            found = problem
        except tb.TrafficBookingError as error:
            found = problem_of_error(error)
            if found.status == _SERVER_ERROR:
                _report(settings, error, operation.name)
        except Exception as error:  # noqa: BLE001 - the client learns nothing of it
            _report(settings, error, operation.name)
            found = Problem("unexpected")
        return problem_response(found, language, _base(request))

    return Route(path, endpoint, methods=list(methods), include_in_schema=False)


async def _served(settings: Settings, operation: Operation, request: Request, language: Language) -> Response:
    actor = await _actor(settings, request)
    await _count(settings, operation, request, actor)
    if operation.audience != "anybody":
        if actor is None:
            raise Problem("not-signed-in", headers={"WWW-Authenticate": "Session"})
        if operation.audience == "staff" and not isinstance(actor, _STAFF):
            raise Problem("forbidden")
    if operation.method != "GET" and from_own_pages(request, settings.origins) is False:
        raise Problem("other-site")
    given = read_query(operation, request.query_params, request.path_params)
    request_id = ""
    if operation.has_id:
        request_id = request.headers.get("idempotency-key", "")
        if not request_id:
            raise Problem("idempotency-key-missing")
    if operation.body is not None:
        most = operation.most_body_bytes or MOST_BODY_BYTES
        given |= read_members(operation.body, await json_object(request, most=most, seconds=settings.body_seconds))
    call = Call(
        request=request,
        desk=settings.desk,
        language=language,
        given=given,
        by=actor,
        request_id=request_id,
        further=settings.further,
    )
    return _answered(settings, operation, request, language, await operation.run(call))


async def _actor(settings: Settings, request: Request) -> Any:
    if settings.actor_of is None:
        return None
    found = settings.actor_of(request)
    actor = await found if isawaitable(found) else found
    if actor is not None and not isinstance(actor, _ACTORS):
        raise TypeError("actor_of: expected a PersonId, Delegate, Clerk, System or None")
    return actor


async def _count(settings: Settings, operation: Operation, request: Request, actor: Any) -> None:
    """Count the request: by its actor, who may share an address with many; or by its address."""
    traffic: Traffic = "address"
    if actor is None:
        traffic = "address" if operation.method == "GET" else settings.changes_count_as
        client = request.client
        address = (client.host if client else "") if settings.address_of is None else settings.address_of(request)
        who = _network(address)
    else:
        traffic = "person"
        person = actor.person if isinstance(actor, tb.Delegate) else actor
        named = person.reveal() if isinstance(person, tb.PersonId) else repr(person)
        who = digest(settings.secret, named.encode(), "sha256").hex()
    seconds = await settings.rate_limits.seconds_to_wait(traffic, who)
    if seconds > 0:
        raise Problem("too-many-requests", headers={"Retry-After": str(int(seconds) + 1)})


@lru_cache(maxsize=4_096)
def _network(address: str) -> str:
    """The address, or for IPv6 its network of 64 bits: one subscriber has all addresses in it."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else address


def _answered(settings: Settings, operation: Operation, request: Request, language: Language, result: Any) -> Response:
    """The answer for the result of an operation."""
    reply = result if isinstance(result, Reply) else Reply(value=result)
    if reply.response is not None:
        return reply.response
    value = reply.value
    if not value:
        problem = problem_of_outcome(value, settings.now())
        if problem is not None:
            return problem_response(problem, language, _base(request))
    if isinstance(value, tb.Document):
        return _document(value, reply)
    status = reply.status or min(operation.answers)
    form = value if isinstance(value, dict) else tb.to_json(value)
    if reply.tag_without is None:
        return json_response(form, status, reply.headers)
    tag = f'W/"{sha256(_text(_lasting(form, reply.tag_without))).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", **reply.headers}
    if _is_known(tag, request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    return json_response(form, status, headers)


def _lasting(form: Any, left_out: tuple[str, ...]) -> Any:
    """`form` without the members that change with every answer, of its own and of the objects in its lists."""
    if not left_out or isinstance(form, str | int | None):
        return form
    if isinstance(form, list):
        return [_lasting(each, left_out) for each in form]
    return {
        name: _lasting(each, left_out) if isinstance(each, list) else each
        for name, each in form.items()
        if name not in left_out
    }


def _is_known(tag: str, header: str) -> bool:
    opaque = tag.removeprefix("W/")
    return any(each.strip().removeprefix("W/") in {opaque, "*"} for each in header.split(","))


def _document(document: tb.Document, reply: Reply) -> Response:
    shown = "attachment" if reply.as_attachment else "inline"
    headers = {
        "Content-Disposition": f'{shown}; filename="{document.file_name}"',
        "Content-Security-Policy": TICKET_POLICY,
        **reply.headers,
    }
    response = Response(document.content, 200, headers)
    response.headers["Content-Type"] = document.media_type
    return response


def json_response(form: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(_text(form), status, headers, "application/json")


def _text(form: Any) -> bytes:
    return json.dumps(form, ensure_ascii=False, separators=(",", ":")).encode()


async def _no_page(request: Request, _: Exception) -> Response:
    return problem_response(Problem("no-such-page"), _wished(request), _base(request))


async def _no_method(request: Request, error: Exception) -> Response:
    allowed = getattr(error, "headers", None) or {}
    return problem_response(Problem("method-not-allowed", headers=allowed), _wished(request), _base(request))


def _wished(request: Request) -> Language:
    with suppress(tb.InvalidInput):
        return language_of(request.query_params.get("lang"), request.headers.get("accept-language"))
    return DEFAULT


def _base(request: Request) -> str:
    base: str = request.scope.get("root_path", "")
    return base


def _report(settings: Settings, error: Exception, operation: str) -> None:
    """Show an operator an unexpected error: its class and its place, since its text may have personal data."""
    with suppress(Exception):
        if settings.on_error is not None:
            settings.on_error(error)
            return
        place = traceback.extract_tb(error.__traceback__)[-1]
        LOGGER.error("%s: %s at %s:%s", operation, type(error).__name__, place.filename, place.lineno)


def kinds_route() -> Route:
    """The route of the kinds of problems, which the `type` of each problem names."""

    async def endpoint(request: Request) -> Response:
        kind = KINDS.get(request.path_params["kind"])
        if kind is None:
            return await _no_page(request, Exception())
        form = {"kind": request.path_params["kind"], "status": kind.status, "title": tb.to_json(kind.title)}
        return json_response(form, headers={"Cache-Control": "public, max-age=86400"})

    return Route("/problems/{kind}", endpoint, methods=["GET"])
