"""Attacks on the reference portal over HTTP, and their outcomes; `docs/audit/attacks.md` lists them."""

import re
import socket
from urllib.parse import quote

import httpx2
import pytest

from examples.portal.demo import PASSWORD
from tests.bookings import number
from tests.portal_attacks import PORTAL
from tests.portal_host import BRANCH, CODE, SERVICE, portal_host
from traffic_booking import AppointmentState, Clerk, NationalId, ResidentId

UNKNOWN = number(7)
SARA, OMAR = "sara", "omar"
SARAS, OMARS, CLERK = NationalId("1000000008"), ResidentId("2000000006"), Clerk("counter-1")
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    with portal_host(tmp_path_factory.mktemp("portal")) as running:
        yield running


@pytest.fixture(scope="module")
def sessions():
    """The cookies of those who have signed in."""
    return {}


@pytest.fixture
def opened(host, sessions):
    """A function that opens a client of its own: nobody's, somebody's, or with `fresh` one who has just signed in."""
    clients = []

    def made(name=None, *, fresh=False):
        client = httpx2.Client(base_url=host.address, timeout=60, headers={"origin": host.address})
        clients.append(client)
        if name and not fresh and name in sessions:
            client.cookies.update(sessions[name])
        elif name:
            assert sign_in(client, name).headers["location"].endswith("/home")
            if not fresh:
                sessions[name] = dict(client.cookies)
        return client

    yield made
    for client in clients:
        client.close()


def fields(client, path):
    """The hidden fields of the form of a page."""
    return dict(HIDDEN.findall(client.get(path).text))


def sign_in(client, name, **sent):
    form = {**fields(client, "/ar/sign-in"), "name": name, "password": PASSWORD, "code": CODE, **sent}
    return client.post("/ar/sign-in", data=form)


def a_slot(host, place=0):
    return host.desk.find_slots(service=SERVICE, branch=BRANCH, limit=50)[place].token


def held(client, host, place):
    """A hold of the person of this client. Returns its number."""
    form = fields(client, f"/ar/month?branch={BRANCH}&service={SERVICE}")
    answer = client.post("/ar/hold", data={**form, "slot": a_slot(host, place)})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("/")[2]


FORGED = {
    "from another site": {"sec-fetch-site": "cross-site"},
    "from a sister site": {"sec-fetch-site": "same-site"},
    "with another origin": {"origin": "https://elsewhere.example"},
    "with no origin": {"origin": "null"},
}


@pytest.mark.long
@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED)
def test_a_form_of_another_site_is_refused(opened, host, headers):
    client = opened(SARA)
    form = fields(client, f"/ar/month?branch={BRANCH}&service={SERVICE}")
    form.pop("csrf")
    answer = client.post("/ar/hold", data={**form, "slot": a_slot(host)}, headers=headers)
    assert answer.status_code == 403
    assert not host.desk.appointments(SARAS).held


def test_a_form_without_the_headers_of_browsers_needs_the_token_of_its_session(opened, host):
    client, other = opened(SARA), opened(OMAR)
    form = fields(client, f"/ar/month?branch={BRANCH}&service={SERVICE}")
    del client.headers["origin"]
    for token in ("", "0" * 64, fields(other, "/ar/home").get("csrf", "")):
        answer = client.post("/ar/hold", data={**form, "csrf": token, "slot": a_slot(host)})
        assert answer.status_code == 403
    assert client.post("/ar/hold", data={**form, "slot": a_slot(host)}).status_code == 303


def test_a_session_that_somebody_planted_is_not_the_one_after_signing_in(opened, host):
    client = opened()
    client.cookies.set("session", "planted-by-somebody-else", domain="127.0.0.1")
    client.cookies.set("browser", "planted-browser", domain="127.0.0.1")
    answer = sign_in(client, SARA)
    (session,) = [each for each in answer.headers.get_list("set-cookie") if each.startswith("session=")]
    assert "planted" not in session
    assert "HttpOnly" in session
    assert "samesite=lax" in session.lower()
    attacker = opened()
    attacker.cookies.set("session", "planted-by-somebody-else", domain="127.0.0.1")
    assert "/sign-in" in attacker.get("/ar/home").headers["location"]


def test_a_session_ends_at_the_server_when_the_person_signs_out(opened):
    client, thief = opened(SARA, fresh=True), opened()
    thief.cookies.set("session", client.cookies["session"], domain="127.0.0.1")
    assert thief.get("/ar/home").status_code == 200
    client.post("/ar/sign-out", data=fields(client, "/ar/home"))
    assert "/sign-in" in thief.get("/ar/home").headers["location"]


