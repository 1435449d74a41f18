"""Attacks on the JSON API; `docs/audit/attacks.md` lists them, and each row names its test."""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path

import pytest

from tests.bookings import number as sound_number
from tests.people import ME, YOU
from tests.web_attacks import WEB_ATTACKS
from tests.web_host import BASE, Client, client, raw, town_desk
from traffic_booking import InvalidInput, Retention
from traffic_booking.domain.audit.retention import PERIODS
from traffic_booking.web import ProcessRateLimits, booking_app

JSON_BODY = [(b"content-type", b"application/json"), (b"idempotency-key", b"k")]
MILLION = 1_000_000


@pytest.fixture
def web():
    with client() as found:
        yield found


def status(messages):
    return messages[0]["status"]


# Forged requests


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": BASE},
    ],
)
def test_another_site_books_nothing(web, headers):
    answer = web.post("/appointments", {"slot": web.slot(), "agreed": True}, headers=headers)
    assert (answer.status_code, answer.json()["kind"]) == (403, "other-site")
    assert web.get("/appointments").json()["upcoming"] == []


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "text/plain; application/json"],
)
def test_a_form_of_another_site_has_a_type_that_is_refused(web, kind):
    """An old browser sends neither header, but no form can send JSON."""
    sent = {"content": b'{"agreed":true}', "headers": {"Content-Type": kind, "Idempotency-Key": "k"}}
    answer = web.run(web.http.post("/appointments", **sent))
    assert (answer.status_code, answer.json()["kind"]) == (415, "not-json")


def test_a_link_changes_nothing(web):
    number = web.booked()
    for path in (f"/appointments/{number}/cancel", "/holds"):
        assert web.get(path).status_code == 405


def test_a_known_origin_may_send_requests():
    with client(origins=["https://app.example"]) as web:
        sent = {"slot": web.slot(), "agreed": True}
        headers = {"Origin": "https://app.example", "Sec-Fetch-Site": "cross-site"}
        assert web.post("/appointments", sent, headers=headers).status_code == 201


# Somebody else's appointment


def test_somebody_elses_number_is_answered_like_one_that_does_not_exist(web):
    number = web.booked()
    held = web.post("/holds", {"slot": web.slot(20, service="transfer")}).json()["appointment"]["number"]
    token = web.slot(9)
    web.actor = YOU
    nobodys = _unused(number)
    paths = ("", "/ticket?form=pdf", "/explanations")
    for path in paths:
        answers = [web.get(f"/appointments/{each}{path}") for each in (number, held, nobodys)]
        assert {each.status_code for each in answers} == {404}
        texts = {each.text.replace(n, "N") for each, n in zip(answers, (number, held, nobodys), strict=True)}
        assert len(texts) == 1
    for path, data in (("cancel", {}), ("move", {"slot": token, "agreed": True})):
        answers = [web.post(f"/appointments/{each}/{path}", data) for each in (number, held, nobodys)]
        assert {each.status_code for each in answers} == {409}
        assert len({each.text.replace(n, "N") for each, n in zip(answers, (number, held, nobodys), strict=True)}) == 1
    costs = [web.get(f"/appointments/{each}/cancellation").json() for each in (number, nobodys)]
    assert costs[0] == costs[1]
    web.actor = ME
    assert web.get(f"/appointments/{number}").json()["state"] == "booked"


def _unused(number):
    """A sound number that no appointment has."""
    found = str(sound_number(4_242))
    assert found != number
    return found


def test_the_hold_of_another_person_is_not_booked(web):
    held = web.post("/holds", {"slot": web.slot()}).json()["appointment"]
    web.actor = YOU
    booked = web.post("/appointments", {"slot": held["token"], "agreed": True}).json()["appointment"]
    assert booked["number"] != held["number"]
    web.actor = ME
    assert web.get(f"/appointments/{held['number']}").json()["state"] == "held"


