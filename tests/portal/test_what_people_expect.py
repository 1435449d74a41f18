"""The back button, a double click, two tabs, a lost reply, an ended session, a hold that runs out."""

from datetime import timedelta
from typing import Any

from tests.portal.visitor import CODE, PASSWORD, Visitor
from traffic_booking import NationalId, StoreUnavailable

SARA = NationalId("1000000008")
PLACE: dict[str, Any] = {"branch": "riyadh-traffic", "service": "licence-renewal"}
MONTH = "/month?branch=riyadh-traffic&service=licence-renewal"


def test_a_double_click_holds_once_and_books_once(sara, portal):
    sara.open(MONTH)
    slot, month = sara.times()[3], sara.form("continue")
    for _ in range(2):
        sara.press("continue", form=month, slot=slot)
    agree = sara.form("ok")
    first = sara.press("ok", form=agree) and sara.number()
    assert (sara.press("ok", form=agree) and sara.number()) == first
    own = portal.desk.appointments(SARA)
    assert (len(own), len(own.upcoming)) == (1, 1)


def test_going_back_and_choosing_another_time_moves_the_hold(sara, portal):
    sara.open(MONTH)
    times, month = sara.times(), sara.form("continue")
    sara.press("continue", form=month, slot=times[3])
    sara.press("continue", form=month, slot=times[5])
    (held,) = portal.desk.appointments(SARA).held
    assert held.slot.token == times[5]


def test_two_tabs_on_one_hold_book_once(sara, portal):
    sara.choose_time(3, **PLACE)
    address = sara.seen.url.path
    first = sara.form("ok")
    sara.open(address)  # the second tab
    sara.press("ok")
    number = sara.number()
    sara.press("ok", form=first)
    assert sara.seen.url.params["note"] == "already"
    assert sara.number() == number
    assert len(portal.desk.appointments(SARA).upcoming) == 1


def test_a_tab_whose_time_was_given_back_books_nothing_and_leads_to_the_other_time(sara, portal):
    sara.choose_time(3, **PLACE)
    first = sara.form("ok")
    sara.choose_time(5, **PLACE)
    sara.press("ok", 409, form=first)
    assert portal.desk.appointments(SARA).upcoming == ()
    sara.follow("other")
    sara.press("ok")
    assert len(portal.desk.appointments(SARA).upcoming) == 1


def test_after_a_lost_reply_the_same_form_books_once(sara, portal, monkeypatch):
    sara.choose_time(3, **PLACE)
    book = portal.desk.book

    def book_and_lose_the_reply(*args, **kwargs):
        book(*args, **kwargs)
        raise StoreUnavailable("the connection was lost")

    monkeypatch.setattr(portal.desk, "book", book_and_lose_the_reply)
    sara.press("ok", 503)
    monkeypatch.undo()
    sara.press("retry")
    assert sara.page.steps == ["J-16"]
    assert len(portal.desk.appointments(SARA).upcoming) == 1


def test_a_session_that_ends_keeps_the_hold_and_the_step(sara, clock, portal):
    sara.choose_time(3, **PLACE)
    address, agree = sara.seen.url.path, sara.form("ok")
    portal.sign_in._gate.sign_out_everywhere(SARA)
    sara.press("ok", form=agree)
    assert "J-02" in sara.page.steps
    assert "ended=1" in str(sara.seen.url)
    sara.press("submit", name="sara", password=PASSWORD, code=CODE)
    assert sara.seen.url.path == address
    sara.press("ok")
    assert len(portal.desk.appointments(SARA).upcoming) == 1


def test_a_session_ends_by_the_clock(sara, clock):
    clock.advance(timedelta(minutes=31))
    sara.open("/home")
    assert "J-02" in sara.page.steps


def test_a_hold_that_has_run_out_is_explained_and_held_again_on_request(sara, clock, portal):
    sara.choose_time(-1, **PLACE)
    address = sara.seen.url.path
    clock.advance(timedelta(minutes=11))
    sara.open(address)
    sara.press("again")
    sara.press("ok")
    assert len(portal.desk.appointments(SARA).upcoming) == 1


def test_agreeing_just_after_the_hold_has_run_out_books_a_free_seat_under_a_new_number(sara, clock):
    sara.choose_time(-1, **PLACE)
    number = sara.seen.url.path.rpartition("/")[2]
    clock.advance(timedelta(minutes=11))
    sara.press("ok")
    assert sara.seen.url.params["note"] == "anew"
    assert sara.number() != number


