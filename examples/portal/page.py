"""One request as the handlers of pages see it: its person, language, digits and fields; and how it is answered."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Literal, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from examples.portal.guarding import csrf_token, keep_cookie, local_path, read_cookie
from examples.portal.settings import Portal
from traffic_booking import Appointment, Clerk, Day, Digits, Language, NotFound, PersonId, SignedIn, instant_text

ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
LEGAL_TIME = ZoneInfo("Asia/Riyadh")
YEAR = 365 * 24 * 3_600


class Page:
    """A request and its answer. Templates call it for texts in the page's language and digits."""

    def __init__(self, portal: Portal, request: Request, sent: dict[str, str] | None = None) -> None:
        self.portal, self.desk, self.request, self.query = portal, portal.desk, request, request.query_params
        self.language: Language = "en" if request.path_params.get("language") == "en" else "ar"
        self.sent, self.step, self.new_cookies = sent or {}, "", dict[str, tuple[str, int | None]]()
        self.digits: Digits = "arabic" if self._cookie("digits") == "arabic" else "ascii"
        self.browser, self.device = self._named("browser", None), self._named("device", YEAR)
        self.session = self._cookie("session")
        resumed = portal.gate.resume(self.session) if self.session else None
        self.person: PersonId | None = resumed.session.applicant if isinstance(resumed, SignedIn) else None
        self.clerk: Clerk | None = portal.settings.staff.get(self.person) if self.person else None

    def _cookie(self, name: str) -> str:
        found = read_cookie(self.request, name, https=self.portal.settings.https) or ""
        return found if found.isascii() and found.isprintable() and len(found) <= 128 else ""

    def _named(self, cookie: str, seconds: int | None) -> str:
        found = self._cookie(cookie)
        if not found:
            found = token_urlsafe(16)
            self.new_cookies[cookie] = (found, seconds)
        return found

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

    # Addresses.

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

    # Texts.

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
        return csrf_token(self.session if self.person else self.browser)

    def request_id(self, *chosen: str) -> str:
        """The name of the request that was sent; another choice in the same form is another request."""
        return sha256("\n".join((self.sent.get("request") or token_urlsafe(), *chosen)).encode()).hexdigest()[:40]

    # Answers.

    def show(self, template: str, status: int = 200, /, **values: Any) -> Response:
        values = {"faults": {}, "note": self.query.get("note"), **values}
        text = TEMPLATES.get_template(template).render(page=self, t=self.t, n=self.n, say=self.say, **values)
        return HTMLResponse(text, status)

    def see(self, path: str, **query: object) -> Response:
        """Go on with a page, after each form that is done: a reload then sends nothing again."""
        return RedirectResponse(self.path(path, **query), 303)

    def failed(self, status: int, title: str, text: str, *, again: bool = False) -> Response:
        """The page of an error; with `again` it has the same form, under the same request id."""
        sent = {name: typed for name, typed in self.sent.items() if name != "password"} if again else {}
        return self.show("problem.html", status, title=title, lines=text.split("\n"), sent=sent)

    def finish(self, response: Response) -> Response:
        """Send the cookies that this request made."""
        for name, (value, seconds) in self.new_cookies.items():
            options = {"seconds": seconds, "https": self.portal.settings.https}
            keep_cookie(response, self.request, name, value, **cast("Any", options))
        return response