TARGETS = [
    "https://elsewhere.example/",
    "//elsewhere.example/",
    "/\\elsewhere.example/",
    "\\\\elsewhere.example/",
    "/ar/../../\\elsewhere.example",
    "/ar//elsewhere.example@",
    "javascript:alert(1)",
    "/ar/home\r\nset-cookie: a=b",
    "http:elsewhere.example",
    "/" * 3_000,
]


@pytest.mark.long
@pytest.mark.parametrize("target", TARGETS)
def test_signing_in_leads_to_no_other_site(opened, target):
    client = opened()
    answer = sign_in(client, SARA, next=target)
    location = answer.headers["location"]
    assert re.match(r"/(ar|en)/", location), location
    assert "a" not in answer.cookies
    assert client.base_url.join(location).host == client.base_url.host
    asked = client.get(f"/ar/sign-in?next={quote(target)}")
    assert re.match(r"/(ar|en)/", asked.headers["location"])


@pytest.mark.parametrize(
    "path", ["/ar/home?digits=arabic&x=%0d%0aset-cookie:%20a=b", "/ar/%0d%0aset-cookie:a=b", "/ar/tickets/x%0d%0ay: z"]
)
def test_a_line_break_in_an_address_makes_no_header(opened, path):
    answer = opened(SARA).get(path)
    assert "a" not in answer.cookies
    assert "y" not in answer.headers
    assert answer.status_code < 500


def test_a_back_field_of_another_site_is_not_linked(opened):
    client = opened(SARA)
    form = fields(client, f"/ar/month?branch={BRANCH}&service={SERVICE}")
    answer = client.post("/ar/hold", data={**form, "back": "https://elsewhere.example/"})
    assert "elsewhere" not in answer.headers["location"]


@pytest.mark.parametrize(
    "place",
    ["documents", "tickets", "cancel", "cancelled", "move", "instructions", "tickets/{}/pdf", "cancel/{}/confirm"],
)
def test_somebody_elses_appointment_looks_like_one_that_does_not_exist(opened, host, place):
    (theirs, *_) = host.desk.gate.appointments_of_day(BRANCH, host.clock.now().date(), by=CLERK)
    client = opened(SARA)
    path = place if "{}" in place else place + "/{}"
    found = client.get(f"/ar/{path.format(theirs.number)}")
    unknown = client.get(f"/ar/{path.format(UNKNOWN)}")
    assert found.status_code == unknown.status_code == 404
    strip = [
        re.sub(r"\w{4}-\w{4}-\w{4}", "", each.text.partition("<main")[2].partition("</main>")[0])
        for each in (found, unknown)
    ]
    assert strip[0] == strip[1]


def test_somebody_elses_hold_is_neither_booked_nor_given_back_nor_moved_to(opened, host):
    omar, sara = opened(OMAR), opened(SARA)
    number = held(omar, host, 20)
    form = fields(sara, f"/ar/month?branch={BRANCH}&service={SERVICE}")
    sent = {**form, "agreed": "yes", "hold": number}
    assert sara.post(f"/ar/instructions/{number}", data=sent).status_code == 404
    assert sara.post(f"/ar/instructions/{number}/release", data=sent).status_code == 404
    assert sara.post(f"/ar/move/{number}/confirm", data=sent).status_code == 404
    (kept,) = host.desk.appointments(OMARS).held
    assert kept.number == number
    assert kept.state is AppointmentState.HELD


def test_the_pages_of_staff_refuse_the_forms_of_a_person(opened, host):
    client = opened(SARA)
    form = fields(client, f"/ar/month?branch={BRANCH}&service={SERVICE}")
    for path in ("scan", "check-in", "serve", "no-show", "walk-in", "closures", "closures/withdraw"):
        assert client.post(f"/ar/staff/{path}", data={**form, "number": "x"}).status_code == 403
    assert not host.desk.calendar.entries()


