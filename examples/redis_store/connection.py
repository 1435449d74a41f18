"""The way to a Redis server: its scripts, what is expected of it, and its errors in the library's own words."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from traffic_booking.domain.errors import StoreClosed, StoreError, StoreUnavailable, StoreUnreadable

FORMAT: Final = "1"
"""The form in which this release keeps things; it stands under the key `format`."""

_EXPECTED: Final = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
"""Settings of a server that has on disk what it acknowledged, and forgets nothing."""
_MAY_PASS: Final = (redis.ConnectionError, redis.TimeoutError, redis.OutOfMemoryError, redis.ReadOnlyError)
_MAY_PASS_WORDS: Final = frozenset({"BUSY", "MASTERDOWN", "MISCONF", "NOREPLICAS", "UNKILLABLE"})
"""The first words of refusals that may pass, where the driver has no class for them."""
_FOLDER: Final = Path(__file__).parent


class Connection:
    """A pool of connections to one server, for any number of threads. `prefix` begins every key."""

    def __init__(self, url: str, *, prefix: str, timeout_seconds: float) -> None:
        self._prefix = prefix
        self._is_closed = False
        # A driver that sends a commit again by itself hears of a conflict with its own change: it must not.
        self._client = redis.Redis.from_url(
            url,
            decode_responses=True,
            retry=Retry(NoBackoff(), 0),
            socket_timeout=timeout_seconds,
            socket_connect_timeout=timeout_seconds,
        )
        self._scripts = {
            file.stem: self._client.register_script(file.read_text("utf-8")) for file in _FOLDER.glob("*.lua")
        }
        try:
            with self.errors_translated():
                self._check()
        except StoreError:
            self.close()
            raise

    def key(self, *parts: str) -> str:
        """The key that `parts` name."""
        return self._prefix + ":".join(parts)

    def command(self, name: str, *arguments: str | int) -> Any:
        """What the server answers to one command, whose keys are whole."""
        return self._client.execute_command(name, *arguments)

    def script(self, name: str, *arguments: str | int) -> Any:
        """What the script of that name gives; it puts the prefix before its keys itself."""
        return self._scripts[name](args=[self._prefix, *arguments])

    def close(self) -> None:
        """Let go of all connections."""
        self._is_closed = True
        self._client.close()

    @contextmanager
    def errors_translated(self) -> Iterator[None]:
        """Within it, whatever fails does so as a `StoreError`; neither the driver's nor the server's words are quoted.

        The server's words hold arguments of commands now and then, and those hold ids of persons.
        """
        if self._is_closed:
            raise StoreClosed("Redis store: got a use of it after it was closed; expected an open one")
        try:
            yield
        except redis.RedisError as error:
            raise self._translated(error) from None
        except (LookupError, TypeError, ValueError) as error:
            raise self._unreadable(f"a value that can't be read ({type(error).__name__})") from None

    def _translated(self, error: redis.RedisError) -> StoreError:
        if self._is_closed:
            return StoreClosed("Redis store: got closed while it was in use; expected an open one")
        if not isinstance(error, _MAY_PASS) and str(error).partition(" ")[0] not in _MAY_PASS_WORDS:
            return self._unreadable(f"a refusal by the server ({type(error).__name__})")
        got = f"{type(error).__name__} from the server"
        return StoreUnavailable(f"Redis store: got {got}; expected an answer. The request may be sent again")

    def _unreadable(self, got: str) -> StoreUnreadable:
        return StoreUnreadable(f"Redis store, keys {self._prefix}*: got {got}; expected what this release wrote")

    def _check(self) -> None:
        settings = self.command("CONFIG", "GET", *_EXPECTED)
        for name, expected in _EXPECTED.items():
            if settings.get(name) != expected:
                got = f"{name} {settings.get(name)}"
                raise StoreUnavailable(f"Redis server: got {got}; expected {expected}, or bookings may be lost")
        self.command("SET", self.key("format"), FORMAT, "NX")
        if (found := self.command("GET", self.key("format"))) != FORMAT:
            raise self._unreadable(f"format {found}")
