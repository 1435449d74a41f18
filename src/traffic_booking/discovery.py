"""Finds adapters by name: the shipped ones, and those of installed packages, by their entry points.

A package adds an adapter by declaring an entry point in one of the groups below, and by nothing else. Shipped names are
looked up first, because reading the metadata of all packages takes time. They can't be taken by another package.
"""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from traffic_booking.domain.errors import InvalidInput, TrafficBookingError
from traffic_booking.domain.value_input import is_a
from traffic_booking.ports.tickets import TicketRenderer

if TYPE_CHECKING:  # takes time to import, and is needed only for adapters that don't ship with the library
    from importlib.metadata import EntryPoint

    from traffic_booking.ports.captcha import Captcha
    from traffic_booking.ports.identity import IdentityProvider

STORES: Final = "traffic_booking.stores"
"""The name is a URL scheme in small letters; the object takes the URL, and returns a `Store`.

It gets `read_only=True` as well if the store may not be written.
"""

ASYNC_STORES: Final = "traffic_booking.async_stores"
"""The same for an `AsyncStore`. Without one, a store of `STORES` is called in threads."""

TICKETS: Final = "traffic_booking.tickets"
"""The name is a form of ticket; the object takes nothing, and returns a `TicketRenderer`."""

CAPTCHAS: Final = "traffic_booking.captchas"
"""The object makes a `Captcha` of settings of its own."""

IDENTITIES: Final = "traffic_booking.identities"
"""The object makes an `IdentityProvider` of settings of its own."""

NOTIFIERS: Final = "traffic_booking.notifiers"
"""The object makes a notifier of settings of its own."""

SHIPPED: Final[Mapping[str, Mapping[str, str]]] = {
    STORES: {
        "memory": "traffic_booking.adapters.memory:MemoryStore.from_url",
        "sqlite": "traffic_booking.adapters.sqlite:SqliteStore.from_url",
        "postgresql": "traffic_booking.adapters.postgres:PostgresStore.from_url",
        "citus": "traffic_booking.adapters.postgres:CitusStore.from_url",
    },
    ASYNC_STORES: {
        "postgresql": "traffic_booking.adapters.postgres:AsyncPostgresStore.from_url",
        "citus": "traffic_booking.adapters.postgres:AsyncCitusStore.from_url",
    },
    TICKETS: {
        "text": "traffic_booking.adapters.tickets:TextTicket",
        "html": "traffic_booking.adapters.tickets:HtmlTicket",
        "pdf": "traffic_booking.adapters.tickets:PdfTicket",
        "ics": "traffic_booking.adapters.tickets:IcsTicket",
        "qr-png": "traffic_booking.adapters.tickets:QrPngTicket",
        "qr-svg": "traffic_booking.adapters.tickets:QrSvgTicket",
    },
    CAPTCHAS: {
        "altcha": "traffic_booking.adapters.altcha:AltchaCaptcha",
        "image": "traffic_booking.adapters.image_captcha:ImageCaptcha",
    },
    IDENTITIES: {"embedded": "traffic_booking.adapters.embedded_identity:EmbeddedIdentity"},
    NOTIFIERS: {},
}
"""The adapters of this library by group and name, as `pyproject.toml` declares them too."""


def find(group: str, name: str) -> Callable[..., Any] | None:
    """The object of that name in a group; None if there is none.

    Raises:
        InvalidInput: Several packages declare the name, one declares a shipped name, or its object can't be imported.
        MissingExtra: A shipped adapter needs a package that is not installed.
    """
    shipped = SHIPPED[group].get(name)
    if shipped is not None:
        module, _, path = shipped.partition(":")
        found: Callable[..., Any] = attrgetter(path)(import_module(module))
        return found
    entry = _installed(group).get(name)
    return None if entry is None else _loaded(entry)


def names(group: str) -> tuple[str, ...]:
    """The names in a group: the shipped ones first, then the installed ones. Raises `InvalidInput` as `find` does."""
    return (*SHIPPED[group], *sorted(_installed(group)))


