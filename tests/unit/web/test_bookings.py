"""The JSON API of applicants."""

from datetime import timedelta

import pytest

from tests.people import ME, YOU
from tests.small_town import START
from tests.web_host import client
from traffic_booking import Assertions, Clerk, Delegate


@pytest.fixture
def web():
    with client() as found:
        yield found


def test_a_person_finds_a_time_books_it_and_reads_the_appointment(web):
    number = web.booked()
    found = web.get(f"/appointments/{number}").json()
    assert (found["number"], found["state"]) == (number, "booked")
    assert web.get(f"/appointments/{number}").headers["cache-control"] == "no-store"
    assert [each["number"] for each in web.get("/appointments").json()["upcoming"]] == [number]


def test_a_hold_is_booked_moved_and_cancelled(web):
    held = web.post("/holds", {"slot": web.slot()})
    assert (held.status_code, held.json()["kind"]) == (201, "held")
    number = web.post("/appointments", {"slot": held.json()["appointment"]["token"], "agreed": True}).json()[
        "appointment"
    ]["number"]
    moved = web.post(f"/appointments/{number}/move", {"slot": web.slot(30)})
    assert (moved.status_code, moved.json()["appointment"]["moves"]) == (200, 1)
    cost = web.get(f"/appointments/{number}/cancellation").json()
    assert (cost["granted"], cost["message"], cost["verdicts"]) == (True, "", [])
    cancelled = web.post(f"/appointments/{number}/cancel")
    assert (cancelled.status_code, cancelled.json()["appointment"]["state"]) == (200, "cancelled")


def test_a_refusal_is_a_problem_with_each_broken_rule_in_the_callers_language(web):
    web.booked()
    refused = web.post("/appointments", {"slot": web.slot(3), "agreed": False}, headers={"Accept-Language": "en"})
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["content-language"] == "en"
    problem = refused.json()
    assert (problem["kind"], problem["status"], problem["type"]) == ("refused", 409, "/problems/refused")
    assert [each["rule_id"] for each in problem["verdicts"]] == ["BK-06", "BK-07"]
    assert (problem["verdicts"][1]["observed"], problem["verdicts"][1]["limit"]) == (1, 1)
    assert problem["verdicts"][1]["allowed_from"] is not None
    assert "You already have an appointment" in problem["verdicts"][1]["message"]
    assert web.get(problem["type"]).json()["title"]["en"] == problem["title"]


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [("", None, "ar"), ("", "fr, en;q=0.8, ar;q=0.2", "en"), ("?lang=ar", "en", "ar"), ("", "en;q=x", "ar")],
)
def test_errors_are_in_the_language_that_the_caller_wants(web, query, header, language):
    headers = {} if header is None else {"Accept-Language": header}
    assert web.get(f"/services/nothing{query}", headers=headers).headers["content-language"] == language


def test_the_same_request_gets_the_same_answer_and_another_one_under_its_id_is_refused(web):
    sent = {"slot": web.slot(), "agreed": True}
    first, second = web.post("/appointments", sent, key="k"), web.post("/appointments", sent, key="k")
    assert first.json() == second.json()
    other = web.post("/appointments", {"slot": web.slot(5), "agreed": True}, key="k")
    assert (other.status_code, other.json()["kind"]) == (422, "request-mismatch")


def test_a_change_without_an_id_is_an_error_that_names_the_header(web):
    answer = web.post("/appointments", {"slot": web.slot(), "agreed": True}, key=None)
    assert (answer.status_code, answer.json()["kind"]) == (400, "idempotency-key-missing")
    assert "Idempotency-Key" in answer.json()["detail"]


def test_nobody_books_without_signing_in():
    with client() as web:
        web.actor = None
        answer = web.post("/appointments", {"slot": web.slot(), "agreed": True})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Session")


def test_free_times_have_an_entity_tag_that_changes_with_the_seats(web):
    path = "/slots?service=renewal&branch=north&from=2026-11-23"
    tag = web.get(path).headers["etag"]
    web.desk.clock.advance(timedelta(seconds=20))
    same = web.get(path, headers={"If-None-Match": tag})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    web.booked()
    assert web.get(path, headers={"If-None-Match": f'"other", {tag}'}).status_code == 200


def test_a_month_has_an_entity_tag_too(web):
    path = "/month?service=renewal&branch=north&year=2026&month=11"
    answer = web.get(path)
    assert len(answer.json()) == 30
    assert web.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_times_for_a_person_are_not_cached(web):
    answer = web.get("/slots?service=renewal&mine=true")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
    web.actor = None
    assert web.get("/slots?service=renewal&mine=true").status_code == 401


