"""`maintain`: removing old records, erasing a person, changing the key; and a request that is throttled."""

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from shutil import copyfile
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.bookings import number as number_of
from tests.cli.conftest import CANARY
from traffic_booking import BookingDesk, shipped_retention
from traffic_booking.adapters.pseudonyms import PseudonymKey
from traffic_booking.testing import MovableClock

CLERK = ("--clerk", "desk-1")
ERASE = ("erase", "--yes", "--reason", "form 17")
NONE = dict.fromkeys(shipped_retention().periods, 0)


@pytest.fixture
def later(monkeypatch):
    """Moves the clocks of all desks that the shell opens."""
    opened = BookingDesk.open

    def move(by):
        clock = MovableClock(datetime.now(UTC) + by)
        monkeypatch.setattr(BookingDesk, "open", lambda url, **named: opened(url, clock=clock, **named))

    return move


@pytest.fixture
def keys(tmp_path):
    """Two key files."""
    paths = [str(tmp_path / name) for name in ("first.key", "second.key")]
    for path in paths:
        PseudonymKey.make_file(path)
    return paths


def refused(shell, slot, times):
    return [shell("book", *slot, "--request-id", f"refused-{place}", "--json") for place in range(times)]


def test_old_records_are_removed_and_counted(shell, slot, later):
    refused(shell, slot, 2)
    assert shell("maintain", "prune", *CLERK, "--json").form == {"outcome": "pruned", "removed": NONE}
    later(timedelta(days=182))
    reply = shell("maintain", "prune", *CLERK, "--json")
    assert (reply.code, reply.form["removed"]) == (0, NONE | {"refusals": 2})
    assert "refused requests" in shell("maintain", "prune", *CLERK).out
    assert "الطلبات المرفوضة" in shell("maintain", "prune", *CLERK, "--language", "ar").out


def test_the_periods_may_come_from_a_file(shell, slot, later, tmp_path):
    refused(shell, slot, 1)
    shipped = (files("traffic_booking") / "data" / "retention.toml").read_text(encoding="utf-8")
    (tmp_path / "ours.toml").write_text(shipped.replace("days = 180", "days = 5"), encoding="utf-8")
    later(timedelta(days=7))
    assert shell("maintain", "prune", *CLERK, "--json").form["removed"] == NONE
    reply = shell("maintain", "prune", *CLERK, "--retention", str(tmp_path / "ours.toml"), "--json")
    assert reply.form["removed"] == NONE | {"refusals": 1}
    missing = shell("maintain", "prune", *CLERK, "--retention", str(tmp_path / "none.toml"))
    assert missing.code == 2
    assert "Retention: 1 fault." in missing.err
    assert "expected a TOML file" in missing.err


def test_a_person_is_erased_once_that_is_confirmed(shell, slot):
    number = shell("book", *slot, "--agree", "--json").form["appointment"]["number"]
    erase = ("maintain", "erase", *CLERK, "--reason", "form 17")
    question = shell(*erase, "--json")
    assert (question.code, question.form) == (
        0,
        {"outcome": "not-confirmed", "applicant": str(CANARY), "active": [number]},
    )
    preview = shell(*erase).out
    assert "add --yes" in preview
    assert number in preview
    assert shell("show", number).code == 0
    reply = shell(*erase, "--yes", "--request-id", "e", "--json")
    assert (reply.code, reply.form["outcome"], reply.form["cancelled"]) == (0, "erased", [number])
    assert reply.form["overwritten"] is True
    assert shell(*erase, "--yes", "--request-id", "e", "--json").form == reply.form
    assert shell("show", number).code == 2
    assert f"The person is erased. Cancelled first: {number}." in shell(*erase, "--yes", "--request-id", "e").out
    again = shell(*erase, "--yes", "--json")
    assert (again.code, again.form["outcome"], again.form["subject"]) == (0, "unknown", None)
    assert "لا أحد مسجل" in shell(*erase, "--yes", "--language", "ar").out


