"""The marks of changes give every record that is stored, and show nothing of a person."""

from datetime import timedelta

import pytest

from tests.folded import KeptLog, compared_at_the_end
from tests.maintained import DAY, desk_over, erase
from tests.small_town import START
from tests.stored_day import StoredDay
from traffic_booking import System, UserName
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.pseudonyms import PseudonymKey
from traffic_booking.persistence.accounts import Accounts
from traffic_booking.persistence.marks import (
    LONGEST_PART,
    NOTHING,
    RECORDS_KIND,
    Mark,
    digest_of,
    mark_of,
    marked,
    unmarked,
)
from traffic_booking.persistence.schema import ANSWERS, CODES
from traffic_booking.ports.primitives import Append, Count, Delete, Put, StoreChange
from traffic_booking.testing import MovableClock, made_up_person

ME, OTHER = map(made_up_person, range(1, 3))
TOO_LONG_FOR_ONE = LONGEST_PART // 40
OLD, NEW = (PseudonymKey(bytes([byte]) * 32) for byte in (1, 2))


@pytest.fixture
def kept():
    with compared_at_the_end() as store:
        yield store


def test_the_marks_of_a_day_with_every_kind_of_answer_give_all_records(monkeypatch):
    kept = KeptLog(MemoryStore())
    monkeypatch.setattr("tests.stored_day.MemoryStore", lambda: kept)
    StoredDay()

    kept.assert_marks_give_all_records()


def test_marks_give_names_passwords_and_an_erasure(kept):
    desk, accounts = desk_over(kept), Accounts(kept, lambda: START)
    accounts.set_password_hash(ME, "$argon2$")
    assert accounts.set_user_name(ME, UserName("first"))
    assert accounts.set_user_name(ME, UserName("second"))
    assert accounts.set_user_name(OTHER, UserName("other"))
    kept.assert_marks_give_all_records()

    assert erase(desk, ME)


def test_marks_give_another_pseudonym_key(kept):
    desk_over(kept, keys=[OLD]).maintenance.prune(by=System())
    accounts = Accounts(kept, lambda: START, OLD)
    assert accounts.set_user_name(ME, UserName("first"))

    assert desk_over(kept, keys=[NEW, OLD]).maintenance.rekey(by=System()) == 2


def test_marks_give_what_was_pruned(kept):
    clock = MovableClock(START)
    desk = desk_over(kept, clock=clock)
    booked = desk.book(desk.find_slots(service="renewal")[0], applicant=ME, agreed=True, request_id="book")
    assert booked
    assert not desk.book(desk.find_slots(service="renewal")[1], applicant=ME, agreed=True, request_id="twice")
    clock.advance(4_000 * DAY)

    assert sum(desk.maintenance.prune(by=System()).values())


def test_no_mark_names_a_person(kept):
    accounts = Accounts(kept, lambda: START)
    assert accounts.set_user_name(ME, UserName("somebody"))
    erase(desk_over(kept), ME)

    log = "".join(kept.bodies)
    assert ME.reveal() not in log
    assert "somebody" not in log


def test_a_change_without_evidence_is_left_as_it_is():
    change = StoreChange(puts=(Put(CODES.name, "code", 0, (START,), ""),))

    assert marked(change) is change


def test_a_change_without_an_entry_gets_one():
    put = Put(ANSWERS.name, "request", 0, (START,), "{}")
    (entry,) = marked(StoreChange(puts=(put,))).entries

    assert entry.kind == RECORDS_KIND
    row = ("request", 1, START, "{}")
    assert mark_of(entry.body) == NOTHING._replace(puts={"answers": {"request": (1, digest_of("answers", row))}})


def test_a_mark_is_behind_the_data_of_its_entry_and_is_taken_off():
    change = StoreChange(entries=(Append("stream", "kind", '{"at":1}'), Append("stream", "kind", "{}")), trims=("old",))
    first, second = marked(change).entries

    assert first.body == '{"at":1,"change":{"trim":["old"]}}'
    assert unmarked(first.body) == {"at": 1}
    assert second.body == "{}"


def test_a_long_mark_is_in_several_entries():
    deletes = tuple(Delete(ANSWERS.name, f"request-{place:040}", 1) for place in range(TOO_LONG_FOR_ONE))
    entries = marked(StoreChange(deletes=deletes, counts=(Count("seats", "key", 2, 2),))).entries

    assert len(entries) > 1
    assert max(len(each.body.encode()) for each in entries) < 65_535
    found = [mark_of(each.body) for each in entries]
    assert {key for each in found for key in each.deletes.get(ANSWERS.name, {})} == {each.key for each in deletes}
    assert sum(each.counts.get("seats", {}).get("key", 0) for each in found) == 2


def test_an_instant_has_one_digest_in_every_time_zone():
    def row(moment):
        return ("request", 1, moment, "{}")

    elsewhere = START.astimezone(tz=None)
    assert digest_of("answers", row(START)) == digest_of("answers", row(elsewhere))
    assert digest_of("answers", row(START)) != digest_of("answers", row(START + timedelta(microseconds=1)))


@pytest.mark.parametrize("change", ['"text"', '{"put":7}', '{"other":{}}', '{"put":{"answers":{"key":[1]}}}'])
def test_a_malformed_mark_is_an_error(change):
    with pytest.raises(ValueError, match=r"mark|values"):
        mark_of(f'{{"change":{change}}}')


def test_an_entry_without_a_mark_has_an_empty_one():
    assert mark_of("{}") == NOTHING == Mark({}, {}, {}, ())
