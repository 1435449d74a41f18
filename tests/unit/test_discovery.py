"""Adapters are found by entry points: the shipped ones, and those of a package that is installed beside the library."""

import asyncio
import sys
import tomllib
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.bookings import slot
from tests.people import ME
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import (
    AsyncBookingDesk,
    Booked,
    BookingDesk,
    InvalidInput,
    MissingExtra,
    StoreUnavailable,
    captcha_factory,
    discovery,
    identity_factory,
    migrate,
    notifier_factory,
)
from traffic_booking.adapters.altcha import AltchaCaptcha
from traffic_booking.adapters.embedded_identity import EmbeddedIdentity
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.threaded import ThreadedStore
from traffic_booking.testing import MovableClock

ADAPTERS = """
    from traffic_booking import InvalidInput, MissingExtra, StoreUnavailable
    from traffic_booking.adapters.memory import MemoryStore
    from traffic_booking.adapters.threaded import ThreadedStore

    opened = []

    def open_store(url):
        opened.append(url)
        return MemoryStore()

    def open_async_store(url):
        opened.append(url)
        return ThreadedStore(MemoryStore())

    def unreachable(url):
        raise StoreUnavailable("cloud: got no reply; expected one")

    def nothing(url):
        return None

    class Half:
        def __init__(self, url):
            self.commit = self.close = print

    def needs_more(url):
        raise MissingExtra("the cloud's store", "cloud")

    class Badge:
        def render(self, ticket, language):
            return f"badge {ticket.appointment.number}"

    class Captcha:
        def __init__(self, colour):
            self.colour = colour

    number = 7
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Installs a package with these entry points, a mapping of groups to names and objects, as pip leaves it."""
    monkeypatch.syspath_prepend(str(tmp_path))
    modules = []

    def installed(groups, package="cloud-store"):
        module = package.replace("-", "_")
        (tmp_path / f"{module}.py").write_text(dedent(ADAPTERS), encoding="utf-8")
        folder = tmp_path / f"{module}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", encoding="utf-8")
        lines = []
        for group, names in groups.items():
            lines.append(f"[{group}]")
            lines += [f"{name} = {target if ':' in target else f'{module}:{target}'}" for name, target in names.items()]
        (folder / "entry_points.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        modules.append(module)
        return module

    yield installed
    for module in modules:
        sys.modules.pop(module, None)


def test_the_shipped_adapters_are_declared_as_any_other_package_declares_its_own():
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"] == {group: dict(names) for group, names in discovery.SHIPPED.items() if names}


@pytest.mark.parametrize(
    ("group", "name"), [(group, name) for group, names in discovery.SHIPPED.items() for name in names]
)
def test_every_shipped_adapter_is_there(group, name):
    assert callable(discovery.find(group, name))


def test_a_package_adds_a_url_scheme_by_being_installed(install):
    install({"traffic_booking.stores": {"cloud": "open_store"}})
    parts: dict[str, Any] = {"clock": MovableClock(START), "catalogue": small_catalogue(), "rulebook": small_rulebook()}
    with BookingDesk.open("Cloud://here/and?there=1", **parts) as desk:
        assert isinstance(desk.book(slot(25), applicant=ME, agreed=True, request_id="b"), Booked)
    import cloud_store  # type: ignore[import-not-found] # the test has written it

    assert cloud_store.opened == ["cloud://here/and?there=1"]


def test_a_store_of_a_package_that_does_not_take_read_only_is_not_opened_for_reading_alone(install):
    install(
        {"traffic_booking.stores": {"cloud": "open_store"}, "traffic_booking.async_stores": {"far": "open_async_store"}}
    )
    with pytest.raises(InvalidInput, match="store of cloud://: got a store without read_only; expected one that takes"):
        BookingDesk.open("cloud://here", read_only=True)
    for url in ("cloud://here", "far://here"):
        with pytest.raises(InvalidInput, match="got a store without read_only"):
            asyncio.run(AsyncBookingDesk.open(url, read_only=True))
    import cloud_store  # type: ignore[import-not-found,unused-ignore] # the test has written it

    assert cloud_store.opened == []


def open_async(url):
    async def work():
        async with await AsyncBookingDesk.open(url) as desk:
            return desk.store

    return asyncio.run(work())


def test_an_asyncio_desk_opens_the_asynchronous_store_of_a_package_or_calls_the_other_in_threads(install):
    install({"traffic_booking.stores": {"cloud": "open_store"}})
    threaded = open_async("cloud://")
    assert isinstance(threaded, ThreadedStore)
    install(
        {
            "traffic_booking.stores": {"sky": "open_store"},
            "traffic_booking.async_stores": {"sky": "open_async_store", "only": "open_async_store"},
        },
        "sky-store",
    )
    open_async("sky://here")
    import sky_store  # type: ignore[import-not-found] # the test has written it

    assert sky_store.opened == ["sky://here"]
    open_async("only://")
    with pytest.raises(InvalidInput, match="open it with AsyncBookingDesk"):
        BookingDesk.open("only://")


def test_an_unknown_scheme_lists_the_known_ones_and_the_way_to_add_one(install):
    install({"traffic_booking.stores": {"cloud": "open_store", "sky": "open_store"}})
    for attempt in (BookingDesk.open, open_async):
        with pytest.raises(InvalidInput) as caught:
            attempt("redis://clerk:secret@localhost")
        assert "got scheme 'redis'" in str(caught.value)
        for known in ("memory://", "sqlite:///PATH", "postgresql://", "cloud://…", "sky://…", "install a package"):
            assert known in str(caught.value)
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", [None, 7, b"memory://", Path("bookings.db"), "cloud", "1cloud://", "cl oud://", "://x"])
def test_what_is_no_url_is_refused_before_packages_are_searched(url, monkeypatch):
    monkeypatch.setattr(discovery, "_installed", lambda _group: pytest.fail("searched"))
    for attempt in (BookingDesk.open, open_async, migrate):
        with pytest.raises(InvalidInput, match=r"^store URL: got"):
            attempt(url)


@pytest.mark.parametrize("url", ["memory://", "sqlite:///bookings.db"])
def test_a_shipped_scheme_is_opened_without_a_search_of_the_installed_packages(url, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(discovery, "_installed", lambda _group: pytest.fail("searched"))
    desk: Any
    with BookingDesk.open(url) as desk:
        slots = desk.find_slots(service="licence-renewal", limit=1)
        booked = desk.book(slots[0], applicant=ME, agreed=True, request_id="b")
        for form in ("text", "html"):
            assert desk.ticket(booked.appointment.number, by=ME, form=form)
    open_async(url)


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ("traffic_booking.stores", "sqlite"),
        ("traffic_booking.stores", "SQLite"),
        ("traffic_booking.async_stores", "postgresql"),
        ("traffic_booking.async_stores", "memory"),
    ],
)
def test_another_package_cannot_take_a_shipped_name(group, name, install):
    install({group: {name: "open_store"}})
    assert isinstance(open_store_of("memory://"), MemoryStore)
    with pytest.raises(InvalidInput, match=rf"got {name.lower()} of the package cloud-store; expected another name"):
        open_async("cloud://")


