"""A JSON API over a booking desk, for any ASGI host to mount; needs the extra `web`.

`booking_app` serves bookings, `sign_in_app` the embedded sign-in. The other names are parts of both that pages of a
portal use as well: cookies, security headers, checks against forged requests, bounded bodies, and rate limits.
"""

from traffic_booking.domain.errors import MissingExtra

try:
    import starlette  # noqa: F401 - whether it is there
except ImportError as missing:
    raise MissingExtra("the JSON API", "web") from missing

from traffic_booking.adapters.rate_limits import ProcessRateLimits
from traffic_booking.ports.rate_limits import RateLimits
from traffic_booking.web.applications import booking_app, booking_openapi, sign_in_app
from traffic_booking.web.bodies import bounded_body
from traffic_booking.web.browser_sign_in import BrowserSignIn
from traffic_booking.web.languages import language_of
from traffic_booking.web.problems import Problem, problem_of_error, problem_of_outcome, problem_response
from traffic_booking.web.security import (
    TICKET_POLICY,
    SecurityHeaders,
    csrf_token,
    drop_cookie,
    from_own_pages,
    is_csrf_token,
    is_forged,
    keep_cookie,
    local_path,
    read_cookie,
)

__all__ = [
    "TICKET_POLICY",
    "BrowserSignIn",
    "Problem",
    "ProcessRateLimits",
    "RateLimits",
    "SecurityHeaders",
    "booking_app",
    "booking_openapi",
    "bounded_body",
    "csrf_token",
    "drop_cookie",
    "from_own_pages",
    "is_csrf_token",
    "is_forged",
    "keep_cookie",
    "language_of",
    "local_path",
    "problem_of_error",
    "problem_of_outcome",
    "problem_response",
    "read_cookie",
    "sign_in_app",
]
