"""The availability index has exactly the candidates that the store has, after any history, written by any desk."""

from datetime import datetime, timedelta
from typing import Any

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.indexed_towns import POINTS, SERVICES, STARTS, Town, questions, requests, towns, verbs
from traffic_booking import Catalogue
from traffic_booking.domain.decisions.availability import horizon
from traffic_booking.domain.searching.question import Question
from traffic_booking.testing import made_up_person

starts = st.sampled_from(STARTS)
searches = st.fixed_dictionaries(
    {
        "service": st.lists(st.sampled_from(SERVICES), min_size=1, max_size=3),
        "seats": st.sampled_from([1, 1, 2]),
        "adjacent": st.sampled_from([1, 1, 2]),
        "each_branch": st.booleans(),
        "limit": st.integers(1, 12),
    }
)
orders = st.fixed_dictionaries(
    {"near": st.sampled_from(POINTS), "order": st.sampled_from(["earliest", "nearest", "balanced"])}
)

EXAMPLES = settings().max_examples // 4
"""Each example is a whole town with its history."""


def found(town: Town, question: Question, **others: Any) -> list[Any]:
    """The candidates of the index, which is refreshed first."""
    now, snapshot = town.clock.now(), town.snapshot()
    last = horizon(snapshot.configuration, now)
    assert snapshot.as_of == now
    assert snapshot.covers(question, last)
    return list(snapshot.candidates(question, now, last, **others))


@settings(deadline=None, max_examples=EXAMPLES)
@given(data=st.data(), catalogue=towns(), start=starts, histories=st.lists(requests, min_size=1, max_size=3))
def test_the_index_has_the_candidates_of_the_store_in_the_order_of_the_question(
    data: st.DataObject, catalogue: Catalogue, start: datetime, histories: Any
):
    town = Town(catalogue, start)
    for history in [[], *histories]:
        for request in history:
            town.request(*request)
        question = data.draw(questions(catalogue, town.clock.now()))
        assert found(town, question) == town.listed(question)


@settings(deadline=None, max_examples=EXAMPLES)
@given(data=st.data(), catalogue=towns(), start=starts, history=requests)
def test_the_candidates_behind_a_key_are_the_rest(data, catalogue, start, history):
    town = Town(catalogue, start)
    for request in history:
        town.request(*request)
    question = data.draw(questions(catalogue, town.clock.now()))
    whole = town.listed(question)
    if whole:
        place = data.draw(st.integers(0, len(whole) - 1))
        assert found(town, question, behind=whole[place].key) == whole[place + 1 :]


@settings(deadline=None, max_examples=EXAMPLES)
@given(data=st.data(), catalogue=towns(), start=starts, histories=st.lists(requests, min_size=1, max_size=2))
def test_a_desk_with_an_index_finds_the_pages_of_a_desk_without(data, catalogue, start, histories):
    town = Town(catalogue, start)
    person = made_up_person(1)
    for history in histories:
        for request in history:
            town.request(*request)
        search = data.draw(searches) | data.draw(st.just({}) | orders)
        if data.draw(st.booleans()):
            search["applicant"] = person
        after = None
        for _ in range(3):
            page, expected = (desk.find_slots(**search, after=after) for desk in (town.desk, town.writer))
            assert page == expected
            assert (page.next, page.searched_until) == (expected.next, expected.searched_until)
            assert (page.as_of, page.staleness) == (town.clock.now(), timedelta())
            after = page.next
            if after is None:
                break
            town.request(*data.draw(st.tuples(verbs, st.integers(0, 200), st.integers(0, 20))))


@settings(deadline=None, max_examples=EXAMPLES)
@given(data=st.data(), catalogue=towns(), start=starts, history=requests)
def test_no_candidate_is_of_a_branch_that_was_skipped_meanwhile(data, catalogue, start, history):
    town = Town(catalogue, start)
    for request in history:
        town.request(*request)
    question = data.draw(questions(catalogue, town.clock.now()))
    skip = set(data.draw(st.sets(st.integers(0, 3), max_size=2)))
    expected, seen = [], set(skip)
    for each in town.listed(question):
        if each.at.rank not in seen:
            expected.append(each)
            seen.add(each.at.rank)
    now, snapshot = town.clock.now(), town.snapshot()
    first_at_each = []
    for each in snapshot.candidates(question, now, horizon(snapshot.configuration, now), skip=skip):
        first_at_each.append(each)
        skip.add(each.at.rank)
    assert first_at_each == expected


@settings(deadline=None, max_examples=EXAMPLES)
@given(data=st.data(), catalogue=towns(), start=starts, histories=st.lists(requests, min_size=2, max_size=2))
def test_seats_counted_in_the_pools_of_another_desk_are_found_as_the_store_has_them(data, catalogue, start, histories):
    town = Town(catalogue, start)
    town.snapshot()
    own, edited = town.writer, town.opened(catalogue=without_pools(catalogue))
    for history in histories:
        town.writer = edited
        for request in history:
            town.request(*request)
        town.writer = own
        for request in history[:5]:
            town.request(*request)
        question = data.draw(questions(catalogue, town.clock.now()))
        assert found(town, question) == town.listed(question)


def without_pools(catalogue: Catalogue) -> Catalogue:
    """The town whose services share no seats."""
    timetables = [
        evolve(each, offers=tuple(evolve(offer, pool=None) for offer in each.offers)) for each in catalogue.timetables
    ]
    return evolve(catalogue, timetables=tuple(timetables))


@settings(deadline=None, max_examples=EXAMPLES)
@given(
    data=st.data(), catalogue=towns(), start=starts, history=requests, hours=st.lists(st.integers(1, 60), max_size=5)
)
def test_days_enter_and_leave_the_index_as_the_time_passes(data, catalogue, start, history, hours):
    town = Town(catalogue, start)
    for place, request in enumerate(history):
        town.request(*request)
        if place < len(hours):
            town.clock.advance(timedelta(hours=hours[place]))
        question = data.draw(questions(catalogue, town.clock.now()))
        assert found(town, question) == town.listed(question)
