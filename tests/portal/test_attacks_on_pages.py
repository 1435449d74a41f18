"""Attacks on the pages: forged forms, numbers of others, redirects to elsewhere, large bodies, planted sessions."""

import re
from typing import Any

import pytest

from examples.portal.app import portal_app
from examples.portal.routing import DOORS
from examples.portal.settings import Settings
from tests.portal.visitor import CODE, PASSWORD, Visitor
from traffic_booking import BookingDesk, Held, NationalId

PLACE: dict[str, Any] = {"branch": "riyadh-traffic", "service": "licence-renewal"}
SARA = NationalId("1000000008")
MONTH = "/month?branch=riyadh-traffic&service=licence-renewal"
FORMS = sorted({door.path for door in DOORS if door.method == "POST"})


@pytest.mark.long
@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://elsewhere.example"}, {}],
    ids=["cross-site", "same-site", "origin", "no token"],
)
def test_a_form_of_another_site_changes_nothing(sara, portal, headers):
    number = sara.book(-1, **PLACE)
    for path in FORMS:
        answer = sara.client.post(f"/ar{path}".replace("{number}", number), data={"csrf": "guess"}, headers=headers)
        assert answer.status_code == 403, path
    assert portal.desk.appointments(SARA).upcoming[0].number == number


def test_a_number_of_another_person_looks_like_no_number(sara, omar):
    number = sara.book(-1, **PLACE)
    with BookingDesk.open("memory://") as elsewhere:
        slot = elsewhere.find_slots(**PLACE, limit=1)[0]
        held = elsewhere.hold(slot, applicant=SARA, request_id="unknown")
    assert isinstance(held, Held)
    unknown = held.appointment.number
    doors = {door.path for door in DOORS if door.method == "GET" and "{number}" in door.path}
    paths = {each.replace("{form}", "pdf") for each in doors} | {MONTH + "&moving={number}"}
    for path in paths:
        theirs, nobodys = (omar.client.get("/en" + path.replace("{number}", each)) for each in (number, unknown))
        assert theirs.status_code == nobodys.status_code == 404
        assert shown(theirs.text, number) == shown(nobodys.text, unknown)


def shown(text: str, number: str) -> str:
    """The page without the number that was asked for, and without the names of its forms."""
    return re.sub(r'name="request" value="[^"]*"', "", text).replace(number, "")


def test_the_forms_of_another_persons_appointment_are_refused(sara, omar, portal):
    number = sara.book(-1, **PLACE)
    omar.open("/home")
    token = omar.page.forms[0].fields["csrf"]
    for path in (f"/cancel/{number}/confirm", f"/move/{number}/confirm", f"/instructions/{number}/release"):
        answer = omar.client.post("/en" + path, data={"csrf": token, "hold": number, "request": "guessed"})
        assert answer.status_code == 404
    assert portal.desk.appointments(SARA).upcoming[0].number == number


@pytest.mark.long
@pytest.mark.parametrize(
    "target",
    [
        "https://elsewhere.example/ar/",
        "//elsewhere.example/ar/",
        "/\\elsewhere.example",
        "/ar/\\elsewhere.example",
        "javascript:alert(1)",
        "/elsewhere",
        "/ar/home\r\nset-cookie: a=b",
        "/ar/" + "a" * 5_000,
    ],
)
def test_signing_in_leads_nowhere_else(app, target):
    visitor = Visitor(app)
    visitor.client.get("/ar/sign-in", params={"next": target})
    visitor.open("/sign-in")
    visitor.press("submit", name="sara", password=PASSWORD, code=CODE, next=target)
    assert visitor.seen.url.host == "testserver"
    assert visitor.seen.url.path == "/ar/home"


