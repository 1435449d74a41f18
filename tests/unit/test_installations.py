"""Installations: what a store was given, by whom and since when; digests and texts of what is installed."""

import asyncio
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from attrs import evolve

from tests.calendars import PLAIN
from tests.desks import open_desk
from tests.maintained import STORES, opened
from tests.people import ME
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import (
    BookingDesk,
    Clerk,
    Installed,
    InvalidInput,
    NotFound,
    NotInstalled,
    Rulebooks,
    StoreUnreadable,
    System,
    install,
    pending_installation,
    shipped_rulebooks,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.persistence import installation_records
from traffic_booking.persistence.schema import INSTALLED_TEXTS
from traffic_booking.ports.primitives import Delete, StoreChange
from traffic_booking.testing import MovableClock
from traffic_booking.testing.racing import at_once

OFFICE = Clerk("rules-office")
STRICTER = small_rulebook("test-2", BK_08={"appointments": 2})


class Counted:
    """A store that counts its round trips."""

    def __init__(self, store):
        self._store = store
        self.reads = self.commits = 0

    def read(self, queries):
        self.reads += 1
        return self._store.read(queries)

    def commit(self, changes):
        self.commits += 1
        return self._store.commit(changes)

    def __getattr__(self, name):
        return getattr(self._store, name)


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    with opened(request.param, tmp_path, lambda: request.getfixturevalue("postgres_url")) as made:
        yield made


def installs(store, *, at=START, reason="Circular 12", **parts):
    """Install the parts of a desk over `store`."""
    desk = open_desk(store=store, clock=MovableClock(at), **parts)
    return desk.maintenance.install(by=OFFICE, reason=reason)


def test_an_installation_has_who_when_why_and_what(store):
    installed = installs(store)

    assert installed == Installed(
        number=installed.number, at=START, actor=OFFICE, reason="Circular 12", **installed.digests
    )
    assert {len(each) for each in installed.digests.values()} == {43}
    desk = open_desk(store=store)
    assert desk.audit.installations()[-1] == installed
    assert [each.what for each in desk.feed().entries if isinstance(each.what, Installed)][-1] == installed
    assert desk.feed().entries[-1].number is None


def test_the_same_parts_are_installed_once(store):
    first = installs(store)
    before = len(open_desk(store=store).feed().entries)

    assert installs(store, at=START + timedelta(days=1), reason="again") == first
    assert len(open_desk(store=store).feed().entries) == before


def test_each_installation_follows_the_one_before(store):
    first = installs(store)
    second = installs(store, at=START + timedelta(days=1), rulebook=STRICTER)
    third = installs(store, at=START + timedelta(days=2), rulebook=STRICTER, catalogue=small_catalogue(capacity=2))

    assert [second.number, third.number] == [first.number + 1, first.number + 2]
    assert open_desk(store=store).audit.installations()[-3:] == (first, second, third)
    assert (second.catalogue, third.rulebook) == (first.catalogue, second.rulebook)
    assert first.rulebook != second.rulebook
    assert second.catalogue != third.catalogue


def test_an_auditor_reads_all_that_was_installed(store):
    installed = installs(store)
    audit = open_desk(store=store).audit

    (version,) = audit.installed_data(installed.rulebook)
    (rule,) = [each for each in version["rules"] if each["definition"]["id"] == "BK-07"]
    assert (version["version"], rule["figures"]) == ("test-1", {"appointments": 1})
    assert rule["statement"] == {
        "ar": small_rulebook()["BK-07"].statement.ar,
        "en": small_rulebook()["BK-07"].statement.en,
    }
    assert [each["id"] for each in audit.installed_data(installed.catalogue)["branches"]] == ["north", "south"]
    assert audit.installed_data(installed.calendar)["profile"]["id"] == PLAIN.profile.id


def test_decisions_are_explained_and_audited_under_a_version_that_was_replaced(store):
    installs(store)
    desk = open_desk(store=store, clock=MovableClock(START))
    free = desk.find_slots(service="renewal", branch="north", limit=1)[0]
    assert desk.book(free, applicant=ME, agreed=True, request_id="first")
    assert not desk.book(free, applicant=ME, agreed=True, request_id="again")
    before = desk.explain(request_id="again", by=ME)
    installs(store, at=START + timedelta(days=1), rulebook=STRICTER)

    later = open_desk(store=store, clock=MovableClock(START), rulebook=STRICTER)
    assert later.explain(request_id="again", by=ME) == before
    audited = later.audit.verify()
    assert (audited.broken, audited.unknown_versions, audited.answers) == ((), (), 2)


def test_a_digest_that_nothing_has_is_not_found(store):
    installs(store)
    audit = open_desk(store=store).audit

    with pytest.raises(NotFound, match="no installed part 'dddd"):
        audit.installed_data("d" * 43)
    strange: list[Any] = ["d", "d" * 44, "d/" * 21 + "d", "", 5]
    for wrong in strange:
        with pytest.raises(InvalidInput, match=r"^digest: got .*; expected a digest of 43 characters"):
            audit.installed_data(wrong)


def test_a_text_that_is_longer_than_a_record_has_several_parts(store, monkeypatch):
    monkeypatch.setattr(installation_records, "PART_CHARACTERS", 1_000)
    installed = installs(store)

    assert open_desk(store=store).audit.installed_data(installed.catalogue)["services"][0]["id"] == "renewal"


def test_a_text_with_a_missing_part_is_unreadable(store, monkeypatch):
    monkeypatch.setattr(installation_records, "PART_CHARACTERS", 1_000)
    installed = installs(store)
    lost = Delete(INSTALLED_TEXTS.name, installation_records.part_key(installed.catalogue, 2), 1)
    assert store.commit([StoreChange(deletes=(lost,))]) == [None]

    with pytest.raises(StoreUnreadable, match=r"installed_texts, .*: got another text, or none") as error:
        open_desk(store=store).audit.installed_data(installed.catalogue)
    assert error.value.collection == "installed_texts"


def test_two_installers_at_once_install_one_after_the_other(store):
    books = [small_rulebook(f"test-{number}") for number in range(2, 6)]
    found = at_once([partial(installs, store, rulebook=book) for book in books])

    listed = open_desk(store=store).audit.installations()
    assert [each.number for each in listed] == list(range(1, len(listed) + 1))
    assert {each.rulebook for each in found} <= {each.rulebook for each in listed}


@pytest.mark.parametrize(
    ("other", "place", "new", "old"),
    [
        (small_rulebook(BK_07={"appointments": 3}), r"rules\[BK-07\].figures.appointments", "3", "1"),
        (
            evolve(small_rulebook(), rules=tuple(evolve(each, source="another") for each in small_rulebook().rules)),
            r"rules\[BK-01\].source.ar",
            "another",
            "made up for tests",
        ),
        (
            evolve(
                small_rulebook(),
                rules=(
                    *small_rulebook().rules[:-1],
                    evolve(small_rulebook().rules[-1], in_force_from=date(2026, 1, 1)),
                ),
            ),
            r"rules\[\S+\].in_force_from",
            "2026-01-01",
            "2020-01-01",
        ),
    ],
    ids=["figure", "source", "day"],
)
def test_a_version_with_the_name_of_another_is_refused(store, other, place, new, old):
    installs(store)
    installs(store, rulebook=STRICTER)  # no longer in use, and still known
    message = rf"^rulebook: got version test-1 in which {place} is {new}; expected {old}, as installed; other figures"

    with pytest.raises(InvalidInput, match=message):
        installs(store, rulebook=other)
    assert len([each for each in open_desk(store=store).audit.installations() if each.actor == OFFICE]) == 2


def test_a_version_may_end_when_another_follows(store):
    book = evolve(small_rulebook(), in_force_from=date(2026, 1, 1))
    installs(store, rulebook=book)
    both = Rulebooks(
        (evolve(book, in_force_until=date(2027, 1, 1)), evolve(small_rulebook("2027"), in_force_from=date(2027, 1, 1)))
    )

    installed = installs(store, rulebook=both)

    listed = open_desk(store=store).audit.installed_data(installed.rulebook)
    assert [(each["version"], each["in_force_until"]) for each in listed] == [("test-1", "2027-01-01"), ("2027", None)]


def test_another_wording_of_the_library_is_installed_under_the_same_name(store):
    installs(store)
    rule, *others = small_rulebook().rules
    definition = evolve(rule.definition, statement=evolve(rule.definition.statement, en="Another sentence."))
    reworded = evolve(small_rulebook(), rules=(evolve(rule, definition=definition), *others))

    assert installs(store, rulebook=reworded).reason == "Circular 12"


@pytest.mark.parametrize("by", [Clerk("desk-1", branches=["north"]), "desk-1", None])
def test_only_staff_of_all_branches_installs(by):
    with pytest.raises(InvalidInput, match=r"^actor: "):
        open_desk().maintenance.install(by=by, reason="Circular 12")


@pytest.mark.parametrize("reason", ["", "x" * 401, None])
def test_an_installation_has_a_reason(reason):
    with pytest.raises(InvalidInput, match=r"^reason: "):
        open_desk().maintenance.install(by=System(), reason=reason)


def test_pending_changes_are_listed_and_nothing_is_written(store):
    assert open_desk(store=store).maintenance.pending_installation().parts == ("rulebook", "catalogue", "calendar")
    installed = installs(store)
    before = open_desk(store=store).feed()

    pending = open_desk(store=store, rulebook=STRICTER, catalogue=small_catalogue(capacity=2)).maintenance
    found = pending.pending_installation()

    assert (found.installed, found.parts, bool(found)) == (installed, ("rulebook", "catalogue"), True)
    assert "rulebook: [test-2]: got " in found.differences[0]
    capacity = "catalogue: timetables[full].offers[0].shifts[0].capacity: got 2; installed 1"
    assert capacity in found.differences
    assert found.rulebook is not None
    assert [each.rule_id for each in found.rulebook.rules] == ["BK-08"]
    assert not open_desk(store=store).maintenance.pending_installation()
    assert open_desk(store=store).feed() == before


def test_a_store_is_given_its_parts_by_its_url(tmp_path):
    url = f"sqlite:///{tmp_path}/bookings.db"
    parts: dict[str, Any] = {"catalogue": small_catalogue(), "calendar": PLAIN}
    first = install(url, rulebook=small_rulebook(), by=OFFICE, reason="Circular 12", **parts)
    second = install(url, rulebook=STRICTER, installed=True, by=OFFICE, reason="Circular 13", clock=MovableClock(START))

    assert (second.number, second.at, second.actor, second.reason) == (2, START, OFFICE, "Circular 13")
    assert (second.catalogue, second.calendar) == (first.catalogue, first.calendar)
    assert not pending_installation(url, installed=True)
    assert pending_installation(url, rulebook=STRICTER, **parts).parts == ()
    assert pending_installation(url).parts == ("rulebook", "catalogue", "calendar")


def test_a_store_in_memory_is_installed_through_its_desk_alone():
    for call in (pending_installation, partial(install, by=OFFICE, reason="none")):
        with pytest.raises(InvalidInput, match=r"^store URL: got scheme 'memory'; expected a store that is kept"):
            call("memory://")


def test_a_desk_is_opened_with_the_installed_parts(tmp_path):
    url = f"sqlite:///{tmp_path}/bookings.db"
    with BookingDesk.open(url, installed=True) as desk:  # nothing is installed: the shipped parts
        assert desk.rulebooks == shipped_rulebooks()
    install(url, rulebook=STRICTER, catalogue=small_catalogue(), calendar=PLAIN, by=OFFICE, reason="Circular 12")

    for read_only in (False, True):
        with BookingDesk.open(url, read_only=read_only, installed=not read_only) as desk:
            assert (desk.rulebook, desk.catalogue) == (STRICTER, small_catalogue())
    with BookingDesk.open(url, read_only=True, rulebook=small_rulebook()) as desk:
        assert (desk.rulebook, desk.catalogue) == (small_rulebook(), small_catalogue())


def test_a_task_opens_a_desk_with_the_installed_parts(tmp_path):
    from traffic_booking import AsyncBookingDesk

    url = f"sqlite:///{tmp_path}/bookings.db"
    install(url, rulebook=STRICTER, catalogue=small_catalogue(), calendar=PLAIN, by=OFFICE, reason="Circular 12")

    async def opened_with():
        async with await AsyncBookingDesk.open(url, installed=True) as desk:
            return desk.rulebook, desk.catalogue, (await desk.audit.installations())[-1].reason

    assert asyncio.run(opened_with()) == (STRICTER, small_catalogue(), "Circular 12")


def test_a_store_of_another_release_is_opened_with_parts_that_are_given(tmp_path, monkeypatch):
    from traffic_booking.persistence import content_codec

    url = f"sqlite:///{tmp_path}/bookings.db"
    parts: dict[str, Any] = {"rulebook": small_rulebook(), "catalogue": small_catalogue(), "calendar": PLAIN}
    install(url, **parts, by=OFFICE, reason="Circular 12")
    monkeypatch.setattr(content_codec, "_KNOWN", {})

    with pytest.raises(InvalidInput, match=r"^rulebook: got an installed text that can't be read \(KeyError\)"):
        BookingDesk.open(url, installed=True)
    assert pending_installation(url, **parts | {"rulebook": STRICTER}).rulebook is None
    BookingDesk.open(url, **parts).close()
    BookingDesk.open(url, read_only=True, rulebook=small_rulebook()).close()


def test_the_store_in_memory_keeps_installations_too():
    store = MemoryStore()
    installs(store)

    assert open_desk(store=store).audit.installations()[-1].actor == OFFICE


def opens(url, **parts):
    """Open and close a desk of the small town, with other parts if some are given."""
    usual: dict[str, Any] = {"rulebook": small_rulebook(), "catalogue": small_catalogue(), "calendar": PLAIN}
    with BookingDesk.open(url, **usual | parts) as desk:
        return desk.audit.installations()


def test_the_first_desk_on_an_empty_store_installs_its_own_parts(tmp_path):
    url = f"sqlite:///{tmp_path}/bookings.db"

    (installed,) = opens(url, clock=MovableClock(START))

    assert (installed.number, installed.at, installed.actor) == (1, START, System())
    assert installed.reason == "the first desk on the store"
    assert opens(url) == (installed,)


@pytest.mark.parametrize(
    ("parts", "names", "message"),
    [
        (
            {"rulebook": small_rulebook(BK_07={"appointments": 3})},
            ("rulebook",),
            r"^rulebook: .* \[test-1\].rules\[BK-07\].figures.appointments is 3; expected 1, as installed since 2026-",
        ),
        ({"rulebook": STRICTER}, ("rulebook",), r"^rulebook: got another one than the installed: \[test-2\] is "),
        (
            {"catalogue": small_catalogue(capacity=2)},
            ("catalogue",),
            r"^catalogue: .* timetables\[full\].offers\[0\].shifts\[0\].capacity is 2; expected 1, as installed",
        ),
        (
            {"calendar": evolve(PLAIN, rules=tuple(evolve(each, source="another") for each in PLAIN.rules))},
            ("calendar",),
            r"^working calendar: .* rules\[[a-z.-]+\].source is another; expected ",
        ),
        (
            {"rulebook": STRICTER, "catalogue": small_catalogue(capacity=2)},
            ("rulebook", "catalogue"),
            r"^rulebook: got another one",
        ),
    ],
    ids=["figure", "version", "catalogue", "calendar", "two"],
)
def test_a_desk_with_other_parts_is_refused_until_they_are_installed(tmp_path, parts, names, message):
    url = f"sqlite:///{tmp_path}/bookings.db"
    opens(url, clock=MovableClock(START))

    with pytest.raises(NotInstalled, match=message) as error:
        opens(url, **parts)
    assert error.value.parts == names
    assert "traffic-booking install" in error.value.message("en")
    assert "installed=True" in error.value.message("ar")
    assert len(opens(url)) == 1


def test_after_an_installation_the_former_parts_are_refused_and_open_desks_go_on(tmp_path):
    url = f"sqlite:///{tmp_path}/bookings.db"
    usual: dict[str, Any] = {"catalogue": small_catalogue(), "calendar": PLAIN}
    with BookingDesk.open(url, rulebook=small_rulebook(), **usual) as desk:
        install(url, rulebook=STRICTER, **usual, by=OFFICE, reason="Circular 12")
        assert desk.rulebook == small_rulebook()
        desk.check_key()  # was compared when it was opened
    with pytest.raises(NotInstalled):
        opens(url)
    assert len(opens(url, rulebook=STRICTER)) == 2


def test_a_task_is_refused_other_parts(tmp_path):
    from traffic_booking import AsyncBookingDesk

    url = f"sqlite:///{tmp_path}/bookings.db"
    opens(url)

    with pytest.raises(NotInstalled):
        asyncio.run(AsyncBookingDesk.open(url, rulebook=STRICTER, catalogue=small_catalogue(), calendar=PLAIN))


def test_a_desk_that_is_made_of_its_parts_compares_them_if_it_is_asked_to(store):
    open_desk(store=store).check_key()

    with pytest.raises(NotInstalled):
        open_desk(store=store, rulebook=STRICTER).check_key()
    stricter = open_desk(store=store, rulebook=STRICTER)
    stricter.maintenance.install(by=OFFICE, reason="Circular 12")
    stricter.check_key()


def test_two_first_desks_at_once_make_one_installation(store):
    at_once([open_desk(store=store).check_key for _ in range(4)])

    assert len(open_desk(store=store).audit.installations()) == 1


def test_an_opening_takes_as_many_round_trips_as_before(tmp_path):
    counted = Counted(MemoryStore())
    open_desk(store=counted).check_key()
    assert (counted.reads, counted.commits) == (2, 1)
    open_desk(store=counted).check_key()
    assert (counted.reads, counted.commits) == (3, 1)
