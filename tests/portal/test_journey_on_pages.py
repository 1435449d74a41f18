"""The whole journey without a script, in the order of its steps; each page has the id of its step."""

import pytest

from tests.portal.visitor import CODE, PASSWORD, Visitor
from traffic_booking import NationalId

PLACE = "branch=riyadh-traffic&service=licence-renewal"


def steps_of(visitor) -> set[str]:
    return set(visitor.page.steps)


@pytest.mark.journey("J-01")
@pytest.mark.journey("J-02")
@pytest.mark.journey("J-03")
@pytest.mark.journey("J-04")
@pytest.mark.journey("J-05")
@pytest.mark.journey("J-06")
@pytest.mark.parametrize("name", ["sara", "1000000008", "١٠٠٠٠٠٠٠٠٨"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_person_signs_in_with_an_id_or_a_user_name(app, language, name):
    visitor = Visitor(app, language)
    visitor.open("/")
    assert {"J-01", "C-01"} <= steps_of(visitor)
    visitor.follow("start")
    assert {"J-02", "J-03", "J-04", "J-05", "J-06", "C-02", "C-03", "C-04", "C-05"} <= steps_of(visitor)
    assert visitor.seen.text.count("data:image/png") == visitor.seen.text.count("data:audio/wav") == 1
    visitor.press("submit", name=name, password=PASSWORD, code=CODE)
    assert steps_of(visitor) == {"J-07"}


@pytest.mark.parametrize("language", ["ar", "en"])
def test_each_step_has_an_address_that_stays(app, language):
    visitor, clerk = Visitor(app, language), Visitor(app, language)
    visitor.sign_in("sara")
    clerk.sign_in("clerk")
    pages = {
        "J-07": "/home",
        "J-08": "/services",
        "J-09": "/services/traffic",
        "J-10": "/governorates",
        "J-11": "/branches?governorate=riyadh",
        "J-12": "/choose-service?branch=riyadh-traffic",
        "J-13": f"/new?{PLACE}",
        "J-14": f"/month?{PLACE}",
    }
    for step, path in pages.items():
        visitor.open(path)
        assert steps_of(visitor) == {step}
        assert visitor.page.headings["h1"] == 1
        assert visitor.page.title.startswith(visitor.page.heading)
        assert visitor.page.root == {"lang": language, "dir": "rtl" if language == "ar" else "ltr"}
    visitor.press("continue", slot=visitor.times()[-1])
    assert steps_of(visitor) == {"J-15"}
    visitor.press("ok")
    assert steps_of(visitor) == {"J-16"}
    visitor.open(f"/tickets/{visitor.number()}")
    assert steps_of(visitor) == {"J-17"}
    clerk.open("/staff")
    assert steps_of(clerk) == {"J-18"}


@pytest.mark.journey("J-07")
@pytest.mark.journey("J-08")
@pytest.mark.journey("J-09")
@pytest.mark.journey("J-10")
@pytest.mark.journey("J-11")
@pytest.mark.journey("J-12")
@pytest.mark.journey("J-13")
@pytest.mark.journey("J-14")
@pytest.mark.journey("J-15")
@pytest.mark.journey("J-16")
@pytest.mark.journey("J-17")
@pytest.mark.journey("J-18")
def test_a_person_books_by_links_and_buttons_alone_and_is_checked_in(sara, clerk, portal):
    sara.follow("/ar/services")
    sara.follow("/ar/services/traffic")
    sara.follow("start")
    sara.press("search", q="الرياظ")
    sara.follow("/ar/branches?governorate=riyadh")
    sara.follow("/ar/choose-service?branch=riyadh-traffic")
    sara.follow("/ar/new?branch=riyadh-traffic&service=licence-renewal")
    sara.follow("new")
    sara.press("continue", slot=sara.times()[0])
    assert "data-seconds" in sara.seen.text
    sara.press("ok")
    assert sara.page.steps == ["J-16"]
    number = sara.number()
    sara.follow("ticket")
    forms = {"print": "text/html", "pdf": "application/pdf", "ics": "text/calendar"}
    links = dict(sara.page.links)
    for link, kind in forms.items():
        assert sara.client.get(links[link]).headers["content-type"].startswith(kind)
    assert sara.client.get(f"/ar/tickets/{number}/qr-svg").headers["content-type"].startswith("image/svg+xml")
    clerk.open("/staff")
    clerk.press("scan-button", code=number)
    assert 'data-state="checked-in"' in clerk.seen.text
    clerk.press("serve")
    assert 'data-state="served"' in clerk.seen.text
    (own,) = portal.desk.appointments(NationalId("1000000008")).past
    assert own.number == number


@pytest.mark.journey("C-01")
@pytest.mark.journey("C-06")
@pytest.mark.journey("C-07")
@pytest.mark.journey("C-08")
@pytest.mark.journey("C-09")
@pytest.mark.journey("C-10")
@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_person_finds_an_appointment_under_the_tabs_and_cancels_it_in_two_steps(app, language, portal):
    visitor = Visitor(app, language)
    visitor.sign_in("sara")
    number = visitor.book(-1, branch="riyadh-traffic", service="licence-renewal")
    visitor.open("/appointments")
    assert steps_of(visitor) == {"C-06"}
    visitor.follow("traffic")
    assert steps_of(visitor) == {"C-07"}
    visitor.follow("booked")
    assert steps_of(visitor) == {"C-08"}
    assert f'data-number="{number}"' in visitor.seen.text
    visitor.follow(f"/{language}/cancel/{number}")
    assert steps_of(visitor) == {"C-09"}
    visitor.follow("go-on")
    assert steps_of(visitor) == {"C-10"}
    visitor.press("confirm-cancel")
    assert visitor.seen.url.path == f"/{language}/cancelled/{number}"
    assert visitor.client.get(visitor.page.links["proof"]).content.startswith(b"%PDF")
    visitor.open("/appointments/traffic/cancelled")
    assert f'data-number="{number}"' in visitor.seen.text
    assert visitor.book(-1, branch="riyadh-traffic", service="licence-renewal") != number
