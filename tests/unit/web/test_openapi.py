"""The OpenAPI document describes each answer: Schemathesis sends what it allows, and what it does not."""

from io import BytesIO

import pytest
import requests
import schemathesis
from httpx2 import URL, InvalidURL
from hypothesis import HealthCheck, Phase, given, reject, settings
from requests.adapters import HTTPAdapter
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from urllib3 import HTTPHeaderDict, HTTPResponse

from tests.people import ME, YOU
from tests.web_host import BASE, Client
from traffic_booking import Clerk
from traffic_booking.ports.rate_limits import Traffic
from traffic_booking.web import ProcessRateLimits, booking_openapi
from traffic_booking.web.applications import BOOKING_OPERATIONS
from traffic_booking.web.openapi import statuses
from traffic_booking.web.problems import KINDS

NAMES = [each.name for each in BOOKING_OPERATIONS]
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
SCHEMA = schemathesis.openapi.from_dict(booking_openapi())
ACTORS = {"applicant": ME, "another": YOU, "clerk": Clerk("desk-1"), "gate": Clerk("gate-1", branches=["north"])}
UNLIMITED: dict[Traffic, int] = {"address": 10**9, "person": 10**9}


class InProcess(HTTPAdapter):
    """Sends requests of `requests` to an application in this process."""

    def __init__(self, client):
        super().__init__()
        self._client = client

    def send(self, request, *_args, **_named):
        headers = {name: value for name, value in request.headers.items() if value is not None}
        try:
            url = URL(request.url)
        except InvalidURL:
            reject()  # longer than this client can send
        work = self._client.http.request(
            request.method, url, headers=headers, content=request.body or b"", follow_redirects=False
        )
        answer = self._client.run(work)
        raw = HTTPResponse(
            BytesIO(answer.content),
            headers=HTTPHeaderDict(answer.headers.multi_items()),
            status=answer.status_code,
            version=11,
            preload_content=False,
        )
        return self.build_response(request, raw)


@pytest.fixture(scope="module")
def host():
    unexpected: list[Exception] = []
    with Client(rate_limits=ProcessRateLimits(per_minute=UNLIMITED), on_error=unexpected.append) as client:
        number = client.booked()
        session = requests.Session()
        session.mount(BASE, InProcess(client))
        yield client, session, number, unexpected


def send(host, case, actor):
    client, session, number, _ = host
    client.actor = ACTORS[actor]
    if case.path_parameters and "number" in case.path_parameters and hash(str(case.path_parameters)) % 2:
        case.path_parameters["number"] = number
    case.headers = {name: value for name, value in (case.headers or {}).items() if name.lower() != "cookie"}
    response = case.call(session=session, base_url=BASE)
    case.validate_response(response, checks=[*CHECKS])


def try_operation(host, name, actor, examples):
    operation = SCHEMA.find_operation_by_id(name)

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=examples < 10,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy() | operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE))
    def attempt(case):
        send(host, case, actor)

    attempt()
    assert host[3] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_request_gets_an_undocumented_answer(host, name):
    try_operation(host, name, "clerk" if name in STAFF else "applicant", 3)


@pytest.mark.long
@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("name", NAMES)
def test_many_requests_get_no_undocumented_answer(host, name, actor):
    try_operation(host, name, actor, 15)


def test_an_undocumented_answer_is_noticed(host):
    """The control: a status and a body that the document does not have fail the checks."""
    operation = SCHEMA.find_operation_by_id("health")
    case = operation.Case()
    response = case.call(session=host[1], base_url=BASE)
    case.validate_response(response, checks=[*CHECKS])
    for name, spoilt in (("status_code", 418), ("status_code", 500), ("content", b'{"healthy":7}')):
        answer = case.call(session=host[1], base_url=BASE)
        setattr(answer, name, spoilt)
        with pytest.raises(BaseExceptionGroup):
            case.validate_response(answer, checks=[*CHECKS])


STAFF = {each.name for each in BOOKING_OPERATIONS if each.audience == "staff"}


def test_each_operation_has_a_name_of_its_own_and_each_problem_a_documented_status():
    assert len({*NAMES}) == len(NAMES)
    documented = {status for each in BOOKING_OPERATIONS for status in statuses(each)} | {405}
    assert {kind.status for kind in KINDS.values()} <= documented


def test_the_document_is_served_with_the_path_at_which_it_is_mounted(host):
    served = host[0].get("/openapi.json").json()
    assert served["openapi"] == "3.1.0"
    assert served == booking_openapi()
    assert booking_openapi("/bookings")["servers"] == [{"url": "/bookings"}]
