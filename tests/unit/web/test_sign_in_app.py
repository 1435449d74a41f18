"""Signing in over HTTP: codes, cookies and sessions, and the attacks on them."""

import asyncio
from datetime import timedelta

import httpx2
import pytest

from tests.people import ME
from tests.small_town import START, small_rulebook
from tests.web_host import BASE, town_desk
from traffic_booking import Clerk, SignInGate
from traffic_booking.adapters.altcha import AltchaCaptcha, solve
from traffic_booking.adapters.embedded_identity import EmbeddedIdentity
from traffic_booking.adapters.image_captcha import ImageCaptcha
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.testing import MovableClock
from traffic_booking.web import BrowserSignIn, ProcessRateLimits, booking_app, sign_in_app

SECRET = b"a secret of the host, 32 bytes and more"
PASSWORD = "four words and a number 7"


class Sms:
    def __init__(self):
        self.sent = []

    def send(self, person, code, expires_at):
        self.sent.append(code)


class Portal:
    """A host with bookings and the embedded sign-in, both over one store."""

    def __init__(self, captcha, hasher, **settings):
        self.runner, self.clock, store = asyncio.Runner(), MovableClock(START), MemoryStore()
        self.desk, self.sms = town_desk(store), Sms()
        identity = EmbeddedIdentity(store, hasher=hasher, clock=self.clock)
        identity.register(ME, PASSWORD, user_name="sara.q7")
        gate = SignInGate(
            store=store,
            identity=identity,
            captcha=captcha,
            clock=self.clock,
            rulebook=small_rulebook(),
            reset_channel=self.sms,
        )
        self.sign_in = BrowserSignIn(gate, **settings)
        parts = {
            "/sign-in": sign_in_app(self.sign_in, rate_limits=ProcessRateLimits(per_minute={"sign-in": 1_000})),
            "/bookings": booking_app(self.desk, actor_of=self.sign_in.actor_of),
        }

        async def app(scope, receive, send):
            prefix = next(each for each in parts if scope["path"].startswith(each))
            await parts[prefix]({**scope, "root_path": prefix}, receive, send)

        self.app = app
        self.browsers = []

    def browser(self, base=BASE, **cookies):
        found = httpx2.AsyncClient(transport=httpx2.ASGITransport(self.app), base_url=base, cookies=cookies)
        self.browsers.append(found)
        return found

    def call(self, browser, method, path, data=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if data is not None or method == "POST":
            return self.runner.run(browser.request(method, path, json=data or {}, headers=headers))
        return self.runner.run(browser.request(method, path, headers=headers))

    def code(self, browser):
        """The fields that answer a new challenge."""
        challenge = self.call(browser, "POST", "/sign-in/challenges")
        assert challenge.status_code == 201, challenge.text
        content = challenge.json()["content"]
        return {"token": content["token"], "code": "٢٣٤٥٦٧"} if "token" in content else {"code": _solved(content)}

    def enter(self, browser, **fields):
        sent = {"applicant": "Sara.Q7", "password": PASSWORD} | self.code(browser) | fields
        return self.call(browser, "POST", "/sign-in/session", sent)

    def close(self):
        for each in self.browsers:
            self.runner.run(each.aclose())
        self.sign_in.close()
        self.runner.run(self.desk.close())
        self.runner.close()


def _solved(content):
    from traffic_booking import Challenge

    return solve(Challenge(content=content, expires_at=START + timedelta(hours=1)))


@pytest.fixture(params=["image", "proof of work"])
def portal(request, cheap_hasher):
    captcha = ImageCaptcha(SECRET, draw=lambda: "234567") if request.param == "image" else AltchaCaptcha(SECRET)
    found = Portal(captcha, cheap_hasher)
    yield found
    found.close()


@pytest.fixture
def image_portal(cheap_hasher):
    found = Portal(ImageCaptcha(SECRET, draw=lambda: "234567"), cheap_hasher)
    yield found
    found.close()


@pytest.fixture
def cheap_hasher():
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def test_a_person_signs_in_books_and_signs_out(portal):
    browser = portal.browser()
    assert portal.call(browser, "GET", "/bookings/appointments").status_code == 401
    signed_in = portal.enter(browser)
    assert signed_in.status_code == 201, signed_in.text
    assert signed_in.json()["session"]["applicant"]["id"] == str(ME)
    assert "token" not in signed_in.json()["session"]
    assert portal.call(browser, "GET", "/sign-in/session").status_code == 200
    assert portal.call(browser, "GET", "/bookings/appointments").status_code == 200
    assert portal.call(browser, "DELETE", "/sign-in/session").status_code == 204
    assert portal.call(browser, "GET", "/sign-in/session").status_code == 401
    assert portal.call(browser, "GET", "/bookings/appointments").status_code == 401


def test_a_session_ends_on_the_server_too(image_portal):
    browser = image_portal.browser()
    image_portal.enter(browser)
    kept = image_portal.browser(**dict(browser.cookies))
    image_portal.call(browser, "DELETE", "/sign-in/session")
    assert image_portal.call(kept, "GET", "/bookings/appointments").status_code == 401


def test_a_wrong_password_and_an_unknown_name_get_one_answer(portal):
    browser = portal.browser()
    wrong = portal.enter(browser, password="another password")
    unknown = portal.enter(browser, applicant="nobody.here")
    assert wrong.status_code == unknown.status_code == 403
    assert wrong.json() == unknown.json()
    assert wrong.json()["fault"] == "wrong-credentials"


def test_a_device_is_locked_after_failures_and_told_when_to_try_again(image_portal):
    browser = image_portal.browser()
    for _ in range(3):
        image_portal.enter(browser, password="another password")
    locked = image_portal.enter(browser)
    assert (locked.status_code, locked.json()["kind"]) == (429, "locked")
    assert int(locked.headers["retry-after"]) >= 1
    assert locked.json()["allowed_from"]


def test_a_used_code_and_that_of_another_browser_are_refused(portal):
    browser = portal.browser()
    fields = portal.code(browser)
    sent = {"applicant": "sara.q7", "password": "another password"} | fields
    assert portal.call(browser, "POST", "/sign-in/session", sent).json()["fault"] == "wrong-credentials"
    again = portal.call(browser, "POST", "/sign-in/session", sent | {"password": PASSWORD})
    assert (again.status_code, again.json()["fault"]) == (403, "code-used")
    stranger = portal.browser()
    portal.code(stranger)
    stolen = {"applicant": "sara.q7", "password": PASSWORD} | portal.code(browser)
    assert portal.call(stranger, "POST", "/sign-in/session", stolen).json()["fault"] == "code-rejected"


def test_a_planted_session_and_a_planted_browser_are_worth_nothing_after_the_sign_in(image_portal):
    planted = {"__Host-session": "planted-session", "__Host-browser": "planted-browser"}
    victim = image_portal.browser(**planted)
    assert image_portal.enter(victim).status_code == 201
    attacker = image_portal.browser(**planted)
    assert image_portal.call(attacker, "GET", "/bookings/appointments").status_code == 401
    names = {each.name: each.value for each in victim.cookies.jar}
    assert not set(planted.values()) & {names["__Host-session"], names["__Host-browser"]}


def test_signing_in_again_ends_the_session_before(image_portal):
    browser = image_portal.browser()
    image_portal.enter(browser)
    before = image_portal.browser(**dict(browser.cookies))
    image_portal.enter(browser)
    assert image_portal.call(before, "GET", "/sign-in/session").status_code == 401
    assert image_portal.call(browser, "GET", "/sign-in/session").status_code == 200


def test_the_cookies_are_secure_and_no_script_reads_them(image_portal):
    browser = image_portal.browser()
    for sent in image_portal.enter(browser).headers.get_list("set-cookie"):
        assert sent.startswith("__Host-")
        assert all(each in sent for each in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"))
    plain = image_portal.browser("http://127.0.0.1:8000")
    assert all("Secure" not in each for each in image_portal.enter(plain).headers.get_list("set-cookie"))


def test_another_site_signs_nobody_in_or_out(image_portal):
    browser = image_portal.browser()
    sent = {"applicant": "sara.q7", "password": PASSWORD} | image_portal.code(browser)
    for headers in ({"Sec_Fetch_Site": "cross-site"}, {"Origin": "https://evil.example"}):
        forged = image_portal.call(browser, "POST", "/sign-in/session", sent, **headers)
        assert (forged.status_code, forged.json()["kind"]) == (403, "other-site")
    image_portal.enter(browser)
    assert image_portal.call(browser, "DELETE", "/sign-in/session", Sec_Fetch_Site="same-site").status_code == 403
    assert image_portal.call(browser, "GET", "/sign-in/session").status_code == 200


def test_cookies_of_any_text_are_no_error(image_portal):
    for text in ("x" * 4_000, "é", "a b", "\x7f", ""):
        headers = [(b"cookie", f"__Host-session={text}; __Host-browser={text}".encode())]
        browser = image_portal.browser()
        answer = image_portal.runner.run(browser.get("/sign-in/session", headers=headers))
        assert answer.status_code == 401, text
        answer = image_portal.runner.run(browser.post("/sign-in/challenges", json={}, headers=headers))
        assert answer.status_code == 201, answer.text


def test_a_password_is_reset_with_the_code_that_was_sent(image_portal):
    browser = image_portal.browser()
    asked = {"applicant": "sara.q7"} | image_portal.code(browser)
    assert image_portal.call(browser, "POST", "/sign-in/password/reset", asked).status_code == 202
    nobody = {"applicant": "nobody.here"} | image_portal.code(browser)
    assert image_portal.call(browser, "POST", "/sign-in/password/reset", nobody).status_code == 202
    new = {"applicant": "sara.q7", "reset_code": image_portal.sms.sent[0], "new_password": "five other words"}
    assert image_portal.call(browser, "POST", "/sign-in/password", new).status_code == 200
    assert image_portal.enter(browser, password="five other words").status_code == 201


def test_staff_are_clerks_in_their_requests(cheap_hasher):
    portal = Portal(
        ImageCaptcha(SECRET, draw=lambda: "234567"), cheap_hasher, staff_of=lambda _: Clerk("c", branches=["north"])
    )
    browser = portal.browser()
    portal.enter(browser)
    assert portal.call(browser, "GET", "/bookings/gate/north/appointments?day=2026-11-22").status_code == 200
    portal.close()


def test_attempts_from_one_address_are_limited_more_strictly(cheap_hasher):
    portal = Portal(ImageCaptcha(SECRET), cheap_hasher)
    app = sign_in_app(portal.sign_in, rate_limits=ProcessRateLimits(per_minute={"sign-in": 2}, seconds=lambda: 0.0))
    browser = httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=BASE)
    portal.browsers.append(browser)
    assert [portal.call(browser, "POST", "/challenges").status_code for _ in range(3)] == [201, 201, 429]
    assert portal.call(browser, "GET", "/session").status_code == 401
    portal.close()


def test_secrets_are_in_no_answer_and_no_log(image_portal, caplog):
    browser = image_portal.browser()
    texts = [image_portal.enter(browser, password=f"{PASSWORD} wrong").text, image_portal.enter(browser).text]
    for secret in (PASSWORD, ME.reveal(), browser.cookies["__Host-session"]):
        assert all(secret not in each for each in [*texts, caplog.text])
