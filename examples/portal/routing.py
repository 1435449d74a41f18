"""How a request becomes a page: sign-in first, own forms alone, and every error of the library in words."""

from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from examples.portal.guarding import bounded_body, is_forged
from examples.portal.page import YEAR, Page
from examples.portal.settings import Portal
from traffic_booking import InvalidInput, NotFound, RequestMismatch, StoreError, TrafficBookingError

Who = Literal["anybody", "person", "clerk"]
Handler = Callable[[Page], Response]
FAILURES = {
    InvalidInput: (400, "في الرابط أو النموذج خطأ", "The link or the form has a mistake"),
    NotFound: (404, "لم نجد ما طلبته", "We did not find this"),
    RequestMismatch: (409, "أُرسل هذا النموذج من قبل بخيار آخر", "This form was sent before with another choice"),
    StoreError: (503, "لا نستطيع الوصول إلى المواعيد الآن", "We can't reach the appointments now"),
    Exception: (500, "حدث خطأ في البوابة", "Something went wrong in the portal"),
}
LARGEST_FORM, MOST_FIELDS = 16_384, 40


class Door(NamedTuple):
    """One address: its method, the steps of the journey that its page is, and who may open it."""

    method: str
    path: str
    step: str
    who: Who
    handler: Handler


DOORS: list[Door] = []


def get(path: str, step: str = "", who: Who = "person") -> Callable[[Handler], Handler]:
    return _opened("GET", path, step, who)


def post(path: str, step: str = "", who: Who = "person") -> Callable[[Handler], Handler]:
    return _opened("POST", path, step, who)


def _opened(method: str, path: str, step: str, who: Who) -> Callable[[Handler], Handler]:
    def added(handler: Handler) -> Handler:
        DOORS.append(Door(method, path, step, who, handler))
        return handler

    return added


def routes(portal: Portal) -> list[Route]:
    return [Route(f"/{{language:tongue}}{door.path}", _endpoint(portal, door), methods=[door.method]) for door in DOORS]


def _endpoint(portal: Portal, door: Door) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        sent = None
        if door.method == "POST":
            body = await bounded_body(request, most=LARGEST_FORM)
            sent = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
        return await run_in_threadpool(_answered, portal, door, request, sent)

    return endpoint


def _answered(portal: Portal, door: Door, request: Request, sent: dict[str, str] | None) -> Response:
    page = Page(portal, request, sent)
    page.step = door.step
    try:
        return page.finish(_guarded(page, door))
    except TrafficBookingError as error:
        return page.finish(failure(page, error))


def _guarded(page: Page, door: Door) -> Response:
    digits = page.query.get("digits")
    if digits in {"ascii", "arabic"}:
        page.new_cookies["digits"] = (digits, YEAR)
        return page.see(page.here_with(digits=None)[3:])
    if door.who != "anybody" and page.person is None:  # the hold and the step stay: signing in leads back
        return page.see("/sign-in", next=page.here, ended="1" if page.session else None)
    if page.request.method == "POST" and is_forged(
        page.request, sent=page.sent.get("csrf", ""), secret=page.session if page.person else page.browser
    ):
        title = page.t("لم يُرسَل هذا النموذج من البوابة", "This form was not sent from the portal")
        return page.failed(403, title, page.t("افتح الصفحة من جديد ثم أعد المحاولة.", "Open the page again and retry."))
    if door.who == "clerk" and page.clerk is None:
        title = page.t("هذه الصفحة للموظفين", "This page is for staff")
        return page.failed(403, title, page.t("سجّل الدخول بحساب موظف.", "Sign in with the account of a clerk."))
    return door.handler(page)


def failure(page: Page, error: Exception) -> Response:
    """The page of an error. If the store did not answer, it has the same form again."""
    status, *title = next(found for kind, found in FAILURES.items() if isinstance(error, kind))
    text = page.t("أعد المحاولة بعد قليل.", "Try again in a moment.")
    if isinstance(error, TrafficBookingError):
        text = error.message(page.language)
    return page.failed(status, page.t(*title), text, again=status == 503)
