"""J-01 to J-06 and C-01 to C-05: the first page, and signing in with a password and a visual code."""

from anyio.from_thread import run  # handlers run in threads, the sign-in in the loop
from starlette.responses import Response

from examples.portal.demo import ACCOUNTS, PASSWORD
from examples.portal.page import Page
from examples.portal.routing import get, post
from traffic_booking import InvalidInput, SignedIn, SignInFault
from traffic_booking.adapters.image_captcha import answer

OF_THE_CODE = {SignInFault.CODE_REJECTED, SignInFault.CODE_EXPIRED, SignInFault.CODE_USED}


@get("/", "J-01 C-01", "anybody")
def open_portal(page: Page) -> Response:
    return page.show("open.html")


@get("/sign-in", "J-02 C-02", "anybody")
def sign_in_form(page: Page) -> Response:
    return _form(page) if page.person is None else page.see(_next(page)[3:] or "/home")


@post("/sign-in", "J-02 C-02", "anybody")
def sign_in(page: Page) -> Response:
    """Check the fields one by one, then all of them together; what was typed stays, but for password and code."""
    name, password, typed = (page.sent.get(each, "") for each in ("name", "password", "code"))
    if "new-code" in page.sent:
        return _form(page)
    missing = {
        "name": (name.strip(), "اكتب رقم الهوية أو الإقامة أو اسم المستخدم.", "Enter your id or your user name."),
        "password": (password, "اكتب كلمة المرور.", "Enter your password."),
        "code": (typed.strip(), "اكتب الأرقام التي في الصورة.", "Enter the digits in the picture."),
    }
    page.faults = {field: page.t(ar, en) for field, (given, ar, en) in missing.items() if not given}
    if page.faults:
        return _form(page)
    code = answer(page.sent.get("token", ""), typed)
    try:
        result = run(page.portal.sign_in.sign_in, page.request, name, password, code)
    except InvalidInput as error:
        page.faults["name"] = error.message(page.language)
        return _form(page)
    if isinstance(result, SignedIn):
        response = page.see(_next(page)[3:] or "/home")
        page.portal.sign_in.keep(page.request, response, result)
        return response
    page.faults["code" if result.fault in OF_THE_CODE else "name"] = result.message(page.language)
    return _form(page, 403)


@post("/sign-out", "", "anybody")
def sign_out(page: Page) -> Response:
    response = page.see("/", note="left")
    run(page.portal.sign_in.sign_out, page.request, response)
    return response


def _next(page: Page) -> str:
    """The page to go on with, in the language that the person chose meanwhile."""
    return page.own_path(page.sent.get("next") or page.query.get("next") or "")


def _form(page: Page, status: int = 200) -> Response:
    """The form with a new code: each code is good for one attempt."""
    content = run(page.portal.sign_in.challenge, page.request).content
    names = list(ACCOUNTS.values())[: None if page.portal.settings.staff else 2] if page.portal.settings.demo else []
    values = {"token": content["token"], "code": content[page.language], "next": _next(page)}
    return page.show("sign_in.html", status, demo=names, password=PASSWORD, **values)
