"""One request id, one answer: the first one, whatever comes under the same id later."""

from attrs import evolve as copy_with

from traffic_booking.domain.changes import Change, Committed, Conflict, Guard
from traffic_booking.domain.outcomes import Refused
from traffic_booking.domain.rules.verdict import Finding, Findings
from traffic_booking.ports.store import Store
from traffic_booking.testing.sample_changes import (
    ME,
    START,
    TICK,
    YOU,
    about,
    answer,
    booking,
    cancelling,
    facts_of,
    number,
    seats_taken,
    slot,
    stored,
)
from traffic_booking.testing.store.base import StoreCases

ALIKE = ["a", "A", "aa", "ä", "ﺣ", "ح", "١", "1", "x" * 127, "x" * 128, "x" * 127 + "y", "%", "_", "'", '"', "\\"]
"""Request ids that careless comparison takes for one another."""


class RequestCases(StoreCases):
    """Replays and mismatches."""

    def test_a_second_use_of_a_request_id_conflicts_and_brings_the_first_answer(self, store: Store) -> None:
        first = booking(1)
        store.commit([first])
        again = copy_with(booking(2, YOU, slot(2)), answer=answer("request-1", Refused(()), YOU))
        assert list(store.commit([again])) == [Conflict(guard=Guard.REQUEST, answer=first.answer)]
        assert store.appointment(number(2)) is None
        assert facts_of(store, request_id="request-1").answer == first.answer

    def test_the_same_request_sent_again_changes_nothing(self, store: Store) -> None:
        first = booking(1, capacity=5)
        store.commit([first])
        assert list(store.commit([first])) == [Conflict(guard=Guard.REQUEST, answer=first.answer)]
        assert seats_taken(store) == 1
        assert len(store.history(number(1))) == 1

    def test_an_answer_is_the_one_of_its_time_whatever_became_of_the_appointment(self, store: Store) -> None:
        first = booking(1)
        store.commit([first])
        store.commit([cancelling(stored(store, 1), standing=1)])
        assert facts_of(store, request_id="request-1").answer == first.answer

    def test_a_refusal_is_remembered_under_its_request_id(self, store: Store) -> None:
        refused = answer("no", Refused(()))
        assert list(store.commit([Change(answer=refused)])) == [Committed()]
        assert facts_of(store, request_id="no").answer == refused
        assert list(store.commit([Change(answer=refused)])) == [Conflict(guard=Guard.REQUEST, answer=refused)]

    def test_an_answer_keeps_the_word_of_every_rule_that_was_heard(self, store: Store) -> None:
        """Of those that are kept as of those that are broken, whatever they observed and allow."""
        words: tuple[Finding, ...] = (
            (True, 1, 3, None),
            (False, "مُلغى", START - TICK, START + TICK),
            (True, None, None, None),
        )
        heard = copy_with(answer("heard", Refused(())), findings=Findings(("BK-04", "BK-07", "CN-01"), words))
        store.commit([Change(answer=heard)])
        found = facts_of(store, request_id="heard").answer
        assert found == heard
        assert found.findings == heard.findings

    def test_every_request_id_has_its_own_answer(self, store: Store) -> None:
        answers = [answer(f"request-{serial}", Refused(()), (ME, YOU)[serial % 2]) for serial in range(200)]
        assert list(store.commit([Change(answer=each) for each in answers])) == [Committed()] * len(answers)
        found = store.facts([about(request_id=each.command.request_id) for each in answers])
        assert [facts.answer for facts in found] == answers

    def test_request_ids_that_look_alike_are_different_requests(self, store: Store) -> None:

        answers = [answer(name, Refused(()), at=slot(hours)) for hours, name in enumerate(ALIKE)]
        assert list(store.commit([Change(answer=each) for each in answers])) == [Committed()] * len(answers)
        found = store.facts([about(request_id=name) for name in ALIKE])
        assert [facts.answer for facts in found] == answers
