"""The demo passes on SQLite, and names the step in which a store breaks a guarantee."""

import json
from pathlib import Path

import pytest

from tests.postgres_server import ask
from tests.tickets_signed import SIGNER
from tests.unsound_stores import without
from traffic_booking import AppointmentCancelled, BookingDesk, DeskParts, HoldReleased
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.cli.demo.run import START, demonstrate
from traffic_booking.cli.options import Options
from traffic_booking.persistence.event_codec import EVENT_TAGS
from traffic_booking.persistence.schema import ANSWERS
from traffic_booking.testing import MovableClock

ROWS = [*(f"J-{row:02d}" for row in range(3, 19)), *(f"C-{row:02d}" for row in range(2, 11))]


class KeepsSeats(MemoryStore):
    """A broken store: it gives no seat back in changes with this kind of event."""

    def __init__(self, kind):
        super().__init__()
        self._kind = kind

    def commit(self, changes):
        return super().commit([self._without_seats(change) for change in changes])

    def _without_seats(self, change):
        if any(entry.kind == EVENT_TAGS[self._kind] for entry in change.entries):
            return change._replace(counts=tuple(count for count in change.counts if count.delta > 0))
        return change


class ForgetsAnswers(MemoryStore):
    """A broken store: it decides a repeated request anew."""

    def commit(self, changes):
        return super().commit([without(ANSWERS.name, change) for change in changes])


def walked(store, folder, **options):
    clock = MovableClock(START)
    with BookingDesk(DeskParts(store=store, clock=clock, signer=SIGNER)) as desk:
        return demonstrate(desk, clock, SIGNER, folder, Options(**options))


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_demo_holds_on_sqlite_and_prints_each_step_in_both_languages(shell, language):
    answer = shell("demo", "--language", language)
    assert (answer.code, answer.err) == (0, "")
    assert [line[:4] for line in answer.out.splitlines() if line[:4] in ROWS] == ROWS
    assert "Traffic appointment ticket" in answer.out
    assert "إثبات إلغاء موعد المرور" in answer.out
    summary = f"عدد الخطوات: {len(ROWS)}، وكلها صحيحة." if language == "ar" else f"{len(ROWS)} steps, all held."
    assert summary in answer.out
    clock, ids, first = answer.out.splitlines()[:3]
    assert "2026-11-22 07:00" in clock
    assert "docs/audit/journey.md" in ids
    assert ("أُدخل" in first) == (language == "ar")
    assert ".html" not in answer.out


def test_the_demo_keeps_its_file_and_pages_in_the_given_place_and_runs_on_it_again(shell, tmp_path):
    command = ("demo", "--json", "--db", f"sqlite:///{tmp_path / 'kept.db'}")
    first, second = shell(*command), shell(*command)
    for answer in (first, second):
        assert (answer.code, answer.form["held"]) == (0, True)
        assert [step["id"] for step in answer.form["steps"]] == ROWS
        assert all(step["did"]["ar"] and step["did"]["en"] for step in answer.form["steps"])
    (printed,) = [step for step in first.form["steps"] if step["id"] == "J-17"]
    assert set(printed["tickets"]) == {"ar", "en"}
    assert len(list(tmp_path.glob("ticket-*.html"))) == 4
    assert len(list(tmp_path.glob("ticket-*.pdf"))) == 2
    (seen,) = [step for step in first.form["steps"] if step["id"] == "J-05"]
    assert seen["files"] == [str(tmp_path / f"code-{name}") for name in ("ar.png", "ar.wav", "en.png", "en.wav")]
    assert all(Path(file).stat().st_size > 1_000 for file in seen["files"])


def test_the_demo_leaves_the_users_own_store_alone(shell, tmp_path):
    assert shell("demo", "--json").code == 0
    assert not (tmp_path / "bookings.db").exists()


@pytest.mark.long
def test_on_a_server_the_demo_reports_that_its_bookings_stay(shell, bare_url):
    shown = shell("demo", "--language", "en", "--db", bare_url)
    assert shown.code == 0
    assert shown.out.endswith("The pages are gone again; the bookings stay in the store.\n")
    assert ask(bare_url, "SELECT count(*) > 0 FROM traffic_booking.appointments") == [(True,)]


@pytest.mark.long
@pytest.mark.parametrize(
    ("store", "step"),
    [
        (KeepsSeats(AppointmentCancelled), "C-10"),
        (KeepsSeats(HoldReleased), "J-13"),
        (ForgetsAnswers(), "J-17"),
    ],
    ids=["cancelled", "released", "answers"],
)
def test_a_store_that_breaks_a_promise_fails_the_demo_at_the_step_that_shows_it(store, step, tmp_path, capsys):
    reply = walked(store, tmp_path)
    assert reply.exit_code == 70
    failed = json.loads(json.dumps(reply.form))["failed"]
    assert failed["id"] == step
    assert failed["expected"]
    error = capsys.readouterr().err
    assert f"step {step} does not hold: expected {failed['expected']}" in error