def test_a_time_that_others_took_is_refused_with_times_near_it(sara, portal):
    sara.open(MONTH)
    slot = sara.times()[3]
    taken = portal.desk.find_slots(**PLACE, limit=10)
    (wanted,) = (each for each in taken if each.token == slot)
    for place, person in enumerate(
        ["1000000024", "1000000032", "1000000040", "1000000057", "1000000065", "1000000073"]
    ):
        if place < wanted.free:
            portal.desk.book(slot, applicant=NationalId(person), agreed=True, request_id=f"other-{place}")
    sara.press("continue", 409, slot=slot)
    assert 'data-rule="BK-05"' in sara.seen.text
    other = next(form for form in sara.page.forms if form.fields.get("slot", slot) != slot)
    other.buttons["take"] = {}
    sara.press("take", form=other)
    assert sara.page.steps == ["J-15"]


def test_continuing_without_a_time_is_explained(sara):
    sara.open(MONTH)
    sara.press("continue")
    assert 'href="#times"' in sara.seen.text
    assert "J-14" in sara.page.steps


def test_a_time_is_given_back(sara, portal):
    sara.choose_time(3, **PLACE)
    sara.press("release")
    assert sara.page.steps == ["J-14"]
    assert portal.desk.appointments(SARA).held == ()


def test_a_second_appointment_for_the_service_is_refused_before_a_time_is_chosen(sara):
    sara.book(3, **PLACE)
    sara.open("/new?branch=riyadh-traffic&service=licence-renewal")
    assert 'data-rule="BK-07"' in sara.seen.text
    assert "new" not in sara.page.links


def test_the_language_and_the_digits_change_without_losing_the_step(sara):
    sara.choose_time(3, **PLACE)
    arabic = sara.seen.url.path
    sara.follow("language")
    assert sara.seen.url.path == arabic.replace("/ar/", "/en/")
    sara.follow("digits")
    assert sara.seen.url.path == arabic.replace("/ar/", "/en/")
    assert "١٤٤" in sara.seen.text
    assert "١٤٤" not in sara.seen.text.split('class="code"')[1][:60]
    sara.open("/month?branch=riyadh-traffic&service=licence-renewal&calendar=gregorian")
    sara.follow("language")
    assert str(sara.seen.url).endswith("/en/month?branch=riyadh-traffic&service=licence-renewal&calendar=gregorian")


def test_a_move_takes_an_earlier_time_and_keeps_the_number(sara, portal):
    number = sara.book(-1, **PLACE)
    before = portal.desk.appointment(number, by=SARA).slot.starts_at
    sara.open(f"/move/{number}")
    sara.open(f"{MONTH}&moving={number}&earlier=1")
    assert all(token < portal.desk.appointment(number, by=SARA).slot.token for token in sara.times())
    sara.press("continue", slot=sara.times()[0])
    assert sara.page.steps == ["J-15"]
    confirm = sara.form("confirm-move")
    sara.press("confirm-move", form=confirm)
    assert sara.seen.url.params["note"] == "moved"
    sara.press("confirm-move", form=confirm)  # a double click
    after = portal.desk.appointment(number, by=SARA)
    assert after.slot.starts_at < before
    assert after.moves == 1


def test_a_late_cancellation_states_its_cost_and_one_too_late_is_refused(sara, clock, portal):
    number = sara.book(-1, **PLACE)
    starts = portal.desk.appointment(number, by=SARA).slot.starts_at
    clock.move_to(max(starts - timedelta(hours=5), clock.now() + timedelta(minutes=11)))
    sara.sign_in("sara")
    sara.open(f"/cancel/{number}")
    assert "24" in sara.seen.text.split('id="cost"')[1]
    clock.move_to(starts - timedelta(hours=1))
    sara.sign_in("sara")
    sara.open(f"/cancel/{number}", 409)
    assert 'data-rule="CN-03"' in sara.seen.text
    assert "go-on" not in sara.page.links


def test_cancelling_twice_shows_the_proof(sara):
    number = sara.book(-1, **PLACE)
    sara.open(f"/cancel/{number}/confirm")
    confirm = sara.form("confirm-cancel")
    for _ in range(2):
        sara.press("confirm-cancel", form=confirm)
        assert sara.seen.url.path == f"/ar/cancelled/{number}"
    sara.open(f"/cancel/{number}")
    assert sara.seen.url.path == f"/ar/cancelled/{number}"


def test_an_applicant_sees_that_the_day_was_closed(sara, clerk, portal):
    number = sara.book(-1, **PLACE)
    day = portal.desk.appointment(number, by=SARA).day.gregorian
    clerk.open(f"/staff/closures/preview?branch=riyadh-traffic&first={day}&reason=صيانة")
    clerk.press("declare")
    for path in ("/appointments", f"/tickets/{number}", f"/documents/{number}"):
        sara.open(path)
        assert "data-lost" in sara.seen.text


def test_each_visitor_has_their_own_session(app):
    first, second = Visitor(app), Visitor(app)
    first.sign_in("sara")
    second.open("/home")
    assert "J-02" in second.page.steps
