"""The exceptions of the library: misuse by the caller, and stores that don't answer.

A refusal by a rule is a value (`Refused`), never an exception. The tree::

    TrafficBookingError
    ├── InvalidInput (ValueError)            a value from outside is not what it should be
    │   ├── InvalidCatalogue                 all faults of a catalogue, rulebook or other data file
    │   └── NotInstalled                     a desk has another rulebook, catalogue or calendar than its store
    ├── NotFound (LookupError)               a name that is not in the catalogue or the store
    │   └── AppointmentNotFound              no such appointment, or not the actor's
    ├── RequestMismatch (ValueError)         a request id repeated with a different request
    ├── MissingExtra (ImportError)           an optional part is not installed
    ├── UnsafeFile (UserWarning)             a warning: others can read a file of personal data
    └── StoreError (RuntimeError)            the store did not confirm the operation
        ├── StoreUnavailable                 busy, read-only, unreachable or full: try later
        ├── StoreUnreadable                  corrupt, foreign, or written by a newer version
        ├── StoreMisconfigured               a server, a setting or a library that the store can't use
        ├── StoreContended                   other changes came first too many times: try again
        ├── StoreBehindLog                   older than its sealed log, or the store of another log
        ├── LogUnreadable                    the sealed log is damaged, or not signed by the given keys
        └── StoreClosed                      used after `close`

No message carries a person's id or a password. `message(language)` is for people: the fault, the value, the accepted
values and the next step. `str(error)` is for logs, in English. Each is shorter than 1,000 characters, and all of them
can be printed.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, cast

from attrs import field as member

from traffic_booking.domain.values import frozen, masked

if TYPE_CHECKING:
    from traffic_booking.domain.messages.sentences import Part

Language = Literal["ar", "en"]
"""Arabic or English."""
NAMES_SHOWN: Final = 8
"""The most known names in a message."""
NAME_SHOWN: Final = 64
"""The most characters of an unknown name in a message."""
LONGEST_MESSAGE: Final = 999
"""The most characters of a message, in both languages."""
_LONGEST_LANGUAGE: Final = 12
_LONGEST_FIELD: Final = 100
_LONGEST_GOT: Final = 200
_LONGEST_EXPECTED: Final = 400
_LONGEST_OF_STORE: Final = 600
_ROOM_FOR_COUNT: Final = 10


def shown(text: str, longest: int) -> str:
    """`text` in a message: at most `longest` characters, with an escape for each one that can't be printed."""
    given: object = text
    if type(given) is not str:  # a subclass may slice in its own way
        text = str.__str__(text) if issubclass(type(given), str) else type(given).__name__
    kept = text[:longest]
    if not kept.isprintable():
        kept = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in kept)
    return masked(kept if max(len(text), len(kept)) <= longest else f"{kept[: longest - 1]}…")


def is_arabic(language: object) -> bool:
    """True for Arabic, false for English. Raises `InvalidInput` for any other language."""
    got = type(language).__name__
    if issubclass(type(language), str):  # a value may pretend to be of another class
        plain = str.__str__(cast("str", language))  # a subclass may compare in its own way
        if plain in {"ar", "en"}:
            return plain == "ar"
        is_name = plain.isascii() and plain.isalpha() and len(plain) <= _LONGEST_LANGUAGE
        got = repr(plain) if is_name else "another text"
    raise InvalidInput("language", got=got, expected="ar or en")


class TrafficBookingError(Exception):
    """Any error of this library. It can be copied and pickled."""

    def __init__(self, *args: object) -> None:
        super().__init__(*(masked(each) if isinstance(each, str) else each for each in args))

    def message(self, language: Language) -> str:
        """The fault, the value, the accepted values and the next step, in that language.

        Raises `InvalidInput` for any other language.

        Example::

            form.error = error.message("ar")
        """
        in_arabic = is_arabic(language)
        from traffic_booking.domain.messages.sentences import arabic, english  # few hosts show an error

        return arabic(self._parts()) if in_arabic else english(self._parts())

    def _parts(self) -> "Iterator[Part]":
        """The sentences of the message, with the values of their places."""
        yield "error", {"text": str(self)}

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (type(self), self.args, self.__dict__)


def _unpickled(kind: type[TrafficBookingError], args: tuple[object, ...], state: dict[str, Any]) -> TrafficBookingError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class InvalidInput(TrafficBookingError, ValueError):
    """A value from outside is not what it should be.

    `field` names it, `got` describes it (never a personal datum), `expected` describes the accepted values.
    """

    def __init__(self, field: str, *, got: str, expected: str) -> None:
        self.field = shown(field, _LONGEST_FIELD)
        self.got = shown(got, _LONGEST_GOT)
        self.expected = shown(expected, _LONGEST_EXPECTED)
        super().__init__(f"{self.field}: got {self.got}; expected {self.expected}")

    def _parts(self) -> "Iterator[Part]":
        is_missing = self.got in {"nothing", "NoneType"}
        yield "missing" if is_missing else "invalid", {"field": self.field, "got": self.got}
        yield "expected", {"expected": self.expected}
        yield "enter" if is_missing else "correct", {}