def test_a_search_takes_every_filter(web):
    found = web.get(
        "/slots",
        params={
            "service": ["renewal", "transfer"],
            "latitude": "24.7",
            "longitude": "46.7",
            "within_km": "5",
            "from": "2026-11-23",
            "until": "2026-11-30T00:00:00+03:00",
            "weekdays": ["monday", "tuesday"],
            "after_time": "09:00",
            "before_time": "10:00",
            "seats": "2",
            "order": "nearest",
            "each_branch": "true",
        },
    )
    assert found.status_code == 200, found.text
    assert {each["branch"] for each in found.json()["slots"]} == {"north"}
    hijri = web.get("/slots", params={"service": "renewal", "day": "13 جمادى الآخرة 1448"})
    assert {each["day"]["gregorian"] for each in hijri.json()["slots"]} == {"2026-11-23"}


@pytest.mark.parametrize(
    ("form", "media_type"),
    [
        ("pdf", "application/pdf"),
        ("html", "text/html; charset=utf-8"),
        ("text", "text/plain; charset=utf-8"),
        ("ics", "text/calendar; charset=utf-8"),
        ("qr-png", "image/png"),
        ("qr-svg", "image/svg+xml; charset=utf-8"),
    ],
)
def test_a_ticket_has_its_media_type_and_a_file_name(web, form, media_type):
    number = web.booked()
    ticket = web.get(f"/appointments/{number}/ticket?form={form}&language=both&save=true")
    assert ticket.status_code == 200, ticket.text
    assert ticket.headers["content-type"] == media_type
    assert ticket.headers["content-disposition"].startswith('attachment; filename="')
    assert "sandbox" in ticket.headers["content-security-policy"]


def test_a_ticket_has_the_name_that_the_host_vouches_for():
    with client(name_of=lambda request: request.headers.get("x-name")) as web:
        number = web.booked()
        assert "Sara" in web.get(f"/appointments/{number}/ticket?form=text", headers={"X-Name": "Sara"}).text


def test_a_decision_is_explained_and_another_one_is_tried(web):
    number = web.booked()
    assert [each["granted"] for each in web.get(f"/appointments/{number}/explanations").json()] == [True]
    web.post("/appointments", {"slot": web.slot(2), "agreed": True}, key="again")
    assert [each["granted"] for each in web.get("/explanations?request_id=again").json()] == [False]
    tried = web.post("/what-if/book", {"slot": web.slot(2), "agreed": True}, key=None)
    assert (tried.status_code, tried.json()["granted"]) == (200, False)
    at = (START + timedelta(hours=22)).isoformat()
    assert web.post(f"/what-if/cancel/{number}", {"at": at}, key=None).json()["granted"] is False
    assert web.post(f"/what-if/move/{number}", {"slot": web.slot(9)}, key=None).json()["granted"] is True
    assert web.post("/what-if/hold", {"slot": web.slot(2)}, key=None).json()["granted"] is False


def test_the_host_vouches_for_conditions_and_the_client_does_not():
    asked = []

    async def vouch(request, applicant):
        asked.append(applicant)
        return Assertions(checked_at=START)

    with client(assertions_of=vouch) as web:
        web.booked()
        sent = {"slot": web.slot(3), "agreed": True, "assertions": {}}
        assert web.post("/appointments", sent).status_code == 400
    assert asked == [ME]


def test_a_delegate_acts_for_the_applicant_within_the_delegation(web):
    number = web.booked()
    web.actor = Delegate(person=YOU, applicant=ME, services=["transfer"], until=START + timedelta(hours=8))
    assert web.get("/appointments").json()["upcoming"] == []
    assert web.get(f"/appointments/{number}").status_code == 404
    sent = {"slot": web.slot(12, service="transfer"), "agreed": True}
    assert web.post("/appointments", sent).status_code == 201
    assert len(web.get("/appointments").json()["upcoming"]) == 1
    web.desk.clock.advance(timedelta(hours=9))
    assert web.get("/appointments").status_code == 403


def test_a_clerk_names_the_person_and_a_person_names_nobody_else(web):
    sent = {"slot": web.slot(), "agreed": True, "applicant": YOU.reveal()}
    assert (web.post("/appointments", sent).status_code, web.actor) == (403, ME)
    web.actor = Clerk("desk-1")
    assert web.post("/appointments", sent).status_code == 201
    assert web.post("/appointments", {"slot": web.slot(1), "agreed": True}).json()["field"] == "applicant"
    assert web.get("/appointments").status_code == 403


def test_a_full_slot_comes_with_other_times(web):
    token = web.slot()
    web.booked()
    web.actor = YOU
    web.booked()
    web.actor = Clerk("desk-1")
    sent = {"slot": token, "agreed": True, "alternatives": 2, "applicant": "2000000006"}
    answer = web.post("/appointments", sent)
    assert answer.status_code == 409, answer.text
    assert len(answer.json()["alternatives"]) == 2
