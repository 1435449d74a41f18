"""Browsers at the embedded sign-in: their cookies and sessions, with the blocking gate in threads of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from secrets import token_urlsafe
from typing import Final, ParamSpec, TypeVar

from starlette.requests import HTTPConnection
from starlette.responses import Response

from traffic_booking import (
    Challenge,
    Clerk,
    InvalidInput,
    NotSignedIn,
    PasswordChanged,
    PersonId,
    ResetRequested,
    SignedIn,
    SignInGate,
)
from traffic_booking.web.security import DEVICE_SECONDS, drop_cookie, is_https, keep_cookie, read_cookie

P = ParamSpec("P")
T = TypeVar("T")

SESSION, BROWSER, DEVICE = "session", "browser", "device"
"""The names of the cookies, without their prefix."""
MOST_THREADS: Final = 64
_LONGEST_COOKIE: Final = 128


class BrowserSignIn:
    """Signs browsers in through a `SignInGate`, and knows them again by cookies.

    Each browser has a name from its first page on, to which visual codes are bound, and the long-lived name of its
    device. A sign-in gives it a new session and a new name, so that nobody can plant either beforehand. The gate blocks
    while it hashes a password: it runs in threads of its own, which needs a store of its own.

    Args:
        gate: The gate, over a store for threads.
        staff_of: Returns the clerk that a person is, or None for an applicant; called at each request.
        threads: The most passwords that are hashed at once, 1 to 64.
        https: Whether browsers talk https, if a proxy hides that. Unless given, the scheme of each request decides.

    Raises:
        InvalidInput: `threads` is out of its bounds.

    Example::

        sign_in = BrowserSignIn(gate)
        app.mount("/sign-in", sign_in_app(sign_in))
        app.mount("/bookings", booking_app(desk, actor_of=sign_in.actor_of))
    """

    def __init__(
        self,
        gate: SignInGate,
        *,
        staff_of: Callable[[PersonId], Clerk | None] | None = None,
        threads: int = 4,
        https: bool | None = None,
    ) -> None:
        if type(threads) is not int or not 1 <= threads <= MOST_THREADS:
            raise InvalidInput("threads", got="another value", expected=f"1 to {MOST_THREADS}")
        self._gate = gate
        self._staff_of = staff_of
        self._https = https
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="sign-in")

    def close(self) -> None:
        """Wait for the threads to finish. The store of the gate stays open."""
        self._threads.shutdown()

    async def run(self, call: Callable[P, T], *arguments: P.args, **keywords: P.kwargs) -> T:
        """Call something that blocks in one of the threads, such as `identity.register`."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(call, *arguments, **keywords))

    def browser(self, connection: HTTPConnection) -> str:
        """The name of the browser, from its cookie; a new one if it has none. `greet` sends it."""
        return self._name(connection, BROWSER)

    def greet(self, connection: HTTPConnection, response: Response) -> None:
        """Send the browser its name and that of its device, if it has none yet. Call it for the page of the form."""
        for name, seconds in ((BROWSER, None), (DEVICE, DEVICE_SECONDS)):
            if self._cookie(connection, name) is None:
                self._keep(connection, response, name, self._name(connection, name), seconds)

    async def challenge(self, connection: HTTPConnection) -> Challenge:
        """A visual code for this browser. `greet` has to send its name along with the page.

        Example: `challenge = await sign_in.challenge(request)`.
        """
        return await self.run(self._gate.challenge, session=self.browser(connection))

    async def sign_in(
        self, connection: HTTPConnection, applicant: str, password: str, code: str
    ) -> SignedIn | NotSignedIn:
        """Sign in as `SignInGate.sign_in` does, for this browser. On success call `keep` for the answer.

        Raises:
            InvalidInput: As `SignInGate.sign_in`.
        """
        names = {"session": self.browser(connection), "device": self._name(connection, DEVICE)}
        result = await self.run(self._gate.sign_in, applicant, password, code=code, **names)
        before = self._cookie(connection, SESSION)
        if isinstance(result, SignedIn) and before is not None:  # the browser had another session
            await self.run(self._gate.sign_out, before)
        return result

    def keep(self, connection: HTTPConnection, response: Response, signed_in: SignedIn) -> None:
        """Send the session, and a new name of the browser."""
        self._keep(connection, response, SESSION, signed_in.session.token)
        self._keep(connection, response, BROWSER, token_urlsafe(16))
        self._keep(connection, response, DEVICE, self._name(connection, DEVICE), DEVICE_SECONDS)

    async def resume(self, connection: HTTPConnection) -> SignedIn | None:
        """The session of this browser while it is live; None without one.

        Example: `session = await sign_in.resume(request)`.
        """
        token = self._cookie(connection, SESSION)
        if token is None:
            return None
        result = await self.run(self._gate.resume, token)
        return result if isinstance(result, SignedIn) else None

    async def actor_of(self, connection: HTTPConnection) -> PersonId | Clerk | None:
        """The signed-in person, or the clerk that they are; None without a live session. For `booking_app`."""
        found = await self.resume(connection)
        if found is None:
            return None
        person = found.session.applicant
        clerk = None if self._staff_of is None else self._staff_of(person)
        return person if clerk is None else clerk

    async def sign_out(self, connection: HTTPConnection, response: Response) -> None:
        """End the session, and delete its cookie; the device keeps its name."""
        token = self._cookie(connection, SESSION)
        if token is not None:
            await self.run(self._gate.sign_out, token)
        drop_cookie(response, connection, SESSION, https=self._https)
        self._keep(connection, response, BROWSER, token_urlsafe(16))

    async def request_reset(
        self, connection: HTTPConnection, applicant: str, code: str
    ) -> ResetRequested | NotSignedIn:
        """Send a reset code, as `SignInGate.request_reset` does, for this browser."""
        names = {"session": self.browser(connection), "device": self._name(connection, DEVICE)}
        return await self.run(self._gate.request_reset, applicant, code=code, **names)

    async def reset_password(
        self, connection: HTTPConnection, applicant: str, reset_code: str, new_password: str
    ) -> PasswordChanged | NotSignedIn:
        """Change a password, as `SignInGate.reset_password` does, for this browser."""
        names = {"session": self.browser(connection), "device": self._name(connection, DEVICE)}
        return await self.run(self._gate.reset_password, applicant, reset_code, new_password, **names)

    def is_secure(self, connection: HTTPConnection) -> bool:
        """True if the browser talks https."""
        return is_https(connection, self._https)

    def _cookie(self, connection: HTTPConnection, name: str) -> str | None:
        """A cookie's value; None for one that we did not send."""
        found = read_cookie(connection, name, https=self._https)
        sound = found is not None and 1 <= len(found) <= _LONGEST_COOKIE and found.isascii() and found.isprintable()
        return found if sound and found is not None and " " not in found else None

    def _name(self, connection: HTTPConnection, cookie: str) -> str:
        """The name of a browser or a device; a new one is the same throughout the request."""
        kept = connection.scope.setdefault("traffic_booking.names", {})
        if cookie not in kept:
            kept[cookie] = self._cookie(connection, cookie) or token_urlsafe(16)
        name: str = kept[cookie]
        return name

    def _keep(
        self, connection: HTTPConnection, response: Response, name: str, value: str, seconds: int | None = None
    ) -> None:
        keep_cookie(response, connection, name, value, seconds=seconds, https=self._https)