def _of_fault(longest: int) -> Any:
    """A field of a fault. A message has room for one fault whose fields are all as long as they may be."""

    def converter(text: str) -> str:
        return shown(text, longest)

    return member(converter=converter)


@frozen(kw_only=True)
class Fault:
    """One fault in a data file: its place, the value there, and the accepted values."""

    file: str = _of_fault(200)
    entry: str = _of_fault(80)
    field: str = _of_fault(80)
    got: str = _of_fault(120)
    expected: str = _of_fault(300)

    def __str__(self) -> str:
        return masked(f"{self.file}: {self.entry}: {self.field}: got {self.got}; expected {self.expected}")

    def message(self, language: Language) -> str:
        """The fault in one line, in that language. The file, the entry and the field are named as in the file."""
        in_arabic = is_arabic(language)
        from traffic_booking.domain.messages.sentences import arabic, english

        names = {"file": self.file, "entry": self.entry, "key": self.field}
        parts = [("fault", {**names, "got": self.got, "expected": self.expected})]
        return arabic(parts) if in_arabic else english(parts)


class InvalidCatalogue(InvalidInput):
    """A data file has faults. `field` names the kind of file, `faults` contains every fault.

    A message lists as many of them as it has room for, and counts the others.
    """

    def __init__(self, faults: Sequence[Fault], *, kind: str = "catalogue") -> None:
        self.faults = tuple(faults)
        super().__init__(kind, got=f"{len(self.faults)} fault(s)", expected="none")

    def __str__(self) -> str:
        return self._listed(super().__str__(), str, "and {} more: `faults` has all")

    def message(self, language: Language) -> str:
        """The number of faults, and the first faults in a line each, in that language."""
        more = "وغيرها، وعددها {}: تجدها كلها في `faults`" if is_arabic(language) else "And {} more: `faults` has all."
        return self._listed(super().message(language), lambda fault: fault.message(language), more)

    def _listed(self, head: str, text_of: Callable[[Fault], str], more: str) -> str:
        lines, room = [head], LONGEST_MESSAGE - len(head) - len(more) - _ROOM_FOR_COUNT
        for place, fault in enumerate(self.faults):
            line = f"  {text_of(fault)}"
            room -= len(line) + 1
            if room < 0:
                lines.append(f"  {more.format(len(self.faults) - place)}")
                break
            lines.append(line)
        return "\n".join(lines)

    def _parts(self) -> "Iterator[Part]":
        yield "faults", {"field": self.field, "count": str(len(self.faults))}


class NotInstalled(InvalidInput):
    """A desk has another rulebook, catalogue or working calendar than its store has installed.

    `parts` names all that differ: `rulebook`, `catalogue` and `calendar`. `field` is the first of them, `got` and
    `expected` describe its first difference.
    """

    def __init__(self, field: str, *, got: str, expected: str, parts: Sequence[str]) -> None:
        self.parts = tuple(parts)
        super().__init__(field, got=got, expected=expected)

    def __str__(self) -> str:
        return f"{super().__str__()}. Install it: traffic_booking.install, or traffic-booking install"

    def _parts(self) -> "Iterator[Part]":
        yield "not-installed", {"field": self.field, "got": self.got}
        yield "expected", {"expected": self.expected}
        yield "install-it", {"command": "traffic-booking install", "keyword": "installed=True"}


class NotFound(TrafficBookingError, LookupError):
    """A name does not exist: `what` is its kind, `known` contains the existing names.

    If a `reason` is given, the message ends with it instead of similar names.
    """

    def __init__(self, what: str, name: str, *, known: Sequence[str] = (), reason: str = "") -> None:
        self.what = shown(what, _LONGEST_FIELD)
        self.name = masked(shown(name, NAME_SHOWN) if type(name) is not str else name[:NAME_SHOWN])
        self.known = tuple(known)
        self.reason = shown(reason, _LONGEST_GOT)
        super().__init__(f"no {what} {self.name!r}{f': {reason}' if reason else self._hint()}")

    def _hint(self) -> str:
        close, known = self._names()
        if close:
            return f"; did you mean {' or '.join(close)}?"
        return f"; known: {', '.join(known)}" if known else ""

    def _names(self) -> tuple[list[str], list[str]]:
        """The similar names, and the first of all names."""
        from difflib import get_close_matches  # takes long to import, and few hosts see this error

        more = ["…"] if len(self.known) > NAMES_SHOWN else []
        close = get_close_matches(self.name.lower(), self.known, n=NAMES_SHOWN)
        return [shown(each, NAME_SHOWN) for each in close], [
            *(shown(each, NAME_SHOWN) for each in self.known[:NAMES_SHOWN]),
            *more,
        ]

    def _parts(self) -> "Iterator[Part]":
        yield "not-found", {"what": self.what, "name": repr(self.name)}
        close, known = self._names()
        if self.reason:
            yield "reason", {"reason": self.reason}
        elif close or known:
            yield "close" if close else "known", {"names": ", ".join(close or known)}
        yield "check-name", {}