def test_a_reason_that_names_the_person_is_misuse(shell):
    reply = shell("maintain", "erase", *CLERK, "--yes", "--reason", f"id {CANARY.reveal()}")
    assert reply.code == 2
    assert CANARY.reveal() not in reply.err + reply.out


def test_a_restored_store_goes_on_with_its_log(shell, slot, tmp_path, monkeypatch):
    db, copy = tmp_path / "restored.db", tmp_path / "copy.db"
    monkeypatch.setenv("TRAFFIC_BOOKING_DB", f"sqlite:///{db}")
    log = ("--log", str(tmp_path / "log"))
    seal, public = ("seal", *log, "--key", str(tmp_path / "log.key")), str(tmp_path / "log.key.pub")
    assert shell("book", *slot, "--agree").code == 0
    copyfile(db, copy)
    assert shell("maintain", *ERASE, *CLERK).code == 0
    assert shell(*seal).code == 0
    for each in tmp_path.glob("restored.db*"):
        each.unlink()
    copyfile(copy, db)
    refused = shell(*seal)
    assert (refused.code, "after a restore, the steps" in refused.err) == (3, True)
    assert "After a restore: `maintain after-restore`, then `seal`" in shell("audit", *log, "--key", public).out
    after = ("maintain", "after-restore", *log, "--key", public, *CLERK)
    reply = shell(*after, "--request-id", "after", "--json")
    assert (reply.code, reply.form["outcome"], len(reply.form["erased"])) == (0, "restored", 1)
    assert shell(*after, "--request-id", "after", "--json").form == reply.form
    assert CANARY.reveal().encode() not in db.read_bytes()
    assert shell(*seal).code == 0
    audit = shell("audit", *log, "--key", public)
    assert audit.code == 0
    assert "entries lost" in audit.out
    at = datetime.fromisoformat(reply.form["restored"]["at"]).astimezone(ZoneInfo("Asia/Riyadh"))
    assert f"\n{at:%Y-%m-%d %H:%M:%S}  " in audit.out, "as all times: those of Riyadh"
    assert "The store has every entry of its sealed log." in shell(*after).out


def test_the_key_is_changed_from_none_to_one_to_another_and_back(shell, slot, keys):
    first, second = keys
    assert shell("book", *slot, "--agree").code == 0

    def appointments(*given):
        return shell("appointments", *given, "--json").code

    reply = shell("maintain", "rekey", *CLERK, "--pseudonym-key", first, "--from-clear", "--json")
    assert (reply.code, reply.form) == (0, {"outcome": "rekeyed", "written": 1})
    assert (appointments(), appointments("--pseudonym-key", first)) == (2, 0)
    both = ("--pseudonym-key", second, "--pseudonym-key", first)
    assert "The pseudonym key is changed." in shell("maintain", "rekey", *CLERK, *both).out
    assert (appointments("--pseudonym-key", first), appointments("--pseudonym-key", second)) == (2, 0)
    assert shell("maintain", "rekey", *CLERK, "--pseudonym-key", second, "--to-clear").code == 0
    assert (appointments("--pseudonym-key", second), appointments()) == (2, 0)


@pytest.mark.parametrize(
    ("given", "flags"),
    [(0, ()), (0, ("--from-clear",)), (1, ()), (1, ("--from-clear", "--to-clear")), (2, ("--from-clear",))],
)
def test_a_change_needs_the_new_key_and_the_one_so_far(shell, keys, given, flags):
    files_given = [part for path in keys[:given] for part in ("--pseudonym-key", path)]
    reply = shell("maintain", "rekey", *CLERK, *files_given, *flags)
    assert reply.code == 2
    assert f"--pseudonym-key is not accepted: {given} key{'s' * (given != 1)}" in reply.err


