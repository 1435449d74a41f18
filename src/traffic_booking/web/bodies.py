"""Bodies from outside: bounded in size and in time, and read as strict JSON."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request

from traffic_booking import Bilingual, InvalidInput
from traffic_booking.web.problems import Problem

MOST_BODY_BYTES: Final = 64 * 1024
BODY_SECONDS: Final = 10.0
_JSON_TYPES: Final = frozenset({"application/json", "application/json;charset=utf-8"})


async def bounded_body(request: Request, *, most: int = MOST_BODY_BYTES, seconds: float = BODY_SECONDS) -> bytes:
    """The body of a request, if it has at most so many bytes and is here within so many seconds.

    Raises:
        Problem: It is too large (413), announced or not, or too slow (408).

    Example: `form = parse_qs((await bounded_body(request)).decode())`.
    """
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and (len(announced) > len(str(most)) or int(announced) > most):
        raise too_large(most)
    parts, size = [], 0
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                size += len(part)
                if size > most:
                    raise too_large(most)
                parts.append(part)
    except TimeoutError:
        raise Problem("too-slow", headers={"Connection": "close"}) from None
    except ClientDisconnect:
        raise Problem("too-slow") from None
    return b"".join(parts)


async def json_object(
    request: Request, *, most: int = MOST_BODY_BYTES, seconds: float = BODY_SECONDS
) -> dict[str, Any]:
    """The JSON object in a body; an empty body is an object without members.

    Raises:
        Problem: The body is too large (413), too slow (408), or of another type (415).
        InvalidInput: It is no JSON object, or names a member twice.
    """
    if request.headers.get("content-type", "").lower().replace(" ", "") not in _JSON_TYPES:
        raise Problem("not-json")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Problem("not-json")
    body = await bounded_body(request, most=most, seconds=seconds)
    found = json_of(body) if body else {}
    if not isinstance(found, dict):
        raise InvalidInput("body", got="other JSON", expected="an object")
    return found


def json_of(body: bytes) -> Any:
    """The value of a JSON text in UTF-8. Raises `InvalidInput` for any other bytes, and for a member named twice."""
    try:
        return json.loads(body.decode(), object_pairs_hook=_without_twins, parse_constant=_no_constant)
    except InvalidInput:
        raise
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        raise InvalidInput("body", got="other bytes", expected="JSON in UTF-8") from None


def too_large(most: int) -> Problem:
    """The problem of a body with more than so many bytes."""
    text = Bilingual(f"أرسل {most} بايت على الأكثر.", f"Send at most {most} bytes.")
    return Problem("too-large", text, headers={"Connection": "close"})


def _without_twins(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise InvalidInput("body", got="a member that is named twice", expected="each member once")
    return found


def _no_constant(_: str) -> Any:
    raise InvalidInput("body", got="a number that JSON does not have", expected="JSON in UTF-8")
