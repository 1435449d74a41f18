"""The month: both calendars, a reason for each day without a time, filters, and places by name or by the device."""

import re

import pytest

MONTH = "/month?branch=riyadh-traffic&service=licence-renewal"


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("calendar", ["hijri", "gregorian"])
def test_each_day_has_both_dates_and_its_state_in_words(sara, portal, language, calendar):
    sara.open(f"/{language}{MONTH}&calendar={calendar}")
    for _ in range(3):
        cells = re.findall(r'data-day="([^"]+)"[^>]*>.*?class="hidden">([^<]+)<', sara.seen.text)
        assert 28 <= len(cells) <= 31
        first = cells[0][0]
        if calendar == "gregorian":
            assert first.endswith("-01")
        assert all(": " in text and len(text) > 25 for _, text in cells)
        sara.follow("after")
    assert "before" in sara.page.links


def test_a_month_that_is_not_open_yet_says_when_and_ends_the_way(sara, portal):
    sara.open(MONTH)
    states = set()
    for _ in range(6):
        states |= set(re.findall(r'class="day day-(\w+)', sara.seen.text))
        if "after" not in sara.page.links:
            break
        sara.follow("after")
    assert {"free", "later", "closed"} <= states
    assert "after" not in sara.page.links


def test_times_are_filtered_by_the_part_of_the_day(sara):
    sara.open(MONTH)
    everything = sara.times()
    sara.follow("part-evening")
    assert 0 < len(sara.times()) < len(everything)
    assert set(sara.times()) < set(everything)


@pytest.mark.parametrize("sought", ["الرياض", "الرياظ", "riyadh", "Ar Riyad"])
def test_a_governorate_is_found_by_any_spelling(sara, sought):
    sara.client.get("/ar/governorates", params={"q": sought})
    sara.open("/governorates")
    sara.press("search", q=sought)
    assert "/ar/branches?governorate=riyadh" in sara.page.links


def test_an_unknown_place_is_answered_in_words_and_all_regions_stay(sara):
    sara.open("/governorates")
    sara.press("search", q="xyzxyzxyz")
    assert "لا محافظة بهذا الاسم" in sara.seen.text
    assert sara.seen.text.count("<summary>") >= 13


@pytest.mark.parametrize("order", ["", "&order=earliest"])
def test_the_nearest_branches_to_the_device_have_distances_and_first_free_times(omar, order):
    omar.open(f"/branches?lat=21.5&lon=39.2{order}")
    assert omar.seen.text.count("data-branch") == 5
    assert "jeddah-traffic" in omar.seen.text
    assert omar.seen.text.count("First free time") == 5


def test_a_service_for_others_is_shown_but_not_offered(sara, omar):
    citizen = sara.open("/choose-service?branch=riyadh-traffic")
    resident = omar.open("/choose-service?branch=riyadh-traffic")
    address = "new?branch=riyadh-traffic&service=foreign-licence"
    assert f"/ar/{address}" not in citizen.links
    assert f"/en/{address}" in resident.links
