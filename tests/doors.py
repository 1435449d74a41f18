"""The doors of the library: everything that a host calls with values of its own, each with arguments that are right.

Verbs, constructors, functions and methods are found by `inspect`, and their parameters as well. A parameter without a
right value here is an error, so that a new one can't be forgotten.

The file is long because one list of all doors is easier to check than several.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

import attrs
from argon2 import PasswordHasher
from attrs import frozen

import traffic_booking as tb
from tests.bookings import slot
from tests.calendars import PLAIN
from tests.entrance import RIGHT, Entrance
from tests.examples import of_every_class
from tests.people import ME, YOU
from tests.sealed_logs import key_of, public, sealed, verifies
from tests.small_town import RETENTION, START, small_catalogue, small_rulebook
from tests.tickets_signed import A_TICKET, SIGNER
from traffic_booking.adapters import data_files
from traffic_booking.adapters.altcha import AltchaCaptcha, solve
from traffic_booking.adapters.embedded_identity import EmbeddedIdentity
from traffic_booking.adapters.image_captcha import ImageCaptcha, answer
from traffic_booking.adapters.log_folder import LogFolder, LogFolderWriter
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.numbering import RandomNumbering
from traffic_booking.adapters.observers.log import LoggingObserver
from traffic_booking.adapters.observers.metrics import OpenTelemetryObserver
from traffic_booking.adapters.postgres.opening import Address
from traffic_booking.adapters.pseudonyms import PseudonymKey
from traffic_booking.adapters.signing_keys import SigningKeys, read_public_keys
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.adapters.threaded import ThreadedStore
from traffic_booking.adapters.ticket_codes import CoseCodes
from traffic_booking.adapters.tickets import (
    HtmlTicket,
    IcsTicket,
    PdfTicket,
    QrPngTicket,
    QrSvgTicket,
    TextTicket,
    TicketBrand,
)
from traffic_booking.adapters.witnesses import FolderWitness, HttpWitness
from traffic_booking.gate import OfflineGate, day_list_document, read_day_list, read_journal
from traffic_booking.testing import MovableClock

STAFF: Final = tb.Clerk("desk-1")
SECRET: Final = b"a secret of the host, 32 bytes and more"
ROOMS: Final = ("calendar", "gate", "audit", "maintenance")
CALLBACKS: Final = {"progress", "found", "draw"}
"""Parameters that take a function of the caller's; its own exceptions are the caller's."""
TRUSTED: Final = {"catalogue", "rulebook", "calendar", "retention", "before", "after"}
"""Parameters that take a whole configuration: its fields have to be there, and are not checked once more."""
INNER_PARAMETERS: Final = {"ticket", "observation", "exceptions"}
"""Parameters that take what the library makes."""


@frozen
class Door:
    """Something that a host calls, and arguments that are right, by the names of its parameters."""

    name: str
    call: Callable[..., Any]
    sound: Mapping[str, Any]


def parameters(call: Callable[..., Any]) -> list[str]:
    """The parameters of a function, but those that take any further argument."""
    further = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    found = inspect.signature(call).parameters.values()
    return [each.name for each in found if each.name not in {"self", "cls"} and each.kind not in further]


def door(name: str, call: Callable[..., Any], known: Mapping[str, Any], of: Callable[..., Any] | None = None) -> Door:
    """The door of `call`, whose parameters are those of `of`; `known` has the right value of each."""
    wanted = parameters(of or call)
    missing = [each for each in wanted if each not in known]
    assert not missing, f"tests/doors.py has no right value for {', '.join(missing)} of {name}"
    inner = {each: known[each] for each in wanted if each in INNER_PARAMETERS}
    return Door(name, partial(call, **inner), {each: known[each] for each in wanted if each not in inner})


def methods(
    of: object, prefix: str, known: Mapping[str, Any], *, without: frozenset[str] = frozenset()
) -> Iterator[Door]:
    """The public methods of an object that are defined in the library and have a parameter.

    `known` has right values by the names of parameters, and by `method.parameter` if a method differs.
    """
    kind = type(of)
    for name, found in inspect.getmembers(kind):
        # Python 3.13 gives a cached property the module of its function.
        if isinstance(found, cached_property) or not inspect.isroutine(found):
            continue
        module = getattr(found, "__module__", None) or ""
        if name.startswith("_") or name in without or not module.startswith("traffic_booking"):
            continue
        if f"{prefix}{name}" in INNER:
            continue
        own = {key.partition(".")[2]: value for key, value in known.items() if key.startswith(f"{name}.")}
        made = door(f"{prefix}{name}", getattr(of, name), {**known, "request_id": f"request-{name}", **own})
        if made.sound:
            yield made


class Town:
    """A desk with an appointment of `ME`, and the right arguments of its verbs there."""

    def __init__(self, desk: Any) -> None:
        self.desk = desk
        booked = desk.book(slot(25), applicant=ME, agreed=True, request_id="mine")
        assert isinstance(booked, tb.Booked)
        self.known: dict[str, Any] = {
            **RIGHT_VALUES,
            "number": booked.appointment.number,
            "subject": booked.appointment.applicant.subject,
            "find_slots.after": None,
            "find_slots.day": None,
            "explain.number": None,
            "gate.by": tb.System(),
            "verify.log": None,
            "own_data.person": ME,
            "after_restore.log": tb.LogToAudit(
                files=sealed([], key_of(1)), public_keys=(public(key_of(1)),), verify=verifies
            ),
            **{f"{verb}.{name}": value for verb in QUESTIONS for name, value in QUESTION.items()},
            "digest": desk.maintenance.install(by=STAFF, reason="Circular 12").rulebook,
        }

    def doors(self) -> Iterator[Door]:
        """Every verb of the desk, its rooms and its plans, if it has a parameter."""
        plan = self.desk.what_if(at=START)
        places = [("", self.desk), *((f"{room}.", getattr(self.desk, room)) for room in ROOMS), ("what_if.", plan)]
        for prefix, of in places:
            yield from methods(of, prefix, self.known, without=frozenset({"open", "close", "check_key"}))


EXAMPLES_OF: Final = of_every_class()
QUESTIONS: Final = ("refusals", "count_refusals", "clerk_log", "appointment_log", "person_log", "installation_log")
"""The verbs of auditors alone."""
QUESTION: Final[Mapping[str, Any]] = {"by": tb.Auditor("auditor-1"), "after": None, "day": None, "subject": None}
INNER: Final = {
    "Appointment.as_of",
    "Appointment.is_active",
    "Appointment.state_at",
    "BranchException.covers",
    "Catalogue.steps_of",
    "Catalogue.timetable",
    "DayList.revocation",
    "DayList.rules_at",
    "DayList.ticket",
    "GateRules.evaluate",
    "GateRules.in_force",
    "GateRules.rule",
    "Hours.within",
    "Hours.without",
    "Offer.shifts_on",
    "Rule.bound_check",
    "Rule.check",
    "Rule.in_force",
    "Rule.verdict_of",
    "Rulebook.evaluate",
    "Rulebook.in_force",
    "Shift.is_for",
    "Shift.seats",
    "Shift.worked",
    "Suspension.covers",
    "Tightening.holds_for",
    "Timetable.opening_day",
    "Timetable.pattern",
}
"""Methods that take what the library makes while it decides: no host calls them."""
RIGHT_VALUES: Final[Mapping[str, Any]] = {
    "adjacent": 2,
    "after": tb.BEGINNING,
    "agreed": True,
    "moving": None,
    "pool": "counters",
    "alternatives": 2,
    "applicant": ME,
    "assertions": tb.Assertions(checked_at=START),
    "at": START,
    "audience": tb.Audience.INDIVIDUALS,
    "authority_id": "weekend",
    "between": (time(0), time(23)),
    "branch": "north",
    "branch_id": "north",
    "by": STAFF,
    "calendar": "gregorian",
    "clerk": "desk-1",
    "code": "SA-01",
    "counted_by": "rule",
    "day": date(2026, 11, 24),
    "days": 3,
    "digest": "d" * 43,
    "digits": "ascii",
    "distance_km.other": tb.Coordinates(24.7, 46.7),
    "each_branch": False,
    "earlier_only": False,
    "evidence": "a report",
    "excel": False,
    "exceptions": (),
    "first": date(2026, 11, 24),
    "form": "text",
    "found": lambda _: None,
    "figures": {},
    "find.text": "town",
    "from_": START,
    "from_token.text": slot(26).token,
    "governorate": "town",
    "governorate_id": "town",
    "group": "traffic-services",
    "group_id": "traffic-services",
    "holder": tb.Holder.CITIZEN,
    "language": "ar",
    "limit": 5,
    "holds_for.at": slot(26),
    "installed": False,
    "is_in_group.service": EXAMPLES_OF[tb.Service],
    "missing": "omit",
    "happened_at": START,
    "moment": START,
    "month_of_year": 11,
    "months": 3,
    "name": "test-1",
    "near": tb.Coordinates(24.7, 46.7),
    "now": START,
    "order": "earliest",
    "other": tb.Hours(480, 600),
    "own": EXAMPLES_OF[tb.OwnData],
    "person": YOU,
    "point": tb.Coordinates(24.7, 46.7),
    "printed_name": "Somebody",
    "progress": lambda _: None,
    "reason": "pipe",
    "record": tb.Withdrawal("nothing"),
    "region": "SA-01",
    "retention": RETENTION,
    "rule": "BK-07",
    "rule_id": "weekend",
    "read_code.text": A_TICKET.number,
    "revoked": None,
    "scan_id": "scan-1",
    "scans": (),
    "seats": 1,
    "service": "renewal",
    "service_id": "renewal",
    "since": None,
    "slot": slot(26),
    "ticket_id": A_TICKET.ticket_id,
    "time_zone": "Asia/Riyadh",
    "typed": ME.reveal(),
    "until": START + timedelta(days=3),
    "weekdays": tuple(tb.Weekday),
    "within_km": 100,
    "without.breaks": (),
    "year": 2026,
    "years": 3,
}
"""A right value for each name of a parameter."""


def verbs(desk: Any) -> Iterator[Door]:
    """Every verb of a desk, its rooms and its plans."""
    return Town(desk).doors()


def constructors() -> Iterator[Door]:
    """The class of each public value, with the fields of the example."""
    for kind, example in EXAMPLES_OF.items():
        yield Door(
            kind.__name__, kind, {each.alias: getattr(example, each.name) for each in attrs.fields(kind) if each.init}
        )
    parts = {name: getattr(PARTS, name) for name in parameters(tb.DeskParts)}
    yield Door("DeskParts", lambda **given: tb.Desk(tb.DeskParts(**given)).close(), parts)
    shipped = {name: part for name, part in parts.items() if name not in {"store", "replica"}}
    opening = {"url": "memory://", "installed": False, "read_url": None, **shipped}
    yield Door("BookingDesk.open", lambda **given: opening_of(**given).close(), opening)
    yield Door("Desk", tb.Desk, {"parts": PARTS})
    yield Door("BookingDesk", tb.BookingDesk, {"parts": PARTS})
    yield Door("AsyncBookingDesk", tb.AsyncBookingDesk, {"parts": PARTS})


def methods_of_values() -> Iterator[Door]:
    """Every method of a public value that a host calls with a value of its own."""
    for kind, example in EXAMPLES_OF.items():
        yield from methods(example, f"{kind.__name__}.", RIGHT_VALUES)
        for name in ("from_gregorian", "from_token"):
            if hasattr(kind, name):
                yield door(f"{kind.__name__}.{name}", getattr(kind, name), {**RIGHT_VALUES, "text": slot(26).token})


opening_of: Final[Any] = tb.BookingDesk.open
PARTS: Final = tb.DeskParts(
    store=MemoryStore(),
    clock=MovableClock(START),
    catalogue=small_catalogue(),
    rulebook=small_rulebook(),
    calendar=PLAIN,
    numbering=RandomNumbering(),
    tickets={"text": TextTicket(), "html": HtmlTicket()},
    retention=RETENTION,
    observer=LoggingObserver(),
    signer=SIGNER,
    codes=CoseCodes(),
)


def functions(folder: Path) -> Iterator[Door]:
    """Every function of the public face, and the loaders; files are in `folder`, which has none."""
    installing: dict[str, Any] = {
        "url": f"sqlite:///{folder}/installed.db",
        "rulebook": small_rulebook(),
        "catalogue": small_catalogue(),
        "calendar": PLAIN,
        "clock": MovableClock(START),
    }
    own: dict[str, dict[str, Any]] = {
        "read_catalogue": {"folder": folder},
        "read_rulebooks": {"file": folder / "rulebook.toml"},
        "read_retention": {"file": folder / "retention.toml"},
        "rulebook_differences": {"before": small_rulebook(), "after": small_rulebook("2")},
        "to_json": {"value": START},
        "from_json": {"kind": tb.SlotKey, "data": tb.to_json(slot(26))},
        "parse_date": {"text": "1448-06-11"},
        "parse_time": {"text": "9:30"},
        "read_ticket_code": {"text": A_TICKET.number, "public_keys": SIGNER.public_keys},
        "key_id_of": {"public_key": SIGNER.public_keys[0]},
        "read_calendar": {
            "announcements": folder / "announcements.toml",
            "file": folder / "holidays.toml",
            "profile": "civil-service",
        },
        "captcha_factory": {"name": "altcha"},
        "identity_factory": {"name": "embedded"},
        "notifier_factory": {"name": "sms"},
        "install": installing,
        "pending_installation": installing,
        "migrate": {"url": f"sqlite:///{folder}/migrated.db"},
        "pending_migrations": {"url": f"sqlite:///{folder}/migrated.db"},
        "appointment_number": {"typed": "0A1K-3M9Q-X27C"},
        "read_log": {
            "path": folder,
            "key": Path(f"{SigningKeys.open(folder / 'read.key').path}.pub"),
            "checkpoints": (),
        },
        "own_data_page": {"catalogue": small_catalogue()},
        "load_catalogue": {"folder": folder},
        "load_rulebook": {"file": folder / "rulebook.toml"},
        "load_rulebooks": {"file": folder / "rulebook.toml", "catalogue": small_catalogue()},
        "load_working_calendar": {
            "file": folder / "holidays.toml",
            "profile": "civil-service",
            "announcements": folder / "announcements.toml",
        },
    }
    found = {name: getattr(tb, name) for name in tb.__all__} | {
        name: getattr(data_files, name) for name in data_files.__all__
    }
    for name, function in found.items():
        if inspect.isfunction(function):
            made = door(name, function, {**RIGHT_VALUES, **own.get(name, {})})
            if made.sound:
                yield made


def of_a_gate(folder: Path) -> Iterator[Door]:
    """The gate without a store, and the functions for its files."""
    listed: Any = EXAMPLES_OF[tb.DayList]
    list_file, journal = folder / "day.list", folder / "gate.journal"
    content = day_list_document(listed, SIGNER).content
    list_file.write_bytes(content)
    reading: dict[str, Any] = {"public_keys": SIGNER.public_keys, "accept_unsigned": False}
    opening = {"list_file": list_file, "journal": journal, "gate": "gate-1", "clock": MovableClock(START), **reading}
    gate = OfflineGate.open(**{**opening, "journal": folder / "another.journal"})
    yield door("OfflineGate.scan", gate.scan, {"code": "a code", "scan_id": None})
    yield Door("OfflineGate.open", lambda **given: OfflineGate.open(**given).close(), opening)
    yield door("day_list_document", day_list_document, {"listed": listed, "signer": SIGNER})
    yield door("read_day_list", read_day_list, {"content": content, **reading})
    yield door("read_journal", read_journal, {"path": journal})


def of_a_sealer(folder: Path) -> Iterator[Door]:
    """The sealer, its log and its witnesses."""
    SqliteStore(folder / "sealed.db").close()
    opening = {"url": f"sqlite:///{folder}/sealed.db", "log": folder / "log", "key": folder / "log.key"}
    yield Door("Sealer.open", lambda **given: tb.Sealer.open(**given).close(), {**opening, "witnesses": (folder,)})
    yield door("LogFolder", LogFolder, {"path": folder})
    yield Door("LogFolderWriter", lambda path: LogFolderWriter(path).close(), {"path": folder / "another log"})
    yield door("FolderWitness", FolderWitness, {"path": folder})
    yield door("HttpWitness", HttpWitness, {"url": "https://witness.example/", "timeout_seconds": 1.0})


def adapters(entrance: Entrance, folder: Path) -> Iterator[Door]:
    """The constructors of the shipped adapters, and the methods that a host or a gate calls."""
    store, clock, keys = entrance.store, entrance.clock, PseudonymKey(SECRET[:32])
    gate = entrance.with_parts(reset_channel=Silence())
    of_stores: dict[type, dict[str, Any]] = {ThreadedStore: {"store": MemoryStore()}}
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    code = entrance.code()
    known: dict[str, Any] = {
        **RIGHT_VALUES,
        "store": store,
        "clock": clock,
        "hasher": hasher,
        "pseudonym_key": keys,
        "rulebook": small_rulebook(),
        "identity": entrance.identity,
        "captcha": entrance.captcha,
        "sliding": False,
        "reset_channel": None,
        "secret": SECRET,
        "lifetime_minutes": 10,
        "iterations": 1,
        "most_tries": 1,
        "draw": lambda: "234567",
        "path": folder / "bookings.db",
        "busy_seconds": 1.0,
        "schema": None,
        "threads": 1,
        "conninfo": "postgresql://127.0.0.1:1/none",
        "wait_seconds": 1.0,
        "read_only": False,
        "cluster": False,
        "logger": None,
        "meter": None,
        "session": "browser",
        "device": "device",
        "purpose": "sign-in",
        "password": RIGHT,
        "new_password": RIGHT,
        "code": code,
        "answer": code,
        "reset_code": "123456",
        "challenge": entrance.gate.challenge(session="browser"),
        "within_seconds": 1.0,
        "token": "token",
        "typed": "234567",
        "user_name": "sara.q7",
        "text": "1448-06-11",
        "name": tb.UserName("sara.q7"),
        "ticket": EXAMPLES_OF[tb.Ticket],
        "observation": EXAMPLES_OF[tb.BatchObserved],
    }
    for kind in (tb.SignInGate, EmbeddedIdentity, AltchaCaptcha, ImageCaptcha, Address, LoggingObserver):
        yield door(kind.__name__, kind, known)
    yield door("OpenTelemetryObserver", OpenTelemetryObserver, known)
    for form in (HtmlTicket, PdfTicket):
        yield door(form.__name__, form, {"brand": TicketBrand()})
    yield door("TicketBrand", TicketBrand, {"name": tb.Bilingual("مكتب", "Office"), "colour": "#14532d"})
    yield door("IcsTicket", IcsTicket, {"alarm_minutes": 60})
    yield door("PseudonymKey", PseudonymKey, {"secret": SECRET[:32]})
    for opened in (SqliteStore, ThreadedStore):
        wanted = [name for name in parameters(opened) if name != "schema"]  # what adapter authors declare
        yield Door(
            opened.__name__, closing(opened), {**{name: known[name] for name in wanted}, **of_stores.get(opened, {})}
        )
    yield door("solve", solve, known)
    yield door("answer", answer, known)
    key_file = folder / "pseudonyms.key"
    yield door("PseudonymKey.from_file", PseudonymKey.from_file, {"path": key_file})
    yield door("PseudonymKey.make_file", PseudonymKey.make_file, {"path": key_file})
    signing_key = {"path": folder / "tickets.key"}
    yield door("SigningKeys.open", SigningKeys.open, signing_key)
    yield door("SigningKeys.rotate", SigningKeys.rotate, signing_key)
    yield door("read_public_keys", read_public_keys, signing_key)
    yield from of_a_gate(folder)
    yield from of_a_sealer(folder)
    for name, of in (
        ("gate", gate),
        ("identity", entrance.identity),
        ("altcha", entrance.captcha),
        ("image", ImageCaptcha(SECRET)),
        ("text ticket", TextTicket()),
        ("html ticket", HtmlTicket()),
        ("pdf ticket", PdfTicket()),
        ("ics ticket", IcsTicket()),
        ("qr-png ticket", QrPngTicket()),
        ("qr-svg ticket", QrSvgTicket()),
        ("log", LoggingObserver()),
        ("metrics", OpenTelemetryObserver()),
    ):
        yield from methods(of, f"{name}.", known)


class Silence:
    """A channel for reset codes that sends nothing."""

    def send(self, person: tb.PersonId, code: str, expires_at: datetime) -> None:
        """Nothing."""


def closing(opened: Callable[..., Any]) -> Callable[..., None]:
    """Opens a store and closes it."""

    def call(**given: Any) -> None:
        made = opened(**given)
        close = getattr(made, "_store", made).close
        close()

    return call
