"""The shell command run in this process, on a store of the test's own."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from argon2 import PasswordHasher
from attrs import frozen

from traffic_booking.adapters import embedded_identity
from traffic_booking.cli import run
from traffic_booking.testing import made_up_person

CANARY = made_up_person(74_120_365)
"""An applicant whose id must never be seen."""

ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@frozen
class Answer:
    """The result of one command line."""

    code: int
    out: str
    err: str

    @property
    def form(self):
        """The JSON object on standard output."""
        return json.loads(self.out)


def shows_canary(text: str) -> bool:
    """True if the canary's id stands in `text`, in digits of any script."""
    plain = "".join(str(int(mark)) if mark.isdecimal() else mark for mark in text)
    return CANARY.reveal() in plain


@pytest.fixture
def shell(tmp_path, monkeypatch, capsys):
    """Runs one command line; every output is searched for the canary."""
    for name in ("TRAFFIC_BOOKING_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG", "COLUMNS", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRAFFIC_BOOKING_DB", f"sqlite:///{tmp_path / 'bookings.db'}")
    monkeypatch.setenv("TRAFFIC_BOOKING_APPLICANT", CANARY.reveal())
    # The demo checks a dozen passwords; Argon2 is slow on purpose, and `make demo` runs it as it is.
    monkeypatch.setattr(
        embedded_identity, "PasswordHasher", partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
    )

    def run_here(*arguments: str) -> Answer:
        capsys.readouterr()
        code = run(arguments)
        seen = capsys.readouterr()
        assert not shows_canary(seen.out + seen.err)
        assert "Traceback" not in seen.err
        return Answer(code, seen.out, seen.err)

    return run_here


@pytest.fixture
def in_some_days():
    """A day far enough ahead that appointments on it may be cancelled."""
    return f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%d}"


@pytest.fixture
def slot(shell, in_some_days):
    """A free slot, as the options that name it."""
    found = shell(
        "slots", "--service", "licence-renewal", "--branch", "riyadh-traffic", "--from", in_some_days, "--json"
    )
    first = found.form["slots"][0]
    return ("--service", first["service"], "--branch", first["branch"], "--at", first["starts_at"][:16])


@pytest.fixture
def number(shell, slot):
    """The number of an appointment of the canary's."""
    answer = shell("book", *slot, "--agree", "--json")
    assert answer.code == 0
    return answer.form["appointment"]["number"]
