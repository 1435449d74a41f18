"""The JSON API of the staff, of the working calendar and of the feed."""

from datetime import timedelta

import pytest

from tests.people import ME, YOU
from tests.web_host import client
from traffic_booking import Clerk, GateResult, Scan, System, to_json

GATE = Clerk("gate-1", branches=["north"])


@pytest.fixture
def web():
    with client() as found:
        yield found


@pytest.fixture
def visit(web):
    """The number of an appointment at 08:00 today, whose applicant has come; the caller is a clerk of the branch."""
    token = web.slot(**{"from": "2026-11-22"})
    number = web.post("/appointments", {"slot": token, "agreed": True}).json()["appointment"]["number"]
    web.desk.clock.advance(timedelta(minutes=55))
    web.actor = GATE
    return number


def test_a_scan_checks_in_and_the_applicant_is_served(web, visit):
    scanned = web.post("/gate/north/scans", {"code": visit}, key="scan-1")
    assert (scanned.status_code, scanned.json()["admitted"]) == (200, True)
    assert web.post("/gate/north/scans", {"code": visit}, key="scan-1").json() == scanned.json()
    served = web.post(f"/appointments/{visit}/serve")
    assert (served.status_code, served.json()["kind"]) == (200, "served")


def test_a_clerk_reads_the_day_and_checks_in_by_number(web, visit):
    day = web.get("/gate/north/appointments?day=2026-11-22").json()
    assert [each["number"] for each in day] == [visit]
    assert day[0]["masked_id"] == str(ME)
    listed = web.get("/gate/north/day-list?day=2026-11-22")
    assert listed.status_code == 200, listed.text
    assert web.post(f"/appointments/{visit}/check-in").json()["kind"] == "checked-in"


def test_a_no_show_is_recorded_and_excused(web, visit):
    web.desk.clock.advance(timedelta(minutes=40))
    assert web.post(f"/appointments/{visit}/no-show").json()["kind"] == "no-show-recorded"
    excused = web.post(f"/appointments/{visit}/excuse", {"evidence": "a hospital report"})
    assert (excused.status_code, excused.json()["kind"]) == (200, "excused")


def test_scans_of_a_gate_without_a_store_are_merged_once(web, visit):
    scan = Scan(
        scan_id="offline-1",
        code=visit,
        gate="gate-1",
        branch="north",
        happened_at=web.desk.clock.now(),
        result=GateResult.EARLY,
        number=visit,
    )
    for _ in range(2):
        merged = web.post("/gate/merges", {"scans": [to_json(scan)]}, key=None)
        assert (merged.status_code, merged.json()["clean"]) == (200, True), merged.text


def test_a_person_without_an_appointment_is_received_and_the_host_vouches_for_them():
    asked = []
    with client(assertions_of=lambda _, applicant: asked.append(applicant)) as web:
        web.desk.clock.advance(timedelta(hours=2))
        web.actor = GATE
        sent = {"service": "renewal", "applicant": YOU.reveal(), "agreed": True}
        received = web.post("/gate/north/walk-ins", sent)
        assert (received.status_code, received.json()["kind"]) == (201, "walked-in")
    assert asked == [YOU]


def test_a_closure_is_previewed_shows_whom_it_affects_and_is_declared(web):
    number = web.booked()
    web.actor = Clerk("office")
    record = {
        "kind": "exception",
        "id": "burst-pipe",
        "branch": "north",
        "first_day": "2026-11-23",
        "last_day": "2026-11-23",
        "effect": "closed",
        "reason": {"ar": "كسر أنبوب", "en": "Burst pipe"},
    }
    shown = web.post("/calendar/preview", {"record": record}, key=None)
    assert shown.status_code == 200, shown.text
    assert shown.json()["days"]
    wrong = web.post("/calendar/preview", {"record": record | {"first_day": "soon"}}, key=None)
    assert (wrong.status_code, wrong.json()["field"]) == (400, "record.first_day")
    affected = web.post("/calendar/affected", {"record": record}, key=None).json()
    assert [each["number"] for each in affected] == [number]
    declared = web.post("/calendar/entries", {"record": record, "reason": "Burst pipe"})
    assert (declared.status_code, declared.json()["kind"]) == (201, "declared")
    assert len(web.get("/calendar/entries").json()) == 1
    assert web.get("/calendar/north/days/2026-11-23").json()["open"] is False
    assert web.get("/calendar-rules/burst-pipe").status_code == 200
    assert len(web.get("/calendar/north/month?year=1448&month=6&calendar=hijri").json()) in {29, 30}
    web.actor = GATE
    record = record | {"id": "elsewhere", "branch": "south"}
    assert web.post("/calendar/affected", {"record": record}, key=None).status_code == 403


def test_the_feed_is_read_from_a_position_on_by_staff_of_all_branches(web):
    web.booked()
    web.actor = System()
    first = web.get("/feed?limit=1").json()
    last = first["entries"][-1]["position"]
    assert web.get(f"/feed?after={last[0]}.{last[1]}").json()["entries"][0]["position"] > last
    beyond = web.get("/feed?after=9.9")
    assert (beyond.status_code, beyond.json()["kind"]) == (409, "position-not-reached")
    assert web.get("/feed?after=1").status_code == 400
    web.actor = GATE
    assert web.get("/feed").status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "data"),
    [
        ("get", "/gate/north/appointments?day=2026-11-22", None),
        ("get", "/feed", None),
        ("get", "/calendar/entries", None),
        ("post", "/gate/north/scans", {"code": "x"}),
        ("post", "/gate/merges", {"scans": []}),
        ("post", "/calendar/affected", {"record": {}}),
    ],
)
def test_an_applicant_may_call_nothing_of_the_staff(web, method, path, data):
    answer = web.get(path) if method == "get" else web.post(path, data)
    assert (answer.status_code, answer.json()["kind"]) == (403, "forbidden")
    web.actor = None
    answer = web.get(path) if method == "get" else web.post(path, data)
    assert answer.status_code == 401


def test_a_clerk_of_other_branches_reads_and_admits_nobody(web, visit):
    web.actor = Clerk("gate-2", branches=["south"])
    assert web.get("/gate/north/appointments?day=2026-11-22").status_code == 403
    assert web.post("/gate/north/scans", {"code": visit}).status_code == 403
    assert web.get(f"/appointments/{visit}").status_code == 404


def test_places_and_services_are_read_by_anybody(web):
    web.actor = None
    assert [each["code"] for each in web.get("/regions").json()] == ["SA-01"]
    assert [each["id"] for each in web.get("/governorates?region=SA-01").json()] == ["town", "village"]
    assert [each["id"] for each in web.get("/branches?service=foreign").json()] == ["north"]
    near = web.get("/branches/nearest?latitude=24.61&longitude=46.7&limit=1").json()
    assert [(each["id"], each["distance_km"]) for each in near] == [("south", 0)]
    assert [each["id"] for each in web.get("/places?text=North").json()] == ["north"]
    assert len(web.get("/groups?audience=individuals").json()) == 2
    services = web.get("/services?holder=citizen")
    assert {each["id"] for each in services.json()} == {"renewal", "transfer"}
    assert web.get("/services?holder=citizen", headers={"If-None-Match": services.headers["etag"]}).status_code == 304
    assert web.get("/services/renewal").json()["duration_minutes"] == 15
    checklist = web.get("/services/renewal/checklist").json()
    assert [each["id"] for each in checklist["documents"]] == ["identity-document"]
    assert web.get("/health").json() == {"healthy": True}
    assert web.get("/services/nothing").status_code == 404
