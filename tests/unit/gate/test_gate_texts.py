"""The texts of a gate are short, and stand alone without colours and without values."""

from datetime import timedelta

import pytest

from tests.small_town import START
from traffic_booking import InvalidInput
from traffic_booking.domain.gate.answers import GateAnswer
from traffic_booking.domain.gate.results import GateResult
from traffic_booking.domain.gate.scans import TicketUse

LONGEST = 80


def answer(result, **more):
    return GateAnswer(
        **{
            "scan_id": "scan-1",
            "result": result,
            "happened_at": START,
            "answered_at": START,
            "time_zone": "Asia/Riyadh",
            **more,
        }
    )


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("result", GateResult)
def test_each_text_is_one_short_line_with_and_without_its_values(result, language):
    use = TicketUse(scan_id="scan-0", happened_at=START, gate="gate-12")
    full = answer(result, when=START + timedelta(days=30), branch="riyadh-traffic", use=use)
    for text in (full.message(language), answer(result).message(language)):
        assert text.endswith(".")
        assert len(text) <= LONGEST
        assert not set("{}[]\n") & set(text)


def test_no_two_results_have_the_same_text():
    for language in ("ar", "en"):
        assert len({answer(result).message(language) for result in GateResult}) == len(GateResult)


def test_the_day_is_in_the_text_if_it_is_another_one():
    assert answer(GateResult.MOVED, when=START + timedelta(hours=3)).message("en") == "Moved, now at 10:00."
    later = answer(GateResult.MOVED, when=START + timedelta(days=1, hours=3))
    assert later.message("en") == "Moved, now on 23 November 2026 at 10:00."
    assert later.message("ar") == "نُقل الموعد إلى 23 نوفمبر 2026 م الساعة \u206610:00\u2069."


def test_an_unknown_language_is_misuse():
    with pytest.raises(InvalidInput):
        answer(GateResult.LATE).message("fr")


def test_three_results_admit_and_an_answer_is_truthy_only_then():
    admitting = {each for each in GateResult if answer(each)}
    assert admitting == {GateResult.EARLY, GateResult.ON_TIME, GateResult.LATE}
