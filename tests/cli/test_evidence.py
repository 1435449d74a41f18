"""`audit export` and `audit check`: evidence in the shell."""

import pytest

from tests.unit.test_evidence import sealed
from traffic_booking import BookingDesk, QuestionAsked
from traffic_booking.adapters.signing_keys import SigningKeys
from traffic_booking.adapters.sqlite import SqliteStore

BY = ("--auditor", "auditor-1")


@pytest.fixture
def export(shell, number, tmp_path):
    """Exports the evidence about an appointment to a new folder."""
    store = SqliteStore(tmp_path / "bookings.db")
    sealed(store, tmp_path, SigningKeys.open(tmp_path / "log.key"))
    store.close()

    def run(*more):
        paths = ("--log", f"{tmp_path / 'log'}", "--key", f"{tmp_path / 'log.key'}", "--out", f"{tmp_path / 'case'}")
        return shell("audit", "export", *(more or ("--number", number)), *paths, *BY)

    return run


def test_what_is_exported_is_checked_without_the_store(shell, export, tmp_path, monkeypatch):
    answer = export()
    assert answer.code == 0, answer.err
    assert "The evidence is written." in answer.out
    with BookingDesk.open(f"sqlite:///{tmp_path / 'bookings.db'}") as desk:
        assert [each.what.question for each in desk.feed().entries if isinstance(each.what, QuestionAsked)] == [
            "export"
        ]
    monkeypatch.setenv("TRAFFIC_BOOKING_DB", "sqlite:////nowhere/at/all.db")
    checking = ("audit", "check", f"{tmp_path / 'case'}", "--key", f"{tmp_path / 'log.key.pub'}")
    checked = shell(*checking)
    assert checked.code == 0, checked.out
    assert "The evidence holds." in checked.out
    assert "entries are in the log traffic-booking/test" in checked.out
    assert "الدليل صحيح" in shell(*checking, "--language", "ar").out
    (tmp_path / "case" / "README.txt").write_text("another text", encoding="utf-8")
    changed = shell(*checking)
    assert changed.code == 1
    assert "The file README.txt was changed." in changed.out
    form = shell(*checking, "--json").form
    assert (form["outcome"], len(form["faults"])) == ("does-not-hold", 1)


def test_a_time_is_exported_and_anything_else_is_misuse(shell, export, tmp_path):
    assert export("--from", "2020-01-01", "--until", "1500-01-01").code == 0
    assert export().code == 2  # the folder exists
    half = export("--from", "2020-01-01")
    assert (half.code, "--number, --from, --until" in half.err) == (2, True)
    assert shell("audit", "check", f"{tmp_path / 'none'}", "--key", f"{tmp_path / 'log.key.pub'}").code == 2
