"""The long runs: as much of each campaign as was asked for, and a report of what came of it."""

import signal
from pathlib import Path

import pytest

from tools import soak


def found(**parts):
    return lambda _folder, count, _seed: {"cuts": count, "seed": 3, "wrong": [], **parts}


def soaked(run, **parts):
    return soak.Soaked(
        **{"name": "cuts", "unit": "cuts", "release": 100, "at_a_time": 30, "share": 1.0, "run": run} | parts
    )


@pytest.mark.parametrize("wanted", [100, 50, 1])
def test_a_campaign_is_run_some_at_a_time_until_its_part_of_a_release_is_done(wanted):
    seeds = []

    def run(folder, count, seed):
        assert list(Path(folder).iterdir()) == []
        seeds.append(seed)
        return {"cuts": count, "lives": 2, "answers": {"Booked": 1}, "drive": "3.54", "lost": [], "wrong": []}

    ticks = []
    outcome = soak.Outcome(soaked(run), wanted=wanted)
    soak.soak(outcome, minutes=None, seed=5, tick=lambda each: ticks.append(each.done))
    assert (outcome.done, outcome.wanted, outcome.wrong) == (wanted, wanted, [])
    assert seeds == list(range(5, 5 + wanted, 30))
    assert ticks[-1] == wanted
    assert outcome.figures == {"lives": 2 * len(seeds), "answers": {"Booked": len(seeds)}, "drive": "3.54"}


def test_a_campaign_ends_with_its_share_of_the_minutes():
    outcome = soak.Outcome(soaked(found(), share=0.0), wanted=100)
    soak.soak(outcome, minutes=1, seed=1, tick=lambda _: None)
    assert outcome.done == 0


def test_the_command_writes_a_report_and_its_exit_status_tells(tmp_path, monkeypatch):
    page = tmp_path / "soak.md"
    arguments = ["--scale", "0.5", "--only", "cuts", "--report", str(page)]
    monkeypatch.setattr(soak, "SOAKED", (soaked(found()),))
    assert soak.main(arguments) == 0
    told = page.read_text(encoding="utf-8")
    assert "| command | `python -m tools.soak --scale 0.5 --seed 1 --only cuts` |" in told
    assert "| cuts | 50 cuts | 100 | 50.0% | 0 |" in told
    assert str(tmp_path) not in told
    monkeypatch.setattr(soak, "SOAKED", (soaked(found(lost=["request-1 is gone"])),))
    assert soak.main(arguments) == 1
    assert "- request-1 is gone" in page.read_text(encoding="utf-8")


def test_a_run_that_is_stopped_tells_how_far_it_got(tmp_path, monkeypatch):
    def run(_folder, count, seed):
        if seed > 60:
            signal.raise_signal(signal.SIGTERM)
        return {"cuts": count, "seed": seed, "wrong": []}

    handler = signal.getsignal(signal.SIGTERM)
    page = tmp_path / "soak.md"
    monkeypatch.setattr(soak, "SOAKED", (soaked(run), soaked(found(), name="kills")))
    assert soak.main(["--report", str(page)]) == 130
    told = page.read_text(encoding="utf-8")
    assert "| cuts | 60 cuts | 100 | 60.0% | 0 |" in told
    assert "kills" not in told.partition("| campaign |")[2]
    assert signal.getsignal(signal.SIGTERM) == handler


@pytest.mark.parametrize(("scale", "done"), [("1", 100), ("0.0001", 1)])
def test_a_part_of_a_release_is_at_least_one(scale, done, tmp_path, monkeypatch):
    page = tmp_path / "soak.md"
    monkeypatch.setattr(soak, "SOAKED", (soaked(found()),))
    assert soak.main(["--scale", scale, "--report", str(page)]) == 0
    assert f"| cuts | {done} cuts |" in page.read_text(encoding="utf-8")


def test_a_release_asks_for_what_is_promised():
    figures = {each.name: each.release for each in soak.SOAKED}
    families = {
        name: sum(each for full, each in figures.items() if full.startswith(name))
        for name in ("storms", "histories", "kills", "cuts", "replies")
    }
    assert families == {"storms": 1_000_000, "histories": 10_000, "kills": 10_000, "cuts": 10_000, "replies": 100_000}
    assert sum(each.share for each in soak.SOAKED) == pytest.approx(1)
