"""The applications are mounted in the frameworks of hosts. Django's is in docs/how-to/mount-in-django.md."""

from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from litestar import Litestar, asgi, get
from litestar.testing import TestClient as LitestarClient

from tests.people import ME
from tests.web_host import town_desk
from traffic_booking.web import booking_app

SLOTS = "/bookings/slots?service=renewal&branch=north&limit=1"


def in_fastapi():
    @asynccontextmanager
    async def lifespan(app):
        async with town_desk() as desk:
            app.mount("/bookings", booking_app(desk, actor_of=lambda _: ME))
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/own")
    def own():
        return {"page": "of the host"}

    return TestClient(app, base_url="https://portal.example")


def in_litestar():
    desk = town_desk()
    bookings = booking_app(desk, actor_of=lambda _: ME)

    @asgi("/bookings", is_mount=True, copy_scope=True)
    async def mounted(scope: Any, receive: Any, send: Any) -> None:
        """Litestar leaves the path of the mount out."""
        path = scope["path"].removesuffix("/") or "/"
        await bookings({**scope, "path": path, "root_path": "/bookings"}, receive, send)

    @get("/own", sync_to_thread=False)
    def own() -> dict[str, str]:
        return {"page": "of the host"}

    app = Litestar([mounted, own], on_shutdown=[desk.close])
    return LitestarClient(app, base_url="https://portal.example")


@pytest.fixture(params=[in_fastapi, in_litestar])
def host(request):
    with request.param() as found:
        yield found


def test_a_person_books_in_the_hosts_framework(host):
    assert host.get("/own").json() == {"page": "of the host"}
    token = host.get(SLOTS).json()["slots"][0]["token"]
    sent = {"slot": token, "agreed": True}
    booked = host.post("/bookings/appointments", json=sent, headers={"Idempotency-Key": "k"})
    assert booked.status_code == 201, booked.text
    number = booked.json()["appointment"]["number"]
    assert host.get(f"/bookings/appointments/{number}").json()["state"] == "booked"
    refused = host.post("/bookings/appointments", json=sent, headers={"Idempotency-Key": "l"})
    assert refused.json()["type"] == "/bookings/problems/refused"
    assert host.get(refused.json()["type"]).status_code == 200
    assert host.get("/bookings/nothing").headers["content-type"] == "application/problem+json"


def test_the_document_has_the_path_of_the_mount(host):
    assert host.get("/bookings/openapi.json").json()["servers"] == [{"url": "/bookings"}]
