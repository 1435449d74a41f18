"""Headers, cookies, forged requests and redirects, which the JSON API and pages share."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from tests.web_host import raw
from traffic_booking.web import (
    SecurityHeaders,
    csrf_token,
    from_own_pages,
    is_csrf_token,
    is_forged,
    keep_cookie,
    local_path,
    read_cookie,
)


def request(scheme: str = "https", **headers: str) -> Request:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "scheme": scheme, "path": "/", "query_string": b"", "headers": pairs}
    return Request(scope | {"server": ("portal.example", 443)})


def headers_of(app, **named) -> dict[str, str]:
    start = asyncio.run(raw(app, **named))[0]
    return {name.decode().lower(): value.decode() for name, value in start["headers"]}


def test_every_answer_has_the_security_headers():
    found = headers_of(SecurityHeaders(PlainTextResponse("page")))
    assert found["x-content-type-options"] == "nosniff"
    assert found["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in found["content-security-policy"]
    assert found["strict-transport-security"] == "max-age=31536000"


def test_strict_transport_security_is_sent_over_https_alone():
    assert "strict-transport-security" not in headers_of(SecurityHeaders(PlainTextResponse("page")), scheme="http")


def test_headers_of_the_page_itself_stay():
    page = PlainTextResponse("page", headers={"Cache-Control": "no-cache"})
    assert headers_of(SecurityHeaders(page))["cache-control"] == "no-cache"


def test_a_nonce_is_new_for_each_request_and_the_page_can_read_it():
    async def page(scope, receive, send):
        await PlainTextResponse(scope["csp_nonce"], headers={"X-Nonce": scope["csp_nonce"]})(scope, receive, send)

    app = SecurityHeaders(page, policy="script-src 'nonce-{nonce}'")
    first, second = headers_of(app), headers_of(app)
    assert first["content-security-policy"] == f"script-src 'nonce-{first['x-nonce']}'"
    assert first["x-nonce"] != second["x-nonce"]


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "none"}, True),
        ({"sec_fetch_site": "same-site"}, False),
        ({"sec_fetch_site": "cross-site", "origin": "https://portal.example", "host": "portal.example"}, False),
        ({"origin": "https://portal.example", "host": "portal.example"}, True),
        ({"origin": "https://evil.example", "host": "portal.example"}, False),
        ({"origin": "null", "host": "portal.example"}, False),
        ({"origin": "https://[", "host": "["}, False),
        ({"host": "portal.example"}, None),
    ],
)
def test_the_browser_says_whose_page_sent_a_request(headers, own):
    assert from_own_pages(request(**headers)) is own


def test_a_further_origin_may_send_requests():
    given = request(sec_fetch_site="cross-site", origin="https://app.example")
    assert from_own_pages(given, {"https://app.example"}) is True


def test_the_token_counts_if_the_browser_says_nothing():
    old = request(cookie="session=abc")
    assert is_forged(old, secret="abc")
    assert is_forged(old, sent=csrf_token("abd"), secret="abc")
    assert not is_forged(old, sent=csrf_token("abc"), secret="abc")
    assert not is_forged(request())  # it acts for nobody


def test_a_token_excuses_no_request_of_another_site():
    assert is_forged(request(sec_fetch_site="cross-site"), sent=csrf_token("abc"), secret="abc")


def test_any_text_may_be_sent_as_a_token():
    assert not is_csrf_token("\ud800ä", "abc")


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "https://evil.example", "evil", "", "/a\r\nX: 1", "/a\\b", "/" * 3_000, "/é"],
)
def test_a_redirect_stays_on_this_host(target):
    assert local_path(target, "/home") == "/home"


def test_a_path_of_this_host_is_kept_with_its_query():
    assert local_path("/ar/services?group=traffic&x=1") == "/ar/services?group=traffic&x=1"


def test_over_https_a_cookie_is_bound_to_the_host():
    response = Response()
    keep_cookie(response, request(), "session", "abc")
    sent = response.headers["set-cookie"]
    assert sent.startswith("__Host-session=abc;")
    for attribute in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert attribute in sent
    assert "Domain" not in sent
    assert read_cookie(request(cookie="__Host-session=abc"), "session") == "abc"
    assert read_cookie(request(cookie="session=abc"), "session") is None


def test_over_http_a_cookie_has_no_prefix_that_browsers_would_refuse():
    response = Response()
    keep_cookie(response, request(scheme="http"), "session", "abc")
    assert response.headers["set-cookie"].startswith("session=abc;")
    assert "Secure" not in response.headers["set-cookie"]


def test_a_host_behind_a_proxy_says_that_browsers_talk_https():
    response = Response()
    keep_cookie(response, request(scheme="http"), "session", "abc", https=True)
    assert response.headers["set-cookie"].startswith("__Host-session=abc;")