def test_a_change_without_the_new_key_first_reports_that_no_record_was_written(shell, slot, keys):
    first, second = keys
    order = "If this is not the new key, give the new one first."
    rekey = ("maintain", "rekey", *CLERK)
    assert shell("book", *slot, "--agree").code == 0
    assert shell(*rekey, "--pseudonym-key", first, "--from-clear", "--json").form["written"] == 1
    swapped = (*rekey, "--pseudonym-key", first, "--pseudonym-key", second)
    reply = shell(*swapped)
    assert "all ids are under the first key already" in reply.out
    assert order in reply.out
    assert "مكتوبة بالمفتاح الأول" in shell(*swapped, "--language", "ar").out
    assert shell(*swapped, "--json").form == {"outcome": "already-written", "written": 0}
    assert order not in shell(*rekey, "--pseudonym-key", first, "--from-clear").out
    both = (*rekey, "--pseudonym-key", second, "--pseudonym-key", first)
    assert shell(*both, "--json").form == {"outcome": "rekeyed", "written": 1}
    assert shell(*swapped, "--json").form["written"] == 1, "the order swapped after a change goes back"
    to_clear = (*rekey, "--pseudonym-key", first, "--to-clear")
    assert shell(*to_clear, "--json").form["written"] == 1
    assert "all ids are in clear already" in shell(*to_clear).out


def test_a_key_file_is_made_once_and_opens_a_store(shell, slot, tmp_path):
    file = str(tmp_path / "new.key")
    reply = shell("maintain", "key", file, "--json")
    assert (reply.code, reply.form) == (0, {"outcome": "made", "file": file})
    assert shell("book", *slot, "--agree", "--pseudonym-key", file, "--db", f"sqlite:///{tmp_path / 'a.db'}").code == 0
    again = shell("maintain", "key", file)
    assert (again.code, again.err.count("\n")) == (2, 1)
    assert f"Pseudonym key file is not accepted: {file}: File exists. Expected: a new file" in again.err
    assert f"Key written to {tmp_path}" in " ".join(shell("maintain", "key", str(tmp_path / "en.key")).out.split())
    assert "كُتب المفتاح في" in shell("maintain", "key", str(tmp_path / "ar.key"), "--language", "ar").out


@pytest.mark.parametrize(
    "command", [("prune",), ("erase", "--yes", "--reason", "form 17"), ("rekey",)], ids=lambda words: words[0]
)
@pytest.mark.parametrize("clerk", [(), ("--clerk", "Not A Slug"), ("--clerk", f"desk-{CANARY.reveal()}")])
def test_each_names_the_clerk(shell, command, clerk):
    assert shell("maintain", *command, *clerk).code == 2


def test_a_throttled_request_is_refused_for_now_in_both_languages(shell, slot, monkeypatch):
    """Each command opens a desk of its own, without earlier refusals: here all of them share one."""
    throttle: dict[str, Any] = {}
    opened = BookingDesk.open

    def open_(url, **named):
        desk = opened(url, **named)
        desk._office.throttle = throttle.setdefault("shared", desk._office.throttle)
        return desk

    monkeypatch.setattr(BookingDesk, "open", open_)
    most = shipped_retention().refusals_per_minute
    assert [reply.code for reply in refused(shell, slot, most)] == [1] * most
    reply = shell("book", *slot, "--request-id", "throttled", "--json")
    assert reply.code == 1
    assert reply.form.keys() == {"outcome", "request_id", "allowed_from"}
    assert (reply.form["outcome"], reply.form["request_id"]) == ("throttled", "throttled")
    assert datetime.fromisoformat(reply.form["allowed_from"]) > datetime.now(UTC)
    for language, sentence in (("en", "Try again in a moment."), ("ar", "أعد المحاولة بعد قليل.")):
        throttled = shell("book", *slot, "--request-id", "throttled", "--language", language)
        assert throttled.code == 1
        assert sentence in throttled.out
    unknown = number_of(1)
    for command in (
        ("hold", *slot[:-1], f"{slot[-1][:-2]}01"),
        ("cancel", unknown, "--yes"),
    ):
        assert shell(*command, "--json").form["outcome"] == "throttled"
    assert shell("book", *slot, "--agree", "--json").form["outcome"] == "booked"