def open_store_of(url):
    with BookingDesk.open(url) as desk:
        return desk.store


def test_the_same_name_of_two_packages_is_an_error_that_names_both(install):
    install({"traffic_booking.stores": {"cloud": "open_store"}})
    install({"traffic_booking.stores": {"CLOUD": "open_store"}}, "other-store")
    with pytest.raises(InvalidInput, match="got cloud in the packages cloud-store, other-store; expected one package"):
        BookingDesk.open("cloud://")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("absent", "got AttributeError when it is imported"),
        ("no_such_module:open_store", "got ModuleNotFoundError when it is imported"),
        ("number", "got a int"),
    ],
)
def test_a_broken_entry_point_names_itself_and_its_package(target, message, install):
    install({"traffic_booking.stores": {"cloud": target}})
    with pytest.raises(InvalidInput, match=message) as caught:
        BookingDesk.open("cloud://")
    assert "entry point traffic_booking.stores: cloud" in str(caught.value)
    assert "cloud-store" in str(caught.value)


def test_an_entry_point_that_is_no_reference_is_an_error_of_its_group(install):
    """Some releases of `importlib_metadata` refuse it as they list the entry points, others as they load it."""
    install({"traffic_booking.stores": {"cloud": "not a reference:!"}})
    with pytest.raises(InvalidInput, match=r"^entry point traffic_booking\.stores"):
        BookingDesk.open("cloud://")


