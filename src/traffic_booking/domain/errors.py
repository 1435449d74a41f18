"""The exceptions of the library: misuse by the caller, and stores that don't answer.

A refusal by a rule is a value (`Refused`), never an exception. The tree::

    TrafficBookingError
    ├── InvalidInput (ValueError)            a value from outside is not what it should be
    │   └── InvalidCatalogue                 the faults of a whole catalogue, rulebook or other file, all at once
    ├── NotFound (LookupError)               a name that the catalogue or the store doesn't know
    │   └── AppointmentNotFound              no such appointment, or not the actor's: one answer for both
    ├── RequestMismatch (ValueError)         a request id used again for a different request
    ├── MissingExtra (ImportError)           an optional part is used that is not installed
    └── StoreError (RuntimeError)            the store did not say that it did what was asked
        ├── StoreUnavailable                 busy, read-only, unreachable, full: may pass
        ├── StoreUnreadable                  corrupt, foreign, or written by a newer version
        ├── StoreContended                   the change met a newer one too many times: try again
        └── StoreClosed                      used after it was closed

No message carries a person's id or a password.
"""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, Final

from attrs import frozen

NAMES_SHOWN: Final = 8
"""How many of the known names a message shows."""


class TrafficBookingError(Exception):
    """Any error of this library; it can be copied and pickled, as task queues do."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[TrafficBookingError], args: tuple[object, ...], state: dict[str, object]) -> TrafficBookingError:
    made = kind.__new__(kind, *args)
    made.args = args
    made.__dict__.update(state)
    return made


class InvalidInput(TrafficBookingError, ValueError):
    """A value from outside is not what it should be.

    `field` names it, `got` describes what came (never a personal datum), `expected` what would be accepted.
    """

    def __init__(self, field: str, *, got: str, expected: str) -> None:
        self.field = field
        self.got = got
        self.expected = expected
        super().__init__(f"{field}: got {got}; expected {expected}")


@frozen(kw_only=True)
class Fault:
    """One thing wrong in a catalogue, a rulebook or another data file: where it is, what was got and expected."""

    file: str
    entry: str
    field: str
    got: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file}: {self.entry}: {self.field}: got {self.got}; expected {self.expected}"


class InvalidCatalogue(InvalidInput):
    """A catalogue, a rulebook or another data file with faults; `field` names its kind, `faults` holds all of them."""

    def __init__(self, faults: Sequence[Fault], *, kind: str = "catalogue") -> None:
        self.faults = tuple(faults)
        super().__init__(kind, got=f"{len(self.faults)} fault(s)", expected="none")

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(f"  {fault}" for fault in self.faults)])


class NotFound(TrafficBookingError, LookupError):
    """A name that is not known; `what` is its kind, `name` the one asked for, `known` those that there are.

    `reason` says why it may be unknown, if there is more to say.
    """

    def __init__(self, what: str, name: str, *, known: Sequence[str] = (), reason: str = "") -> None:
        self.what = what
        self.name = name
        self.known = tuple(known)
        super().__init__(f"no {what} {name!r}{f': {reason}' if reason else self._hint()}")

    def _hint(self) -> str:
        close = get_close_matches(self.name.lower(), self.known, n=NAMES_SHOWN)
        if close:
            return f"; did you mean {' or '.join(close)}?"
        more = ", …" if len(self.known) > NAMES_SHOWN else ""
        return f"; known: {', '.join(self.known[:NAMES_SHOWN])}{more}" if self.known else ""


class AppointmentNotFound(NotFound):
    """There is no such appointment, or the actor may not see it: deliberately one answer."""

    def __init__(self, number: str) -> None:
        super().__init__("appointment", number)

    def __str__(self) -> str:
        return f"you have no appointment {self.name}"


class RequestMismatch(TrafficBookingError, ValueError):
    """A request id came again with a different request; nothing was done."""

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        super().__init__(
            f"request id {request_id!r}: got a different request than before; expected a new id for a new request"
        )


class MissingExtra(TrafficBookingError, ImportError):
    """An optional part is used whose packages are not installed; `extra` names it.

    `needs` says what is missing where that is not the extra itself, but what it builds on.
    """

    def __init__(self, part: str, extra: str, *, needs: str | None = None) -> None:
        self.part = part
        self.extra = extra
        wanted = needs or f"an optional part: pip install 'traffic-booking[{extra}]'"
        super().__init__(f"{part} needs {wanted}")


class StoreError(TrafficBookingError, RuntimeError):
    """The store did not say that it did what was asked.

    A change in hand was written whole or not at all; the same request, sent again with its id, learns which.
    """


class StoreUnavailable(StoreError):
    """The store is busy, read-only, unreachable or full; the same request may succeed later."""


class StoreUnreadable(StoreError):
    """The store's data is corrupt, not ours, or written by a newer version of the library.

    If a single record, counter or log entry can't be decoded, `collection` and `key` name it: the name of a collection
    or counter and a key in it, or `log` and a stream. `position` is the feed position of a log entry.
    """

    def __init__(
        self,
        message: str,
        *,
        collection: str | None = None,
        key: str | None = None,
        position: tuple[int, int] | None = None,
    ) -> None:
        self.collection = collection
        self.key = key
        self.position = position
        super().__init__(message)


class StoreContended(StoreError):
    """The change met a newer one again and again; nothing was changed, the same request may be sent again."""


class StoreClosed(StoreError):
    """The store was used after it was closed."""