def test_the_request_id_of_another_person_shows_nothing(web):
    sent = {"slot": web.slot(), "agreed": True}
    number = web.post("/appointments", sent, key="shared").json()["appointment"]["number"]
    web.actor = YOU
    answer = web.post("/appointments", sent, key="shared")
    assert (answer.status_code, number in answer.text) == (422, False)
    assert web.get("/explanations?request_id=shared").status_code == 404


# Ids in places where they don't belong


def test_the_digits_of_an_id_are_in_no_answer_and_no_log(web, caplog):
    caplog.set_level(logging.DEBUG)
    digits = ME.reveal()
    texts = [
        web.post("/appointments", {"slot": digits, "agreed": True}).text,
        web.post("/appointments", {"slot": web.slot(), "agreed": True, "applicant": digits + "1"}).text,
        web.get(f"/appointments/{digits}").text,
        web.get(f"/slots?service={digits}").text,
        web.get(f"/slots?{digits}=1").text,
        web.post("/appointments", {digits: 1}).text,
        web.get("/nothing", headers={"Accept-Language": digits}).text,
        web.get(f"/places?text={digits}&lang={digits}").text,
    ]
    logged = [each.getMessage() for each in caplog.records if each.name.startswith("traffic_booking")]
    assert all(digits not in each for each in [*texts, *logged])


# Headers and logs


@pytest.mark.parametrize("text", ["x\r\nSet-Cookie: a=b", "x\nX: 1", "%0d%0aX:1", "\u2028", "\x00", "\u202e"])
def test_no_text_of_a_caller_becomes_a_header(web, text):
    number = web.booked()
    for params in ({"form": text}, {"language": text}, {"lang": text}, {text: "1"}):
        answer = web.get(f"/appointments/{number}/ticket", params=params)
        assert answer.status_code == 400
        assert not {"set-cookie", "x"} & set(answer.headers)
        assert all(each.isprintable() for value in answer.headers.values() for each in value)


def test_an_unexpected_error_is_seen_by_an_observer_and_says_nothing_to_the_client():
    seen: list[Exception] = []
    with client(name_of=lambda _: 1 / 0, on_error=seen.append) as web:
        answer = web.get(f"/appointments/{web.booked()}/ticket")
    assert (answer.status_code, answer.json()["kind"]) == (500, "unexpected")
    assert "division" not in answer.text
    assert [type(each) for each in seen] == [ZeroDivisionError]


def test_the_log_of_an_unexpected_error_has_its_class_and_place_and_none_of_its_text(caplog):
    def failing(_):
        raise RuntimeError(f"secret\nINFO forged line {ME.reveal()}")

    with Client(app=booking_app_of(failing)) as web:
        assert web.get("/slots?service=renewal").status_code == 500
    (record,) = [each for each in caplog.records if each.name == "traffic_booking.web"]
    assert record.getMessage().startswith("find_slots: RuntimeError at ")
    assert "secret" not in caplog.text
    assert "\n" not in record.getMessage()


def booking_app_of(actor_of):
    return booking_app(town_desk(), actor_of=actor_of)


def test_an_observer_that_fails_harms_no_answer():
    with client(name_of=lambda _: 1 / 0, on_error=lambda _: 1 / 0) as web:
        assert web.get(f"/appointments/{web.booked()}/ticket").status_code == 500


def test_a_host_that_names_no_actor_is_an_error_of_the_host():
    with Client(app=booking_app_of(lambda _: "1000000008")) as web:
        assert web.get("/appointments").status_code == 500


def test_no_redirect_repeats_the_host_of_the_request(web):
    answer = web.get("/slots/", headers={"Host": "evil.example"})
    assert (answer.status_code, "location" in answer.headers) == (404, False)


