"""The portal on SQLite and on PostgreSQL, by one setting, with the data of the demonstration."""

import pytest

from examples.portal.app import portal_app
from examples.portal.settings import DEMO_STAFF, Settings
from tests.portal.visitor import CODE, Visitor


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    return f"sqlite:///{tmp_path}/portal.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


def test_a_person_books_and_a_clerk_sees_the_day(database, clock):
    given = {"database": database, "demo": True, "staff": DEMO_STAFF, "draw_code": lambda: CODE, "clock": clock}
    for _ in range(2):  # the second start finds what the first one has written
        app = portal_app(Settings(**given))
        sara, clerk = Visitor(app), Visitor(app, "en")
        sara.sign_in("sara")
        sara.open("/appointments")
        if 'data-state="booked"' not in sara.seen.text:
            sara.book(branch="riyadh-traffic", service="licence-renewal")
        clerk.sign_in("clerk")
        clerk.open("/staff")
        assert clerk.seen.text.count('data-state="booked"') == 10
        app.state.portal.sign_in.close()
        app.state.portal.desk.close()
