"""Security headers, cookies, own forms, bounded bodies: a stand-in for `traffic_booking.web` until it has them."""

import hmac
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class SecurityHeaders:
    def __init__(self, app: ASGIApp, *, policy: str, permissions: str) -> None:
        self._app = app
        self._headers = [
            (b"content-security-policy", policy.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"permissions-policy", permissions.encode()),
            (b"cache-control", b"no-store"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(each for each in self._headers if each[0] not in given)]
            await send(message)

        await self._app(scope, receive, secured if scope["type"] == "http" else send)


async def bounded_body(request: Request, *, most: int) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise ValueError
    return body


def csrf_token(secret: str) -> str:
    return hmac.digest(secret.encode(errors="replace"), b"csrf", "sha256").hex()


def is_forged(request: Request, *, sent: str, secret: str) -> bool:
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site not in {"same-origin", "none"}
    if origin is not None:
        return origin.partition("://")[2] != request.headers.get("host")
    return not hmac.compare_digest(sent.encode(errors="replace"), csrf_token(secret).encode())


def local_path(target: str, default: str) -> str:
    sound = target.startswith("/") and not target.startswith(("//", "/\\")) and len(target) <= 2_000
    return target if sound and target.isascii() and target.isprintable() and "\\" not in target else default


def read_cookie(request: Request, name: str, *, https: bool) -> str | None:
    return request.cookies.get(f"__Host-{name}" if https else name)


def keep_cookie(response: Response, request: Request, name: str, value: str, **options: Any) -> None:  # noqa: ARG001
    https, age = options["https"], options["seconds"]
    named = f"__Host-{name}" if https else name
    response.set_cookie(named, value, age, path="/", secure=https, httponly=True, samesite="lax")