# Oversized and malformed requests


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b"\xff\xfe", 400),
        (b'{"slot":"a","slot":"b","agreed":true}', 400),
        (b'{"slot":"a","agreed":true,"more":1}', 400),
        (b'{"slot":"a","agreed":1}', 400),
        (b'{"slot":NaN,"agreed":true}', 400),
        (b'{"slot":"\\ud800","agreed":true}', 400),
        (b'{"slot":"a","agreed":true,"alternatives":' + b"9" * 5_000 + b"}", 400),
        (b'{"slot":"a","agreed":true,"alternatives":1e999}', 400),
        (b'{"slot":' + b"[" * 30_000, 400),
        (b'{"slot":"' + b"a" * 60_000 + b'","agreed":true}', 400),
        (b'{"slot":"' + b"a" * MILLION + b'","agreed":true}', 413),
    ],
)
def test_a_malformed_body_is_an_error_of_the_caller(web, body, expected):
    found = asyncio.run(raw(web.app, method="POST", path="/appointments", headers=JSON_BODY, parts=[body]))
    assert status(found) == expected


def test_a_body_that_is_announced_too_large_is_not_read(web):
    headers = [*JSON_BODY, (b"content-length", b"9" * 30)]
    assert status(asyncio.run(raw(web.app, method="POST", path="/appointments", headers=headers, parts=[]))) == 413


def test_a_body_without_an_end_is_cut_off(web):
    parts = [b"a" * 1_000] * 10_000
    found = asyncio.run(raw(web.app, method="POST", path="/appointments", headers=JSON_BODY, parts=parts))
    assert status(found) == 413


def test_a_compressed_body_is_refused(web):
    headers = [*JSON_BODY, (b"content-encoding", b"gzip")]
    assert status(asyncio.run(raw(web.app, method="POST", path="/appointments", headers=headers))) == 415


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"path": "/slots", "query": b"service=" + b"a" * 5_000}, 414),
        ({"path": "/" + "a" * 2_000}, 414),
        ({"path": "/slots", "headers": [(b"x", b"a" * 20_000)]}, 431),
        ({"path": "/slots", "headers": [(b"x", b"a")] * 10_000}, 431),
        ({"path": "/slots", "query": b"service=renewal&service=" + b"&service=".join([b"a"] * 150)}, 400),
        ({"path": "/slots", "query": b"limit=1&limit=2"}, 400),
        ({"path": "/slots", "query": b"%ff=%ff"}, 400),
        ({"path": "/appointments/%00"}, 400),
    ],
)
def test_an_address_or_headers_that_are_too_long_are_refused_before_they_are_read(web, request_, expected):
    assert status(asyncio.run(raw(web.app, **request_))) == expected


@pytest.mark.parametrize("key", ["a b", "k" * 200, "\u202e", "k\x00"])
def test_a_malformed_request_id_is_an_error(web, key):
    sent = {"slot": web.slot(), "agreed": True}
    headers = [(b"idempotency-key", key.encode())]
    answer = web.run(web.http.post("/appointments", json=sent, headers=headers))
    assert answer.status_code == 400


# Slow clients


def test_a_slow_body_times_out_and_others_are_served_meanwhile():
    with client(body_seconds=0.05) as web:
        token = web.slot()

        async def both():
            hanging = asyncio.create_task(
                raw(web.app, method="POST", path="/appointments", headers=JSON_BODY, parts=[])
            )
            headers = {"Idempotency-Key": "honest"}
            honest = await web.http.post("/appointments", json={"slot": token, "agreed": True}, headers=headers)
            return honest, await hanging

        honest, slow = web.run(both())
        assert (honest.status_code, status(slow)) == (201, 408)


def test_a_client_that_goes_away_changes_nothing(web):
    parts = [b'{"slot":"north.renewal.20261123T0500Z",']
    found = asyncio.run(raw(web.app, method="POST", path="/appointments", headers=JSON_BODY, parts=parts, stop=True))
    assert status(found) == 408
    assert web.get("/appointments").json()["upcoming"] == []


# Floods


def test_a_flood_of_one_person_delays_nobody_else():
    limits = ProcessRateLimits(per_minute={"person": 5, "address": 1_000}, seconds=lambda: 0.0)
    with client(rate_limits=limits) as web:
        answers = [web.get("/appointments") for _ in range(7)]
        assert [each.status_code for each in answers] == [200] * 5 + [429] * 2
        assert answers[-1].json()["kind"] == "too-many-requests"
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 13
        web.actor = YOU
        assert web.get("/appointments").status_code == 200
        web.actor = None
        assert web.get("/slots?service=renewal").status_code == 200


