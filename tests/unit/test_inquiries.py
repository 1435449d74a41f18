"""Auditors ask questions: what is answered, what the log keeps of it, and that an auditor changes nothing."""

import csv
import io
from datetime import date, timedelta
from typing import get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import slot
from tests.cases import CLERK
from tests.desks import open_desk
from tests.doors import verbs
from tests.maintained import STORES, opened
from tests.people import ME, YOU
from tests.small_town import START
from traffic_booking import (
    Auditor,
    HijriDate,
    InvalidInput,
    NotFound,
    OccurrenceKind,
    QuestionAsked,
    Refused,
    StoreError,
    System,
    from_json,
    to_json,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.tickets import TextTicket
from traffic_booking.domain.audit.feed_page import FeedEntry
from traffic_booking.domain.audit.retention import PERIODS, Retention
from traffic_booking.domain.inquiries.answers import OccurrencePage
from traffic_booking.domain.inquiries.csv_text import BYTE_ORDER_MARK, FORMULA_STARTS, csv_text
from traffic_booking.domain.inquiries.occurrences import _KINDS
from traffic_booking.json_forms.forms import FORMS

BY = Auditor("auditor-1")
DAY = timedelta(days=1)
EARLY, LATE = slot(49), slot(50)


@pytest.fixture(params=STORES)
def desk(request, tmp_path):
    with (
        opened(request.param, tmp_path, lambda: request.getfixturevalue("postgres_url")) as store,
        open_desk(store=store) as made,
    ):
        yield made


def used(desk):
    """A desk with an appointment, a refusal for want of a seat, and one of another person's cancellation."""
    number = desk.book(EARLY, applicant=ME, agreed=True, request_id="booked").appointment.number
    assert isinstance(desk.book(EARLY, applicant=YOU, agreed=True, request_id="full"), Refused)
    assert isinstance(desk.cancel(number, by=YOU, request_id="not-theirs"), Refused)
    desk.clock.advance(DAY)
    desk.cancel(number, by=CLERK, request_id="cancelled")
    return number


def asked(desk):
    return [each.what for each in desk.feed(limit=1_000).entries if isinstance(each.what, QuestionAsked)]


def test_each_question_finds_its_occurrences_on_every_store(desk):
    number = used(desk)
    subject = desk.appointment(number, by=CLERK).applicant.subject
    audit = desk.audit

    def kinds(page):
        return [each.kind.value for each in page.occurrences]

    assert [each.request_id for each in audit.refusals(by=BY).occurrences] == ["full", "not-theirs"]
    assert [each.request_id for each in audit.refusals(rule="BK-05", by=BY).occurrences] == ["full"]
    assert kinds(audit.clerk_log(CLERK.id, by=BY)) == ["appointment-cancelled"]
    life = ["appointment-booked", "request-refused", "appointment-cancelled"]
    assert kinds(audit.appointment_log(number, by=BY)) == life
    assert kinds(audit.person_log(ME, by=BY)) == ["person-registered", *life]
    assert audit.person_log(subject=subject, by=BY).occurrences[:4] == audit.person_log(ME, by=BY).occurrences[:4]
    counts = audit.count_refusals(by=BY)
    assert (counts.refusals, {each.value: each.refusals for each in counts.counts}) == (2, {"BK-05": 1, "CN-01": 1})


def test_an_occurrence_has_the_applicant_the_slot_and_the_actor(desk):
    number = used(desk)
    booked, refused, cancelled = desk.audit.appointment_log(number, by=BY).occurrences
    me = desk.appointment(number, by=CLERK).applicant
    for each in (booked, refused, cancelled):
        assert (each.number, each.subject, each.slot) == (number, me.subject, EARLY)
        assert (each.branch, each.service) == ("north", "renewal")
    assert (booked.actor, cancelled.actor) == (me, CLERK)
    assert refused.actor.subject != me.subject
    assert (refused.rules, refused.rulebook) == (("CN-01",), "test-1")


def test_the_log_keeps_who_asked_what_and_no_personal_data(desk):
    number = used(desk)
    subject = desk.appointment(number, by=CLERK).applicant.subject
    desk.audit.refusals(rule="BK-05", branch="north", day=HijriDate(1448, 6, 12), by=BY, limit=1)
    desk.audit.count_refusals(counted_by="day", by=BY)
    desk.audit.clerk_log("desk-1", from_=START, by=BY)
    desk.audit.appointment_log(number, by=BY)
    desk.audit.person_log(ME, by=BY)
    desk.audit.history(number, by=BY)
    desk.explain(number, by=BY)
    desk.explain(request_id="full", by=BY)
    day = {"from": "2026-11-21T21:00:00+00:00", "until": "2026-11-22T21:00:00+00:00"}
    assert [(each.question, each.about, each.subject) for each in asked(desk)] == [
        ("refusals", {**day, "branch": "north", "rule": "BK-05"}, None),
        ("refusal-counts", {"counted-by": "day"}, None),
        ("clerk", {"from": "2026-11-22T04:00:00+00:00", "clerk": "desk-1"}, None),
        ("appointment", {"number": number}, None),
        ("person", {}, subject),
        ("history", {"number": number}, None),
        ("explanation", {"number": number}, None),
        ("explanation", {"request": "full"}, None),
    ]
    assert {each.actor for each in asked(desk)} == {BY}
    assert {each.at for each in asked(desk)} == {START + DAY}


def test_a_question_about_a_stranger_is_logged_too_and_a_question_that_is_malformed_is_not(desk):
    with pytest.raises(NotFound):
        desk.audit.person_log(YOU, by=BY)
    assert [(each.question, each.about) for each in asked(desk)] == [("person", {"person": "not registered"})]
    for wanted in ({"limit": 0}, {"limit": 10_001}, {"after": "x"}, {"number": "?"}, {"from_": START, "until": START}):
        with pytest.raises(InvalidInput):
            desk.audit.refusals(by=BY, **wanted)
    for unknown in ({"rule": "BK-99"}, {"branch": "nowhere"}, {"service": "nothing"}):
        with pytest.raises(NotFound):
            desk.audit.refusals(by=BY, **unknown)
    for neither in ({}, {"subject": "x" * 22, "person": ME}):
        with pytest.raises(InvalidInput, match="one of them"):
            desk.audit.person_log(by=BY, **neither)
    assert len(asked(desk)) == 1


@pytest.mark.parametrize("by", [CLERK, System(), ME, None, "auditor-1"], ids=repr)
def test_only_an_auditor_asks(by):
    desk = open_desk()
    for ask in (
        desk.audit.refusals,
        desk.audit.count_refusals,
        lambda by: desk.audit.clerk_log("desk-1", by=by),
        lambda by: desk.audit.appointment_log("0010-0000-001H", by=by),
        lambda by: desk.audit.person_log(ME, by=by),
    ):
        with pytest.raises(InvalidInput, match="an Auditor"):
            ask(by=by)
    assert asked(desk) == []


READING = {
    *("explain", "audit.history", "audit.refusals", "audit.count_refusals", "audit.clerk_log", "audit.appointment_log"),
    *("audit.person_log", "audit.installation_log"),
}
"""The verbs that an auditor may use."""


def test_every_other_verb_refuses_an_auditor_and_writes_nothing():
    desk = open_desk(tickets={"text": TextTicket()})
    doors = [each for each in verbs(desk) if "by" in each.sound]
    assert {each.name for each in doors} >= READING
    before = desk.feed(limit=10_000)
    for each in doors:
        if each.name not in READING:
            with pytest.raises(InvalidInput, match="actor"):
                each.call(**{**each.sound, "by": BY})
    assert desk.feed(limit=10_000) == before


def test_nothing_is_answered_if_the_question_can_not_be_logged():
    class ReadOnly(MemoryStore):
        writes = True

        def commit(self, changes):
            if not self.writes:
                raise StoreError("read only")
            return super().commit(changes)

    store = ReadOnly()
    desk = open_desk(store=store)
    number = used(desk)
    store.writes = False
    for ask in (
        lambda: desk.audit.refusals(by=BY),
        lambda: desk.audit.person_log(ME, by=BY),
        lambda: desk.explain(number, by=BY),
    ):
        with pytest.raises(StoreError):
            ask()


def test_pages_end_where_the_log_ended_when_the_first_was_asked_for(desk):
    number = used(desk)
    found, after = [], None
    for _ in range(10):
        page = desk.audit.person_log(ME, by=BY, after=after, limit=1)
        found += page.occurrences
        after = page.next
        if after is None:
            break
    assert [each.kind for each in found].count(OccurrenceKind.ASKED) == 0
    assert len(found) == len({each.position for each in found}) == 4
    assert [each.number for each in found] == [None, number, number, number]


def test_the_cursor_of_another_question_is_refused():
    desk = open_desk()
    used(desk)
    cursor = desk.audit.refusals(by=BY, limit=1).next
    assert desk.audit.refusals(by=BY, limit=5, after=cursor).occurrences[0].request_id == "not-theirs"
    with pytest.raises(InvalidInput, match="of this question"):
        desk.audit.refusals(rule="BK-05", by=BY, after=cursor)
    with pytest.raises(InvalidInput, match="of this question"):
        desk.audit.clerk_log("desk-1", by=BY, after=cursor)


def test_a_refusal_that_was_pruned_is_gone_and_the_others_are_answered(desk):
    used(desk)
    desk.clock.advance(30 * DAY)
    assert isinstance(desk.book(LATE, applicant=YOU, agreed=True, request_id="past"), Refused)
    short = Retention(**dict.fromkeys(PERIODS, 400 * DAY) | {"refusals": 10 * DAY}, refusals_per_minute=100)
    desk.maintenance.prune(retention=short, by=System())
    assert [each.request_id for each in desk.audit.refusals(by=BY).occurrences] == ["past"]
    assert desk.audit.count_refusals(by=BY, day=date(2026, 11, 22)).refusals == 0


def test_an_auditor_is_explained_every_decision(desk):
    number = used(desk)
    assert [each.request_id for each in desk.explain(number, by=BY)] == ["booked", "cancelled"]
    (why,) = desk.explain(request_id="not-theirs", by=BY)
    assert [each.rule_id for each in why.refused] == ["CN-01"]
    assert len(desk.audit.history(number, by=BY)) == 2


def test_a_page_is_read_back_from_its_json_form(desk):
    used(desk)
    page = desk.audit.refusals(by=BY)
    assert from_json(OccurrencePage, to_json(page)) == page


def test_csv_has_a_line_for_each_occurrence_and_its_cells_are_the_values(desk):
    used(desk)
    page = desk.audit.refusals(by=BY)
    text = page.to_csv(excel=True)
    assert text.startswith(BYTE_ORDER_MARK)
    assert text[1:] == page.to_csv()
    rows = list(csv.DictReader(io.StringIO(page.to_csv(), newline="")))
    assert [(row["request_id"], row["rules"], row["branch"]) for row in rows] == [
        ("full", "BK-05", "north"),
        ("not-theirs", "CN-01", "north"),
    ]
    assert (rows[0]["at"], rows[0]["hijri_day"]) == ("2026-11-22T07:00:00+03:00", "1448-06-12")
    counted = list(csv.reader(io.StringIO(desk.audit.count_refusals(by=BY, counted_by="branch").to_csv(), newline="")))
    assert counted == [["branch", "refusals"], ["north", "2"]]


def test_what_people_type_is_no_formula_in_a_spreadsheet():
    desk = open_desk()
    for place, typed in enumerate(["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(1)"]):
        request = f"{typed}{place}"
        assert isinstance(desk.book(EARLY, applicant=YOU, agreed=False, request_id=request), Refused)
    rows = list(csv.DictReader(io.StringIO(desk.audit.refusals(by=BY).to_csv(), newline="")))
    assert [row["request_id"][:2] for row in rows] == ["'=", "'+", "'-", "'@", "'="]


cells = st.text(st.one_of(st.sampled_from("=+-@\t\r\n\",;' "), st.characters(codec="utf-8")), max_size=8)


@given(rows=st.lists(st.lists(cells, min_size=3, max_size=3), max_size=5))
def test_no_cell_of_any_csv_begins_like_a_formula_and_none_breaks_the_table(rows):
    read = list(csv.reader(io.StringIO(csv_text(("a", "b", "c"), rows), newline="")))
    assert [len(row) for row in read] == [3] * (1 + len(rows))
    for row, given_row in zip(read[1:], rows, strict=True):
        for cell, before in zip(row, given_row, strict=True):
            assert cell.lstrip(" ")[:1] not in FORMULA_STARTS or cell == ""
            assert cell.removeprefix("'" if cell != before and cell[:1] == "'" else "").split() == before.split()


def test_every_entry_of_the_feed_has_a_kind_of_occurrence():
    kinds = get_args(get_type_hints(FeedEntry)["what"])
    assert set(_KINDS) == set(kinds)
    forms = {FORMS[kind].kind for kind in kinds}
    assert {each.value for each in OccurrenceKind} == forms
    assert {each.label("ar") for each in OccurrenceKind} & {""} == set()
