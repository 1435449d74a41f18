"""The portal as one Starlette app: `portal_app(Settings(…))`. Any ASGI server runs it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from examples.portal import booking, changing, choosing, demo, signing_in, staff, timing
from examples.portal.page import Page
from examples.portal.routing import failure, routes
from examples.portal.settings import Portal, Settings
from traffic_booking import TrafficBookingError, to_json
from traffic_booking.web import Problem, SecurityHeaders

PAGES = signing_in, choosing, timing, booking, changing, staff  # importing one adds its addresses
FONTS: list[str | tuple[str, str]] = [
    ("traffic_booking.adapters.tickets", "fonts")
]  # IBM Plex Sans Arabic, which the tickets are printed with
KEPT = {"cache-control": "max-age=86400"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; frame-src 'self'; "
    "img-src 'self' data:; media-src data:; form-action 'self'; frame-ancestors 'self'; base-uri 'none'"
)


class KeptFiles(StaticFiles):
    """Files that browsers may keep: they are the same for everybody."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update(KEPT)
        return response


def portal_app(settings: Settings) -> Starlette:
    """The app over its own desk, which it closes at the end; with `settings.demo` there are accounts to try it."""
    portal = Portal(settings)
    if settings.demo:
        demo.fill(portal)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        portal.sign_in.close()
        portal.desk.close()

    async def start(_: Request) -> Response:
        return RedirectResponse("/ar/", 302)  # Arabic first; the language is in every address

    async def health(_: Request) -> Response:
        found = await run_in_threadpool(portal.desk.health)
        return JSONResponse(to_json(found), 200 if found else 503)

    async def problem(request: Request, error: Exception) -> Response:
        kind = "no-such-page" if getattr(error, "status_code", 500) in {404, 405} else "unexpected"
        found = error if isinstance(error, Problem | TrafficBookingError) else Problem(kind)
        signed_in = None if isinstance(error, TrafficBookingError) else await portal.sign_in.resume(request)
        return failure(Page(portal, request, signed_in=signed_in), found)

    app = Starlette(
        routes=[
            Route("/", start),
            Route("/health", health),
            Mount("/static/fonts", KeptFiles(packages=FONTS)),
            Mount("/static", KeptFiles(directory=Path(__file__).parent / "static")),
            *routes(portal),
        ],
        middleware=[Middleware(SecurityHeaders, policy=POLICY, permissions="geolocation=(self), camera=()")],
        exception_handlers={404: problem, 405: problem, 500: problem, Problem: problem, TrafficBookingError: problem},
        lifespan=lifespan,
    )
    app.state.portal = portal
    return app