@pytest.mark.parametrize(
    ("target", "missing"),
    [("nothing", "NoneType without commit, read, feed, close"), ("Half", "Half without read, feed")],
)
def test_an_entry_point_that_returns_no_store_is_an_error(target, missing, install):
    install({"traffic_booking.stores": {"cloud": target}})
    with pytest.raises(InvalidInput, match=f"store of cloud://: got a {missing}; expected"):
        BookingDesk.open("cloud://")


def test_metadata_that_cannot_be_read_is_an_error_of_ours(install, tmp_path):
    install({"traffic_booking.stores": {"cloud": "open_store"}})
    (tmp_path / "cloud_store-1.0.dist-info" / "entry_points.txt").write_text("[traffic_booking.stores]\nno sign\n")
    with pytest.raises(InvalidInput, match="from the metadata of the installed packages"):
        BookingDesk.open("cloud://")


@pytest.mark.parametrize(("target", "error"), [("unreachable", StoreUnavailable), ("needs_more", MissingExtra)])
def test_errors_of_the_package_reach_the_host_as_they_are(target, error, install):
    install({"traffic_booking.stores": {"cloud": target}})
    with pytest.raises(error, match="cloud"):
        BookingDesk.open("cloud://")


def test_a_package_adds_a_form_of_ticket(install):
    desk: Any = BookingDesk.open("memory://")
    booked = desk.book(
        desk.find_slots(service="licence-renewal", limit=1)[0], applicant=ME, agreed=True, request_id="b"
    )
    number = booked.appointment.number
    with pytest.raises(InvalidInput, match="form: got 'badge'; expected html or ics or"):
        desk.ticket(number, by=ME, form="badge")
    install({"traffic_booking.tickets": {"badge": "Badge"}})
    assert str(desk.ticket(number, by=ME, form="badge")) == f"badge {number}"
    with pytest.raises(InvalidInput, match="expected badge or html or"):
        desk.ticket(number, by=ME, form="poster")


@pytest.mark.parametrize("form", [None, 7, [], {}, "TEXT", "x" * 1000])
def test_a_form_that_is_none_is_refused(form):
    desk: Any = BookingDesk.open("memory://")
    booked = desk.book(
        desk.find_slots(service="licence-renewal", limit=1)[0], applicant=ME, agreed=True, request_id="b"
    )
    with pytest.raises(InvalidInput, match=r"^form: got .{1,60}; expected"):
        desk.ticket(booked.appointment.number, by=ME, form=form)


def test_captchas_identities_and_notifiers_are_found_by_name(install):
    assert captcha_factory("altcha") is AltchaCaptcha
    assert identity_factory("embedded") is EmbeddedIdentity
    install(
        {
            "traffic_booking.captchas": {"picture": "Captcha"},
            "traffic_booking.identities": {"national": "Captcha"},
            "traffic_booking.notifiers": {"sms": "Captcha"},
        }
    )
    for factory, name in ((captcha_factory, "picture"), (identity_factory, "national"), (notifier_factory, "sms")):
        made: Any = factory(name)("green")
        assert made.colour == "green"


@pytest.mark.parametrize(
    ("factory", "known"),
    [(captcha_factory, "altcha"), (identity_factory, "embedded"), (notifier_factory, "none: install a package")],
)
@pytest.mark.parametrize("name", ["unknown", "", None, 7])
def test_an_unknown_name_lists_the_known_ones(factory, known, name):
    with pytest.raises(InvalidInput, match=f"expected .*{known}"):
        factory(name)


def test_a_store_of_another_package_has_migrations_of_its_own(install):
    install({"traffic_booking.stores": {"cloud": "open_store"}})
    with pytest.raises(InvalidInput, match="got scheme 'cloud'; expected a store with a schema"):
        migrate("cloud://")
