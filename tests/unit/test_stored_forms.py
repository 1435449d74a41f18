"""Today's code writes and reads the form that stores have; see `tests/stored_forms.py`."""

import json

import pytest

from tests.maintained import log_of, opened, rows_of
from tests.stored_day import StoredDay
from tests.stored_forms import FILE, explained, filled, forms_of, text_of
from traffic_booking import RequestMismatch
from traffic_booking.persistence.erasures import ERASED_KIND
from traffic_booking.persistence.event_codec import EVENT_TAGS
from traffic_booking.persistence.log import AGAIN_KIND, DECLARED_KIND, REFUSED_KIND, REVEALED_KIND, UPKEEP_KIND
from traffic_booking.persistence.marks import RECORDS_KIND
from traffic_booking.persistence.persons import REGISTERED_KIND

OTHER_KINDS = {
    AGAIN_KIND,
    DECLARED_KIND,
    ERASED_KIND,
    REFUSED_KIND,
    REVEALED_KIND,
    UPKEEP_KIND,
    REGISTERED_KIND,
    RECORDS_KIND,
}
OF_INSTALLING = {"installations", "installed_texts"}
OF_SIGNING_IN = {"accounts", "attempts", "codes", "names", "sessions"}


@pytest.fixture(scope="module")
def day():
    return StoredDay()


@pytest.fixture(scope="module")
def forms():
    return json.loads(FILE.read_text(encoding="utf-8"))


@pytest.fixture(params=["memory", "sqlite"])
def desk(request, forms, day, tmp_path):
    """A desk over a store with the contents of the file."""
    with opened(request.param, tmp_path, lambda: "") as store:
        filled(store, forms)
        yield day.opened(store)


def test_every_record_and_log_entry_is_written_as_in_the_file(day, forms):
    written = forms_of(day)
    for section, expected in forms.items():
        assert json.loads(json.dumps(written[section])) == expected, "a store in use needs a migration"
    assert text_of(written) == FILE.read_text(encoding="utf-8")


def test_the_file_has_every_collection_and_every_kind_of_log_entry(forms):
    assert {name for name, rows in forms["records"].items() if not rows} == OF_SIGNING_IN | OF_INSTALLING
    assert {kind for _, kind, _ in forms["log"]} == {*EVENT_TAGS.values(), *OTHER_KINDS}


def test_a_request_that_is_sent_again_has_the_answer_in_the_file(desk, day):
    before = rows_of(desk.store), log_of(desk.store)
    for request_id, sent in day.sent.items():
        if request_id == "refuse-erased":
            with pytest.raises(RequestMismatch):
                sent.again(desk)
        else:
            assert sent.again(desk) == sent.outcome
    assert (rows_of(desk.store), log_of(desk.store)) == before


def test_the_decisions_in_the_file_are_explained_and_replayed_as_they_were(desk, day, forms):
    assert json.loads(json.dumps(explained(desk, day.sent))) == forms["explained"]
    verified = desk.audit.verify()
    assert (verified.answers, verified.without_case) == (len(forms["records"]["answers"]), 2)
    assert (verified.broken, verified.unknown_versions) == ((), ())


def test_a_store_that_has_what_the_file_has_is_sound(desk):
    assert desk.audit.verify().broken == ()


def test_the_feed_of_the_file_is_that_of_the_day(desk, day):
    found, expected = desk.feed(limit=10_000).entries, day.desk.feed(limit=10_000).entries
    assert [each.what for each in found] == [each.what for each in expected]
    assert len(found) > len(day.sent)
