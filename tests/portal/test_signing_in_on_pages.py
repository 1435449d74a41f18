"""Faults of the sign-in form: a summary first, each at its field; what was typed stays, but for password and code."""

import pytest

from tests.portal.visitor import CODE, PASSWORD, Visitor


@pytest.fixture
def visitor(app) -> Visitor:
    made = Visitor(app, "en")
    made.open("/sign-in")
    return made


def typed_fields(visitor) -> dict[str, str]:
    return {name: given.get("value", "") for name, given in visitor.page.inputs.items()}


@pytest.mark.journey("C-04")
@pytest.mark.parametrize(
    ("typed", "status", "faults"),
    [
        ({}, 422, ["name", "password", "code"]),
        ({"name": "sara"}, 422, ["password", "code"]),
        ({"name": "1234567890", "password": PASSWORD, "code": CODE}, 422, ["name"]),
        ({"name": "sara", "password": PASSWORD, "code": "222222"}, 403, ["code"]),
        ({"name": "sara", "password": PASSWORD, "code": "no digits"}, 403, ["code"]),
        ({"name": "sara", "password": "another one", "code": CODE}, 403, ["name"]),
        ({"name": "nobody.here", "password": PASSWORD, "code": CODE}, 403, ["name"]),
    ],
)
def test_each_fault_is_in_the_summary_and_at_its_field(visitor, typed, status, faults):
    visitor.press("submit", status, **typed)
    summary = visitor.seen.text.split('id="errors"')[1].split("</div>")[0]
    assert [part.split('"')[0] for part in summary.split('href="#')[1:]] == faults
    assert all(f'id="{field}-error"' in visitor.seen.text for field in faults)
    assert visitor.page.title.startswith("Error: ")
    assert typed_fields(visitor) == {"name": typed.get("name", ""), "password": "", "code": ""}
    assert PASSWORD not in visitor.seen.text.split('id="demo"')[0]


def test_a_new_picture_keeps_the_name(visitor):
    before = visitor.form("submit").fields["token"]
    visitor.press("new-code", name="sara")
    assert visitor.form("submit").fields["token"] != before
    assert typed_fields(visitor)["name"] == "sara"
    visitor.press("submit", password=PASSWORD, code=CODE)
    assert visitor.page.steps == ["J-07"]


def test_a_device_is_locked_after_repeated_failures_and_is_told_until_when(visitor):
    for _ in range(5):
        visitor.press("submit", 403, name="sara", password="another one", code=CODE)
    visitor.press("submit", 403, name="sara", password=PASSWORD, code=CODE)
    assert "locked" in visitor.seen.text


def test_signing_out_ends_the_session(app):
    visitor = Visitor(app)
    visitor.sign_in("sara")
    token = visitor.client.cookies["session"]
    button = next(form for form in visitor.page.forms if form.action.endswith("/sign-out"))
    visitor.press("", form=button)
    assert visitor.seen.url.path == "/ar/"
    visitor.client.cookies.set("session", token)
    visitor.open("/home")
    assert "J-02" in visitor.page.steps


@pytest.mark.parametrize("demo", ["/ar/month?branch=riyadh-traffic&service=licence-renewal", "/en/appointments"])
def test_signing_in_leads_on_to_the_page_that_was_asked_for(app, demo):
    visitor = Visitor(app, demo[1:3])
    visitor.open(demo)
    visitor.press("submit", name="sara", password=PASSWORD, code=CODE)
    assert str(visitor.seen.url).endswith(demo)
