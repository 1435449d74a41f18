"""One request as the handlers of pages see it: its person, language, digits and fields; and how it is answered."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from examples.portal.settings import Portal
from traffic_booking import Appointment, Clerk, Day, Digits, Language, NotFound, PersonId, SignedIn, instant_text
from traffic_booking.web import csrf_token, keep_cookie, local_path, read_cookie

ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
FILES = FileSystemLoader(Path(__file__).parent / "templates")
TEMPLATES = Environment(loader=FILES, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
LEGAL_TIME = ZoneInfo("Asia/Riyadh")
YEAR = 365 * 24 * 3_600


class Page:
    """A request and its answer. Templates call it for texts in the page's language and digits."""

    def __init__(
        self, portal: Portal, request: Request, sent: dict[str, str] | None = None, signed_in: SignedIn | None = None
    ) -> None:
        self.portal, self.desk, self.request, self.query = portal, portal.desk, request, request.query_params
        self.language: Language = "en" if request.url.path.startswith("/en/") else "ar"
        self.sent, self.step, self.new_cookies = sent or {}, "", dict[str, tuple[str, int | None]]()
        self.digits: Digits = "arabic" if self._cookie("digits") == "arabic" else "ascii"
        self.person: PersonId | None = signed_in.session.applicant if signed_in else None
        self.clerk: Clerk | None = portal.settings.staff.get(self.person) if self.person else None
        self.faults: dict[str, str] = {}  # of the fields of the form that was sent
        self.ended = signed_in is None and bool(self._cookie("session"))

    def _cookie(self, name: str) -> str | None:
        return read_cookie(self.request, name, https=self.portal.settings.https)

    @property
    def me(self) -> PersonId:
        assert self.person is not None  # the page is for those who are signed in
        return self.person

    @cached_property
    def own(self) -> Appointment:
        """The appointment or the hold that the address names. Raises `AppointmentNotFound` if it isn't the person's."""
        return self.desk.appointment(self.request.path_params["number"], by=self.me)

    def visit(self, each: Appointment) -> dict[str, Any]:
        """An appointment with its branch and service."""
        catalogue = self.desk.catalogue
        branch, service = catalogue.branch(each.slot.branch), catalogue.service(each.slot.service)
        return {"appointment": each, "branch": branch, "service": service}

    def found(self, kind: Literal["branch", "service", "governorate"]) -> Any:
        """The place or the service that the query or the form names. Raises `NotFound`."""
        asked = self.query.get(kind) or self.sent.get(kind)
        if not asked:
            raise NotFound(kind, "-")
        return getattr(self.desk.catalogue, kind)(asked)

    def day_of(self, name: str) -> date | None:
        try:
            return date.fromisoformat(self.query.get(name) or self.sent.get(name) or "")
        except ValueError:
            return None

    def today(self) -> date:
        return self.portal.now().astimezone(LEGAL_TIME).date()

    @property
    def here(self) -> str:
        """The path and query of this page, or of the page with the form that was sent."""
        if self.request.method == "GET":
            return self.request.url.path + (f"?{self.request.url.query}" if self.request.url.query else "")
        return self.own_path(self.sent.get("back", "")) or self.path("/home")

    def own_path(self, target: str) -> str:
        """`target` in this page's language, if it is a page of this portal; else nothing."""
        sound = local_path(target, "").startswith(("/ar/", "/en/"))
        return f"/{self.language}{target[3:]}" if sound else ""

    def path(self, path: str, **query: object) -> str:
        """A path of the portal in this language, without the values that are None or empty."""
        asked = urlencode({name: value for name, value in query.items() if value not in {None, ""}})
        return f"/{self.language}{path}" + (f"{'&' if '?' in path else '?'}{asked}" if asked else "")

    def here_with(self, **query: object) -> str:
        """This page with other values in its query; None takes one away."""
        given = dict(self.query) if self.request.method == "GET" else {}
        return self.path(self.here.partition("?")[0][3:], **{**given, **query})

    def t(self, ar: str, en: str) -> str:
        return self.n(ar if self.language == "ar" else en)

    def n(self, value: object) -> str:
        return str(value).translate(ARABIC_DIGITS) if self.digits == "arabic" else str(value)

    def say(self, text: Callable[[Language, Digits], str]) -> str:
        """A text of the library, such as `service.name` or `day.hijri_text`, in the page's language and digits."""
        return text(self.language, self.digits)

    def instant(self, moment: datetime) -> str:
        return instant_text(moment, self.language, self.digits)

    def clock(self, moment: datetime) -> str:
        return self.n(f"{moment.astimezone(LEGAL_TIME):%H:%M}")

    def seconds_left(self, moment: datetime) -> int:
        return max(0, int((moment - self.portal.now()) / timedelta(seconds=1)))

    day = Day
    new_request = staticmethod(token_urlsafe)  # names one request: a form that is sent twice is done once

    def csrf(self) -> str:
        return csrf_token(self.portal.sign_in.browser(self.request))

    def request_id(self, *chosen: str) -> str:
        """The name of the request that was sent; another choice in the same form is another request."""
        return sha256("\n".join((self.sent.get("request") or token_urlsafe(), *chosen)).encode()).hexdigest()[:40]

    def show(self, template: str, status: int = 200, /, **values: Any) -> Response:
        values = {"faults": self.faults, "note": self.query.get("note"), **values}
        status = 422 if self.faults and status == 200 else status
        text = TEMPLATES.get_template(template).render(page=self, t=self.t, n=self.n, say=self.say, **values)
        return HTMLResponse(text, status)

    def see(self, path: str, **query: object) -> Response:
        """Go on with a page, after each form that is done: a reload then sends nothing again."""
        return RedirectResponse(self.path(path, **query), 303)

    def finish(self, response: Response) -> Response:
        """Send the cookies that this request made."""
        for name, (value, age) in self.new_cookies.items():
            keep_cookie(response, self.request, name, value, seconds=age, https=self.portal.settings.https)
        return response
