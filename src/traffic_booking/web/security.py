"""Protection that pages and JSON routes share: security headers, forged requests, redirects, and cookies."""

import hmac
from collections.abc import Collection
from secrets import token_urlsafe
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

API_POLICY: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The content security policy of answers that no browser shows as a page."""
TICKET_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'self'; sandbox allow-downloads allow-modals"
)
"""The content security policy of a ticket: it has styles of its own, no script, and loads nothing."""
DEVICE_SECONDS: Final = 365 * 24 * 3_600
"""The age of the cookie that names a device."""
_LONGEST_PATH: Final = 2_000


class SecurityHeaders:
    """An ASGI application with security headers on every answer. Headers that an answer has itself stay as they are.

    `Strict-Transport-Security` is sent over https alone. Answers are not stored by caches unless they say so.

    Args:
        app: The application.
        policy: The content security policy. `{nonce}` in it is replaced by a nonce, new for each request, which
            pages read as `request.scope["csp_nonce"]`.
        permissions: The permissions policy.

    Example::

        app = SecurityHeaders(pages, policy="default-src 'self'; script-src 'nonce-{nonce}'")
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        policy: str = API_POLICY,
        permissions: str = "camera=(), geolocation=(), microphone=()",
    ) -> None:
        self._app = app
        self._policy = policy
        self._has_nonce = "{nonce}" in policy
        self._fixed = [
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cross-origin-resource-policy", b"same-origin"),
            (b"permissions-policy", permissions.encode("latin-1")),
            (b"cache-control", b"no-store"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        policy = self._policy
        if self._has_nonce:
            scope["csp_nonce"] = nonce = token_urlsafe(16)
            policy = policy.replace("{nonce}", nonce)
        wanted = [*self._fixed, (b"content-security-policy", policy.encode("latin-1"))]
        if scope.get("scheme") == "https":
            wanted.append((b"strict-transport-security", b"max-age=31536000"))

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", ()))
                names = {bytes(name).lower() for name, _ in own}
                message["headers"] = own + [each for each in wanted if each[0] not in names]
            await send(message)

        await self._app(scope, receive, send_secured)


def from_own_pages(connection: HTTPConnection, origins: Collection[str] = ()) -> bool | None:
    """True if the browser states that a page of this host, or of one of `origins`, sent the request.

    Reads `Sec-Fetch-Site`, then `Origin`. None if the request has neither: it comes from no browser, or from an old
    one. Call it for every request that changes something.

    Example: `if from_own_pages(request) is False: return refused()`.
    """
    headers = connection.headers
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is not None and origin in origins:
        return True
    if site is not None:
        return site in {"same-origin", "none"}
    if origin is None:
        return None
    try:
        return bool(urlsplit(origin).netloc) and urlsplit(origin).netloc == headers.get("host")
    except ValueError:
        return False


def csrf_token(secret: str) -> str:
    """The token for the forms of a page, made from a cookie that only this browser has: its session, or its name.

    Example: `<input type="hidden" name="csrf" value="{csrf_token(sign_in.browser(request))}">`.
    """
    return hmac.digest(secret.encode(errors="replace"), b"csrf", "sha256").hex()


def is_csrf_token(sent: str, secret: str) -> bool:
    """True if `sent` is the token of `secret`. Example: `is_csrf_token(form["csrf"], sign_in.browser(request))`."""
    return hmac.compare_digest(sent.encode(errors="replace"), csrf_token(secret).encode())


def is_forged(
    connection: HTTPConnection, *, sent: str = "", secret: str | None = None, origins: Collection[str] = ()
) -> bool:
    """True if another site may have sent a request that changes something.

    The headers of the browser count first (`from_own_pages`). Without them, the token `sent` has to be that of
    `secret`; a request without any cookie acts for nobody, and passes.

    Example: `if is_forged(request, sent=form.get("csrf", ""), secret=sign_in.browser(request)): return refused()`.
    """
    own = from_own_pages(connection, origins)
    if own is not None:
        return not own
    if "cookie" not in connection.headers:
        return False
    return secret is None or not is_csrf_token(sent, secret)


def local_path(target: str, default: str = "/") -> str:
    """`target` if it is a path of this host, with its query; else `default`. For redirects that a form names.

    Example: `RedirectResponse(local_path(query.get("next", "")), 303)`.
    """
    sound = target.startswith("/") and not target.startswith(("//", "/\\")) and len(target) <= _LONGEST_PATH
    return target if sound and target.isascii() and target.isprintable() and "\\" not in target else default


def is_https(connection: HTTPConnection, https: bool | None = None) -> bool:  # noqa: FBT001 - a setting that is passed on
    """True if the browser talks https: `https` if it is given, else the scheme of the request."""
    return connection.url.scheme == "https" if https is None else https


def cookie_name(name: str, *, https: bool) -> str:
    """The name of a cookie as it is sent. Over https other hosts can't set it, as its prefix says."""
    return f"__Host-{name}" if https else name


def read_cookie(connection: HTTPConnection, name: str, *, https: bool | None = None) -> str | None:
    """The value of a cookie that `keep_cookie` set; None if there is none."""
    return connection.cookies.get(cookie_name(name, https=is_https(connection, https)))


def keep_cookie(
    response: Response,
    connection: HTTPConnection,
    name: str,
    value: str,
    *,
    seconds: int | None = None,
    https: bool | None = None,
) -> None:
    """Send a cookie that scripts can't read and other sites can't send along with a form.

    Without `seconds` it ends with the browser. Example: `keep_cookie(response, request, "language", "ar")`.
    """
    secure = is_https(connection, https)
    response.set_cookie(
        cookie_name(name, https=secure),
        value,
        max_age=seconds,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, connection: HTTPConnection, name: str, *, https: bool | None = None) -> None:
    """Delete a cookie that `keep_cookie` set."""
    secure = is_https(connection, https)
    response.delete_cookie(cookie_name(name, https=secure), path="/", secure=secure, httponly=True, samesite="lax")