def captcha_factory(name: str) -> "Callable[..., Captcha]":
    """Return the class or function that makes captchas of that name, such as `altcha`.

    Example: `captcha = captcha_factory("altcha")(secret)`.

    Raises:
        InvalidInput: No captcha has that name, or the one that has it can't be used.
        MissingExtra: A shipped adapter needs a package that is not installed.
    """
    return _required(CAPTCHAS, name, "captcha")


def identity_factory(name: str) -> "Callable[..., IdentityProvider]":
    """Return the class or function that makes identity providers of that name, such as `embedded`.

    Example: `identity = identity_factory("embedded")(desk.store)`.

    Raises:
        InvalidInput: No identity provider has that name, or the one that has it can't be used.
        MissingExtra: A shipped adapter needs a package that is not installed.
    """
    return _required(IDENTITIES, name, "identity provider")


def notifier_factory(name: str) -> Callable[..., Any]:
    """Return the class or function that makes notifiers of that name. None ships with the library.

    Example: `notifier = notifier_factory("sms")(api_key)`.

    Raises:
        InvalidInput: No notifier has that name, or the one that has it can't be used.
    """
    return _required(NOTIFIERS, name, "notifier")


class TicketForms(Mapping[str, TicketRenderer]):
    """The shipped and the installed forms of tickets; each renderer is made when it is first asked for."""

    def __init__(self) -> None:
        self._made: dict[str, TicketRenderer] = {}

    def __getitem__(self, form: str) -> TicketRenderer:
        if form not in self._made:
            made = find(TICKETS, form)
            if made is None:
                raise KeyError(form)
            self._made[form] = made()
        return self._made[form]

    def __iter__(self) -> Iterator[str]:
        return iter(names(TICKETS))

    def __len__(self) -> int:
        return len(names(TICKETS))


def _required(group: str, name: object, what: str) -> Callable[..., Any]:
    plain = str.__str__(name) if is_a(name, str) else None
    found = None if plain is None else find(group, plain)
    if found is None:
        known = " or ".join(names(group)) or "none: install a package that has one"
        got = type(name).__name__ if plain is None else repr(plain[:40])
        raise InvalidInput(what, got=got, expected=known)
    return found


def _installed(group: str) -> "dict[str, EntryPoint]":
    """The entry points of other packages in a group, by name in small letters."""
    from importlib.metadata import entry_points

    shipped = {**SHIPPED[STORES], **SHIPPED[group]} if group == ASYNC_STORES else SHIPPED[group]
    found = dict[str, "EntryPoint"]()
    try:
        entries = entry_points(group=group)
    except Exception as error:
        got = f"{type(error).__name__} from the metadata of the installed packages"
        raise InvalidInput(f"entry point {group}", got=got, expected="metadata that importlib can read") from error
    for entry in entries:
        name = entry.name.lower()
        if name in shipped:
            if entry.value.replace(" ", "") == shipped[name]:
                continue
            expected = f"another name: {name} ships with traffic-booking"
            raise InvalidInput(
                f"entry point {group}", got=f"{name} of the package {_package(entry)}", expected=expected
            )
        if name in found and found[name].value != entry.value:
            packages = ", ".join(sorted({_package(found[name]), _package(entry)}))
            raise InvalidInput(
                f"entry point {group}",
                got=f"{name} in the packages {packages}",
                expected="one package for each name: remove one",
            )
        found[name] = entry
    return found


def _loaded(entry: "EntryPoint") -> Callable[..., Any]:
    try:
        found: Any = entry.load()
    except TrafficBookingError:  # such as a MissingExtra of the package
        raise
    except Exception as error:
        raise _unusable(entry, f"{type(error).__name__} when it is imported") from error
    if not callable(found):
        raise _unusable(entry, f"a {type(found).__name__}")
    made: Callable[..., Any] = found
    return made


def _unusable(entry: "EntryPoint", got: str) -> InvalidInput:
    named = f"entry point {entry.group}: {entry.name} = {entry.value[:100]} of the package {_package(entry)}"
    return InvalidInput(named, got=got, expected="a function or a class: install a sound release of the package")


def _package(entry: "EntryPoint") -> str:
    return "without a name" if entry.dist is None else str(entry.dist.name)[:100]