def test_a_code_is_good_for_one_attempt_and_for_its_own_browser(opened):
    client, other = opened(), opened()
    form = {**fields(client, "/ar/sign-in"), "name": SARA, "password": PASSWORD, "code": CODE}
    assert other.post("/ar/sign-in", data={**form, "csrf": fields(other, "/ar/sign-in")["csrf"]}).status_code == 403
    wrong = client.post("/ar/sign-in", data={**form, "password": "wrong"})
    assert wrong.status_code == 403
    again = client.post("/ar/sign-in", data=form)
    assert again.status_code == 403
    assert "session" not in again.cookies


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(opened):
    pages = [sign_in(opened(), name, password="wrong").text for name in ("sara", "nobody")]
    known, unknown = (re.findall(r'id="name-error">(.*?)</p>', text) for text in pages)
    assert known == unknown
    assert len(known) == 1


BODIES = {
    "a megabyte": b"name=" + b"a" * 1_000_000,
    "a hundred thousand fields": b"&".join(b"f%d=1" % place for place in range(100_000)),
    "a hundred fields": b"&".join(b"f%d=1" % place for place in range(100)),
    "no form": b"\xff\xfe\x00\x01",
    "JSON": b'{"name": ["a"]}',
    "nothing": b"",
    "a NUL in a name": b"name=a%00b&password=x&code=472983&token=x",
    "a lone surrogate": b"name=%ed%a0%80&password=%ed%a0%80&code=1&token=%ed%a0%80",
    "a token of 10,000 characters": b"name=a&password=b&code=1&token=" + b"t" * 10_000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("path", ["/ar/sign-in", "/ar/hold"])
def test_a_body_that_is_no_form_of_the_portal_is_refused_in_words(opened, body, path):
    client = opened(SARA if path == "/ar/hold" else None)
    answer = client.post(path, content=body, headers={"content-type": "application/x-www-form-urlencoded"})
    assert 400 <= answer.status_code < 500 or answer.status_code == 303, answer.text
    assert "session" not in answer.cookies


QUERIES = [
    "/ar/month?branch=x&service=y",
    "/ar/month",
    "/ar/branches",
    "/ar/branches?lat=nan&lon=inf",
    "/ar/branches?lat=1e999&lon=1",
    f"/ar/month?branch={BRANCH}&service={SERVICE}&day=0001-01-01",
    f"/ar/month?branch={BRANCH}&service={SERVICE}&show=9999-12-31",
    f"/ar/month?branch={BRANCH}&service={SERVICE}&show=1900-01-01",
    f"/ar/month?branch={BRANCH}&service={SERVICE}&day=2026-11-24&moving=TB-2345-6789",
    "/ar/governorates?q=" + "%F0%9D%85%A0" * 100,
    "/ar/governorates?q=%00",
    "/ar/tickets/" + "9" * 5_000,
    "/ar/tickets/x/exe",
    "/ar/appointments/traffic/" + "a" * 3_000,
    "/ar/home?digits=" + "9" * 100,
    "/ar/nothing",
    "/fr/home",
    "/ar/staff?day=1-1-1",
    "/static/../app.py",
    "/static/%2e%2e/app.py",
    "/static/font-..%2f..%2fapp.ttf",
]


@pytest.mark.parametrize("path", QUERIES)
def test_an_address_that_nobody_links_to_is_answered_in_words(opened, path):
    answer = opened(SARA).get(path)
    assert answer.status_code in {200, 303, 400, 403, 404}, answer.text[:500]
    assert "Traceback" not in answer.text
    assert "import " not in answer.text[:200]


MARKUP = '"><img src=x onerror=alert(1)>'


@pytest.mark.parametrize(
    "path",
    ["/ar/governorates?q={}", "/ar/sign-in?next={}", "/ar/staff/closures?reason={}", "/ar/month?branch={}&service={}"],
)
def test_markup_in_a_field_stays_text(opened, path):
    client = opened("clerk" if "staff" in path else SARA if "sign-in" not in path else None)
    assert "<img src=x" not in client.get(path.replace("{}", quote(MARKUP))).text
    assert "<img src=x" not in sign_in(opened(), MARKUP).text


def test_no_page_can_be_framed_or_run_a_script_of_others_or_is_cached(opened):
    answer = opened(SARA).get("/ar/home")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy or "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


def test_a_slow_client_holds_nobody_up(opened, host):
    slow = [socket.create_connection(("127.0.0.1", httpx2.URL(host.address).port)) for _ in range(50)]
    try:
        for each in slow:
            each.sendall(b"POST /ar/sign-in HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1000\r\n\r\nname=")
        assert opened().get("/ar/").status_code == 200
        opened(SARA, fresh=True)
    finally:
        for each in slow:
            each.close()


def test_every_attack_of_the_page_has_a_test_here():
    names = set(globals())
    assert {each for _, _, each in PORTAL} <= names