@pytest.mark.parametrize(
    ("body", "status"), [(b"name=" + b"a" * 20_000, 413), (b"&".join([b"a=b"] * 100), 400), (b"\xff\xfe=\x00", 403)]
)
def test_large_and_malformed_bodies_are_answered_in_words(app, body, status):
    visitor = Visitor(app)
    visitor.open("/sign-in")
    answer = visitor.client.post(
        "/ar/sign-in", content=body, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == status
    assert "<h1>" in answer.text


def test_a_planted_session_is_no_session_and_signing_in_makes_a_new_one(app):
    visitor = Visitor(app)
    for name in ("session", "browser"):
        visitor.client.cookies.set(name, "planted", domain="testserver.local", path="/")
    visitor.open("/home")
    assert "J-02" in visitor.page.steps
    visitor.press("submit", name="sara", password=PASSWORD, code=CODE)
    assert "planted" not in {visitor.client.cookies[name] for name in ("session", "browser")}


def test_every_page_has_the_security_headers(sara, app):
    for path in ("/ar/", "/ar/home", "/ar/nowhere", "/health", "/static/portal.js", "/ar/month"):
        headers = sara.client.get(path).headers
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    assert sara.client.get("/ar/home").headers["cache-control"] == "no-store"


def test_cookies_are_kept_from_scripts_and_by_https_from_other_hosts(app):
    visitor = Visitor(app)
    visitor.open("/sign-in")
    assert all("HttpOnly" in each and "SameSite=lax" in each for each in visitor.seen.headers.get_list("set-cookie"))
    safe = portal_app(Settings(database="memory://", https=True, draw_code=lambda: CODE))
    answer = Visitor(safe).client.get("https://testserver/ar/sign-in")
    assert all(each.startswith("__Host-") and "Secure" in each for each in answer.headers.get_list("set-cookie"))
    assert "strict-transport-security" in answer.headers
    safe.state.portal.sign_in.close()
    safe.state.portal.desk.close()


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'; --", "\u202eabc", "%00"]
)
def test_what_was_typed_is_shown_as_text(sara, clerk, text):
    sara.client.get("/ar/governorates", params={"q": text})
    for visitor, path, name in ((sara, "/ar/governorates", "q"), (clerk, "/ar/staff/closures", "reason")):
        answer = visitor.client.get(path, params={name: text})
        assert answer.status_code in {200, 400}
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text


@pytest.mark.parametrize(
    "path", ["/staff", "/staff/walk-in", "/staff/closures", "/staff/audit", "/staff/closures/preview"]
)
def test_the_pages_of_the_staff_are_for_clerks(sara, app, path):
    sara.open(path, 403)
    visitor = Visitor(app)
    visitor.open(path)
    assert "J-02" in visitor.page.steps


def test_a_clerk_acts_at_their_own_branches_alone(clerk):
    answer = clerk.client.get("/ar/staff?branch=jeddah-traffic")
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/month",
        "/month?branch=nowhere&service=licence-renewal",
        "/month?branch=riyadh-traffic&service=nothing",
        "/month?branch=riyadh-traffic&service=licence-renewal&moving=zzz",
        "/month?branch=riyadh-traffic&service=licence-renewal&show=9999-12-31",
        "/branches",
        "/branches?governorate=nowhere",
        "/new?branch=%00&service=%00",
        "/tickets/zzz/exe",
    ],
)
def test_a_damaged_link_is_answered_in_words(sara, path):
    answer = sara.client.get(f"/ar{path}")
    assert answer.status_code in {400, 404}
    assert "<h1>" in answer.text


@pytest.mark.parametrize(
    "slot", ["tomorrow", "riyadh-traffic.licence-renewal.20261306T0500Z", "a.b.20261201T0500Z", "x" * 2_000]
)
def test_a_tampered_time_is_answered_in_words(sara, slot):
    sara.open("/month?branch=riyadh-traffic&service=licence-renewal")
    month = sara.form("continue")
    answer = sara.client.post("/ar/hold", data=month.fields | {"slot": slot})
    assert answer.status_code in {400, 404}
    assert "<h1>" in answer.text


def test_an_unknown_address_is_answered_in_words_and_the_person_stays_signed_in(sara):
    sara.open("/nowhere", 404)
    assert "/ar/home" in sara.page.links.values()
    assert any(form.action.endswith("/sign-out") for form in sara.page.forms)
    assert sara.client.get("/nowhere").status_code == 404
