"""The portal as one Starlette app: `portal_app(Settings(…))`. Any ASGI server runs it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from examples.portal import booking, changing, choosing, demo, signing_in, staff, timing
from examples.portal.guarding import SecurityHeaders
from examples.portal.page import Page
from examples.portal.routing import failure, routes
from examples.portal.settings import Portal, Settings
from traffic_booking import to_json

PAGES = signing_in, choosing, timing, booking, changing, staff  # importing one adds its addresses
FONTS = files("traffic_booking.adapters.tickets.fonts")  # IBM Plex Sans Arabic, which the tickets are printed with
KEPT = {"cache-control": "max-age=86400"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; frame-src 'self'; "
    "img-src 'self' data:; media-src data:; form-action 'self'; frame-ancestors 'self'; base-uri 'none'"
)


class Tongue(StringConvertor):
    """The language at the beginning of each address."""

    regex = "ar|en"


register_url_convertor("tongue", Tongue())


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
        portal.desk.close()

    async def start(_: Request) -> Response:
        return RedirectResponse("/ar/", 302)  # Arabic first; the language is in every address

    async def font(request: Request) -> Response:
        weight = "Bold" if request.path_params["weight"] == "bold" else "Regular"
        with as_file(FONTS / f"IBMPlexSansArabic-{weight}.ttf") as file:
            return FileResponse(file, media_type="font/ttf", headers=KEPT)

    async def health(_: Request) -> Response:
        found = await run_in_threadpool(portal.desk.health)
        return JSONResponse(to_json(found), 200 if found else 503)

    def problem(request: Request, error: Exception) -> Response:
        request.scope.setdefault("path_params", {"language": request.url.path[1:3]})
        page = Page(portal, request)
        if getattr(error, "status_code", 404) == 404:
            line = page.t(
                "تحقق من العنوان، أو ابدأ من الصفحة الرئيسية.", "Check the address, or start at the home page."
            )
            return page.finish(page.failed(404, page.t("هذه الصفحة غير موجودة", "There is no such page"), line))
        return page.finish(failure(page, error))

    return Starlette(
        routes=[
            Route("/", start),
            Route("/health", health),
            Route("/static/font-{weight}.ttf", font),
            Mount("/static", KeptFiles(directory=Path(__file__).parent / "static")),
            *routes(portal),
        ],
        middleware=[Middleware(SecurityHeaders, policy=POLICY, permissions="geolocation=(self), camera=()")],
        exception_handlers={404: problem, 405: problem, 500: problem},
        lifespan=lifespan,
    )
