"""The recorder writes down the requests and results of callers; histories are saved to files and loaded."""

from itertools import pairwise
from threading import Thread
from typing import Any

import pytest

from tests.cases import CLERK
from tests.desks import open_desk
from tests.made_histories import OFFERED, SLOTS, key_of, made
from tests.small_town import START
from traffic_booking import Booked, Cancelled, Held, InvalidInput, NotFound, Refused, RequestMismatch, StoreUnavailable
from traffic_booking.application._sync.desk import Desk
from traffic_booking.application._sync.maintenance_room import MaintenanceRoom
from traffic_booking.testing import made_up_person
from traffic_booking.testing.histories.check import check_history
from traffic_booking.testing.histories.files import load_history, save_history
from traffic_booking.testing.histories.history import ExpireHolds, History, HoldsEnded, recorded_applicant
from traffic_booking.testing.histories.linearizability import NotLinearizable
from traffic_booking.testing.histories.recorder import Recorder

ME = made_up_person(1)
SLOT = key_of(("north", "renewal", 300))


def used_desk(**options):
    desk = open_desk()
    recorder = Recorder(desk, clock=desk.clock, **options)
    held = recorder.hold(SLOT, applicant=ME, request_id="r-1")
    assert isinstance(held, Held)
    recorder.book(held, applicant=ME, agreed=True, request_id="r-2", by=CLERK)
    recorder.check_in(held.appointment.number, by=CLERK, request_id="r-3")
    recorder.cancel(held.appointment.number, by=ME, request_id="r-4")
    recorder.expire_holds(limit=7)
    with pytest.raises(RequestMismatch):
        recorder.hold(SLOT, applicant=made_up_person(2), request_id="r-1")
    return recorder


def test_it_writes_down_requests_and_results():
    history = used_desk().history()
    results = [operation.result for operation in history.operations]
    assert [type(each) for each in results] == [Held, Booked, Refused, Cancelled, HoldsEnded, type(None)]
    requests = [operation.requested for operation in history.operations]
    assert [each.request_id for each in requests if not isinstance(each, ExpireHolds)] == [
        "r-1",
        "r-2",
        "r-3",
        "r-4",
        "r-1",
    ]
    assert requests[1].actor == CLERK
    assert requests[4] == ExpireHolds(7)
    assert all(operation.earliest == operation.latest == START for operation in history.operations)
    spans = [(operation.invoked, operation.ended) for operation in history.operations]
    assert all(begun <= over for begun, over in spans)
    assert all(over <= begun for (_, over), (begun, _) in pairwise(spans))


def test_requests_and_answers_name_a_person_alike_in_every_recorder():
    desk = open_desk()
    first, second = (Recorder(desk, clock=desk.clock) for _ in range(2))
    held: Any = first.hold(SLOT, applicant=ME, request_id="r-1")
    second.cancel(held.appointment.number, by=ME, request_id="r-2")
    both: list[Any] = [*first.history().operations, *second.history().operations]
    holding, cancelling = both
    applicant = recorded_applicant(ME)
    assert held.appointment.applicant != applicant
    assert [holding.requested.actor, holding.requested.applicant, cancelling.requested.actor] == [applicant] * 3
    assert [each.result.appointment.applicant for each in (holding, cancelling)] == [applicant] * 2


def desk_that_finds_nobody(error):
    class FindsNobody(Desk):
        def person_of(self, subject, *, by):
            raise error

    desk = open_desk()
    desk.__class__ = FindsNobody
    return desk


def test_an_answer_about_a_subject_of_nobody_fits_no_history():
    desk = desk_that_finds_nobody(NotFound("person", "nobody"))
    recorder = Recorder(desk, clock=desk.clock)
    recorder.book(key_of(SLOTS[0]), applicant=ME, agreed=True, request_id="r-1")
    history = recorder.history()
    assert isinstance(check_history(history, OFFERED, desk.rulebook), NotLinearizable)


def test_an_answer_is_unknown_if_the_store_does_not_return_whose_it_is():
    desk = desk_that_finds_nobody(StoreUnavailable("gone"))
    recorder = Recorder(desk, clock=desk.clock)
    assert isinstance(recorder.book(SLOT, applicant=ME, agreed=True, request_id="r-1"), Booked)
    [operation] = recorder.history().operations
    assert operation.ended is not None
    assert operation.result is None


def test_an_operation_under_way_has_no_end():
    desk = open_desk()
    seen = []

    class Looks(MaintenanceRoom):
        def expire_holds(self, *, limit=100):
            seen.append(recorder.history())
            return super().expire_holds(limit=limit)

    desk.maintenance.__class__ = Looks
    recorder = Recorder(desk, clock=desk.clock)
    recorder.expire_holds()
    [during] = seen[0].operations
    assert (during.ended, during.latest, during.result) == (None, None, None)
    assert recorder.history().operations[0].ended is not None


def test_each_thread_is_a_client_of_its_own():
    desk = open_desk()
    recorder = Recorder(desk, clock=desk.clock, name="here")
    threads = [Thread(target=recorder.expire_holds) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {operation.client for operation in recorder.history().operations} == {"here-1", "here-2", "here-3"}


def test_a_journal_holds_the_same_history_and_so_does_a_file_of_it(tmp_path):
    with used_desk(journal=tmp_path / "journal") as recorder:
        history = recorder.history()
        assert load_history(tmp_path / "journal") == history
    recorder.close()
    save_history(history, tmp_path / "saved")
    assert load_history(tmp_path / "saved") == history
    for file in ("journal", "saved"):
        assert ME.reveal() not in (tmp_path / file).read_text()


def test_made_histories_come_back_from_a_file(tmp_path):
    moves = [(verb, who, who % 4, 1, 2, 30, 40) for who in range(3) for verb in ("hold", "book", "cancel", "sweep")]
    history = made(moves, lost={5})
    save_history(history, tmp_path / "saved")
    assert load_history(tmp_path / "saved") == history


def test_histories_that_were_recorded_side_by_side_are_merged(tmp_path):
    recorders = [used_desk(name=name, journal=tmp_path / name) for name in ("a", "b")]
    together = load_history(*(tmp_path / name for name in ("a", "b")))
    assert together == History.merged(recorder.history() for recorder in recorders)
    assert [o.invoked for o in together.operations] == sorted(o.invoked for o in together.operations)


def test_half_a_last_line_is_passed_over(tmp_path):
    used_desk(journal=tmp_path / "journal")
    whole = (tmp_path / "journal").read_bytes()
    (tmp_path / "journal").write_bytes(whole[:-9])
    operations = load_history(tmp_path / "journal").operations
    assert len(operations) == 6
    assert (operations[-1].ended, operations[-1].result) == (None, None)


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"end": "nobody/1"}',
        '{"call": "a", "requested": {}}',
        '{"call": "a", "requested": {"expire": 1}, "client": 1}',
        '{"call": "a", "client": "a", "invoked": 1, "clock": "2026-11-22T04:00:00Z", "requested": {"kind": "sing"}}',
    ],
)
def test_a_line_that_can_t_be_read_is_refused_without_quoting_it(tmp_path, line):
    path = tmp_path / "damaged"
    path.write_text(line + "\n")
    with pytest.raises(InvalidInput, match="line 1") as caught:
        load_history(path)
    assert line not in str(caught.value)


def test_a_made_history_overlaps():
    history = made([("book", who, 0, 0, 0, 25, 25) for who in range(3)])
    assert len(SLOTS) == 4
    assert all(a.invoked < b.ended for a in history.operations for b in history.operations)
