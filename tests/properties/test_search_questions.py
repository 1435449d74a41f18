"""Searches, compared with a brute force: any questions, in towns with any history."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.desks import open_desk
from tests.search_worlds import PERSONS, BruteForce, World, pages, person, random_question, shown
from traffic_booking import Booked

EXAMPLES, QUESTIONS = settings().max_examples // 8, 8
"""Each example is a whole town with its history."""


def indexed(*args: Any, **parts: Any) -> Any:
    """A desk with an index that every search refreshes."""
    desk: Any = open_desk(*args, **parts, availability="index")
    desk._office.index.staleness = timedelta()
    return desk


def check(world: World, draw: Random, questions: int) -> int:
    """Compare the answers to some questions with those of the brute force; returns how many slots were compared."""
    brute, compared = BruteForce(world), 0
    for _ in range(questions):
        question, limit = random_question(draw, world), draw.choice([1, 2, 5, 50])
        assert shown(pages(world.desk, question, limit)) == brute.answer(question), question
        compared += len(brute.every)
    return compared


def check_personal(world: World, draw: Random, questions: int) -> int:
    """The same for one person: the slots that they could book and, if they have an appointment, those to move it to."""
    who = person(draw.randrange(PERSONS))
    theirs = world.desk.appointments(who)
    moving = draw.choice([None, *theirs.upcoming, *theirs.held])
    brute, compared = BruteForce(world, who, moving), 0
    for _ in range(questions):
        question, limit = random_question(draw, world), draw.choice([1, 2, 5, 50])
        personal = {"applicant": who}
        if moving is not None:
            question["service"] = moving.slot.service
            question["earlier_only"] = draw.random() < 0.5
            personal = {"moving": moving.number, "by": who}
        found = pages(world.desk, question | personal, limit)
        assert shown(found) == brute.answer(question), (question, personal)
        compared += len(brute.every)
    return compared


@settings(deadline=None, max_examples=EXAMPLES)
@given(st.integers(0, 10**9))
def test_a_search_finds_what_a_brute_force_finds_in_the_same_order(seed):
    check(World(seed), Random(seed), QUESTIONS)


@settings(deadline=None, max_examples=EXAMPLES)
@given(st.integers(0, 10**9))
def test_a_slot_is_shown_to_a_person_exactly_if_they_can_book_it_or_move_there(seed):
    check_personal(World(seed), Random(seed), QUESTIONS)


@settings(deadline=None, max_examples=EXAMPLES)
@given(st.integers(0, 10**9))
def test_a_search_of_an_index_that_is_as_new_as_the_search_finds_what_a_brute_force_finds(seed):
    world = World(seed, opening=indexed)
    check(world, Random(seed), QUESTIONS)
    check_personal(world, Random(-seed), QUESTIONS)


@settings(deadline=None, max_examples=EXAMPLES)
@given(st.integers(0, 10**9))
def test_pages_neither_repeat_nor_skip_while_others_book(seed):
    world, draw = World(seed, requests=8), Random(seed)
    question = random_question(draw, world)
    before, seen, after, serial = shown(pages(world.desk, question, 500)), [], None, 0
    while True:
        page = world.desk.find_slots(**question, limit=draw.randint(1, 3), after=after)
        seen += shown(list(page))
        after = page.next
        if after is None:
            break
        for slot in draw.sample(world.found(limit=60), 1):
            serial += 1
            world.desk.book(slot, applicant=person(100 + serial), agreed=True, request_id=f"later-{serial}")
    starts = [row[:3] for row in seen]
    assert len(starts) == len(set(starts))
    if question.get("each_branch"):
        assert len({row[0] for row in seen}) == len(seen)
        still = {row[0] for row in shown(pages(world.desk, question, 500))}
        assert still <= {row[0] for row in seen}
    else:
        still = {row[:3] for row in shown(pages(world.desk, question, 500))}
        assert {row[:3] for row in before} & still <= set(starts)


@settings(deadline=None, max_examples=EXAMPLES)
@given(st.integers(0, 10**9))
def test_a_slot_that_is_shown_to_a_person_can_be_booked_at_that_instant(seed):
    world, draw = World(seed), Random(seed)
    who = person(draw.randrange(PERSONS))
    page = world.desk.find_slots(**random_question(draw, world), applicant=who)
    if page:
        outcome = world.desk.book(draw.choice(page), applicant=who, agreed=True, request_id="shown")
        assert isinstance(outcome, Booked), outcome


@pytest.mark.long
def test_a_million_slots_are_compared_with_the_brute_force():
    compared, seed = 0, 0
    while compared < 1_000_000:
        seed += 1
        world = World(seed, opening=indexed if seed % 2 else open_desk, requests=60)
        compared += check(world, Random(seed), 40) + check_personal(world, Random(-seed), 40)
