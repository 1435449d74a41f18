"""How a request becomes a page: sign-in first, own forms alone, and every error of the library in words."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from examples.portal.page import YEAR, Page
from examples.portal.settings import Portal
from traffic_booking import SignedIn, TrafficBookingError
from traffic_booking.web import Problem, bounded_body, is_forged, problem_of_error

Who = Literal["anybody", "person", "clerk"]
Handler = Callable[[Page], Response]
LARGEST_FORM, MOST_FIELDS = 16_384, 40


class Door(NamedTuple):
    """One address: its method, the steps of the journey that its page is, and who may open it."""

    method: str
    path: str
    step: str
    who: Who
    handler: Handler


DOORS: list[Door] = []


def _opened(method: str, path: str, step: str = "", who: Who = "person") -> Callable[[Handler], Handler]:
    def added(handler: Handler) -> Handler:
        DOORS.append(Door(method, path, step, who, handler))
        return handler

    return added


get, post = partial(_opened, "GET"), partial(_opened, "POST")


def routes(portal: Portal) -> list[Route]:
    """An address in each language for every door."""
    doors = [(door, _endpoint(portal, door)) for door in DOORS]
    return [Route(f"/{each}{door.path}", go, methods=[door.method]) for each in ("ar", "en") for door, go in doors]


def _endpoint(portal: Portal, door: Door) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        sent: dict[str, str] = {}
        if door.method == "POST":
            body = (await bounded_body(request, most=LARGEST_FORM)).decode(errors="replace")
            try:
                sent = dict(parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS))
            except ValueError:
                raise Problem("invalid-input") from None
        response = await run_in_threadpool(_answered, portal, door, request, sent, await portal.sign_in.resume(request))
        portal.sign_in.greet(request, response)
        return response

    return endpoint


def _answered(
    portal: Portal, door: Door, request: Request, sent: dict[str, str], signed_in: SignedIn | None
) -> Response:
    page = Page(portal, request, sent, signed_in)
    page.step = door.step
    try:
        return page.finish(_guarded(page, door))
    except (Problem, TrafficBookingError) as error:
        return page.finish(failure(page, error))


def _guarded(page: Page, door: Door) -> Response:
    digits = page.query.get("digits")
    if digits in {"ascii", "arabic"}:
        page.new_cookies["digits"] = (digits, YEAR)
        return page.see(page.here_with(digits=None)[3:])
    if door.who != "anybody" and page.person is None:  # the hold and the step stay: signing in leads back
        return page.see("/sign-in", next=page.here, ended="1" if page.ended else None)
    secret = page.portal.sign_in.browser(page.request)
    if door.method == "POST" and is_forged(page.request, sent=page.sent.get("csrf", ""), secret=secret):
        raise Problem("other-site")
    if door.who == "clerk" and page.clerk is None:
        raise Problem("forbidden")
    return door.handler(page)


def failure(page: Page, error: Problem | TrafficBookingError) -> Response:
    """The page of an error. If trying again helps, it has the same form, under the same request id."""
    problem = problem_of_error(error) if isinstance(error, TrafficBookingError) else error
    again = {name: typed for name, typed in page.sent.items() if name != "password"} if problem.headers else {}
    lines = problem.text(page.language).split("\n")
    response = page.show("problem.html", problem.status, title=problem.title(page.language), lines=lines, sent=again)
    response.headers.update(problem.headers)
    return response