def test_processes_that_share_a_limit_and_a_secret_name_a_person_alike_and_not_by_their_id():
    class Noted:
        def __init__(self):
            self.names = []

        async def seconds_to_wait(self, traffic, who):
            self.names.append((traffic, who))
            return 0.0

    noted = Noted()
    for secret in (b"s" * 32, b"s" * 32, None):
        with client(rate_limits=noted, secret=secret) as web:
            web.get("/appointments")
    (first, second, third) = noted.names
    assert first == second != third
    assert first[0] == "person"
    assert ME.reveal() not in first[1]


def test_a_flood_from_one_address_delays_no_person_there_and_no_other_address():
    addresses = {"now": "192.0.2.7"}
    limits = ProcessRateLimits(per_minute={"address": 3}, seconds=lambda: 0.0)
    with client(rate_limits=limits, address_of=lambda _: addresses["now"]) as web:
        web.actor = None
        assert [web.get("/regions").status_code for _ in range(5)] == [200] * 3 + [429] * 2
        web.actor = ME
        assert web.get("/appointments").status_code == 200
        web.actor, addresses["now"] = None, "192.0.2.8"
        assert web.get("/regions").status_code == 200


def test_all_addresses_of_one_network_of_ipv6_count_as_one():
    addresses = iter([f"2001:db8:0:1::{place:x}" for place in range(1, 5)])
    limits = ProcessRateLimits(per_minute={"address": 3}, seconds=lambda: 0.0)
    with client(rate_limits=limits, address_of=lambda _: next(addresses)) as web:
        web.actor = None
        assert [web.get("/regions").status_code for _ in range(4)] == [200] * 3 + [429]


def test_a_limit_that_fails_lets_no_request_through():
    class Down:
        async def seconds_to_wait(self, traffic, who):
            raise ConnectionError

    with client(rate_limits=Down(), on_error=lambda _: None) as web:
        assert web.get("/regions").status_code == 500


def test_the_limits_take_bounded_memory():
    now = [0.0]
    limits = ProcessRateLimits(per_minute={"address": 2}, most_callers=10, seconds=lambda: now[0])

    async def flood():
        waits = [await limits.seconds_to_wait("address", str(each)) for each in range(1_000)]
        assert not any(waits)
        assert len(limits._full_at) == 10
        assert await limits.seconds_to_wait("address", "999") == 0
        assert await limits.seconds_to_wait("address", "999") == pytest.approx(30)
        now[0] += 30
        assert await limits.seconds_to_wait("address", "999") == 0

    asyncio.run(flood())


def test_refused_requests_of_one_actor_are_throttled_by_the_desk():
    retention = Retention(**dict.fromkeys(PERIODS, timedelta(days=400)), refusals_per_minute=10)
    with client(desk=town_desk(retention=retention)) as web:
        answers = [web.post(f"/appointments/{_unused('')}/cancel") for _ in range(11)]
        assert [each.status_code for each in answers] == [409] * 10 + [429]
        assert answers[10].json()["kind"] == "throttled"
        assert int(answers[10].headers["retry-after"]) >= 1


@pytest.mark.parametrize("attack", WEB_ATTACKS, ids=lambda each: each.attack)
def test_each_listed_attack_has_its_test(attack):
    module, name = attack.test.split("::")
    assert f"def {name}(" in (Path(__file__).parent / f"{module}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("given", [{"per_minute": {"all": 1}}, {"per_minute": {"person": 0}}, {"most_callers": "many"}])
def test_limits_out_of_their_bounds_are_errors(given):
    with pytest.raises(InvalidInput):
        ProcessRateLimits(**given)


def test_an_application_needs_a_function_that_names_the_actor():
    with pytest.raises(InvalidInput, match="actor_of"):
        booking_app_of(None)