class AppointmentNotFound(NotFound):
    """The appointment does not exist, or the actor may not see it. Both cases deliberately give one error."""

    def __init__(self, number: str) -> None:
        super().__init__("appointment", number)

    def __str__(self) -> str:
        return f"you have no appointment {self.name}"

    def _parts(self) -> "Iterator[Part]":
        yield "no-appointment", {"name": self.name}
        yield "check-number", {}


class RequestMismatch(TrafficBookingError, ValueError):
    """A request id was repeated with a different request. Nothing was changed."""

    def __init__(self, request_id: str) -> None:
        self.request_id = masked(request_id)
        super().__init__(
            f"request id {request_id!r}: got a different request than before; expected a new id for a new request"
        )

    def _parts(self) -> "Iterator[Part]":
        yield "mismatch", {"name": repr(self.request_id)}
        yield "new-id", {}


class MissingExtra(TrafficBookingError, ImportError):
    """The packages of an optional part are not installed.

    `extra` names the extra to install; `needs` replaces that advice if something else is missing.
    """

    def __init__(self, part: str, extra: str, *, needs: str | None = None) -> None:
        self.part = part
        self.extra = extra
        self.needs = needs
        needed = needs or f"an optional part: pip install 'traffic-booking[{extra}]'"
        super().__init__(f"{part} needs {needed}")

    def _parts(self) -> "Iterator[Part]":
        if self.needs is not None:
            yield "needs", {"part": self.part, "needs": self.needs}
            return
        yield "lacks-part", {"part": self.part}
        yield "install", {"command": f"pip install 'traffic-booking[{self.extra}]'"}


class UnsafeFile(TrafficBookingError, UserWarning):
    """A warning, never raised: others than its owner can read a file that has personal data.

    `path` is the file, `mode` its permissions, such as 0o644.
    """

    def __init__(self, path: str, mode: int) -> None:
        self.path = path
        self.mode = mode
        super().__init__(f"{path}: got mode {mode:04o}; expected 0600, for its owner alone: chmod 600 {path}")

    def _parts(self) -> "Iterator[Part]":
        yield "unsafe-file", {"name": self.path, "mode": f"{self.mode:04o}"}
        yield "run", {"command": f"chmod 600 {self.path}"}


class StoreError(TrafficBookingError, RuntimeError):
    """The store did not confirm the operation.

    A pending change was written completely or not at all. Send the same request again, with its id, to learn which.
    """

    _kind: ClassVar[str] = "store"

    def __init__(self, message: str = "") -> None:
        super().__init__(shown(message, _LONGEST_OF_STORE))

    def _parts(self) -> "Iterator[Part]":
        from traffic_booking.domain.messages.sentences import parts_of_store

        yield self._kind, {}
        yield from parts_of_store(str(self.args[0]) if self.args else "")
        yield f"{self._kind}-again", {}


class StoreUnavailable(StoreError):
    """The store is busy, read-only, unreachable or full. The same request may succeed later."""

    _kind = "unavailable"


class StoreUnreadable(StoreError):
    """The store's data is corrupt, not ours, or written by a newer version of the library.

    If one record, counter or log entry can't be decoded, `collection` and `key` name it. For a log entry these are
    `log` and its stream, and `position` is its feed position.
    """

    _kind = "unreadable"

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


class StoreMisconfigured(StoreError):
    """The server, one of its settings or a library is not one that the store can use; raised when it is opened."""

    _kind = "misconfigured"


class StoreContended(StoreError):
    """Other changes came first in every attempt. Nothing was changed; send the same request again."""

    _kind = "contended"


class StoreBehindLog(StoreError):
    """The store is older than its sealed log, such as a restored backup, or it is another store."""

    _kind = "behind-log"


class LogUnreadable(StoreError):
    """The sealed log is damaged, was changed, or none of the given keys has signed it."""

    _kind = "log-unreadable"


class StoreClosed(StoreError):
    """The store was used after `close`."""

    _kind = "closed"
