"""Facts: what one decision needs, in the order asked, with an entry for everything asked about."""

from traffic_booking.domain.facts import Standing
from traffic_booking.ports.store import Store
from traffic_booking.testing.people import made_up_person
from traffic_booking.testing.sample_changes import (
    FAR_AHEAD,
    LONG_AGO,
    ME,
    START,
    TICK,
    YOU,
    about,
    around,
    booking,
    cancelling,
    facts_of,
    held,
    number,
    slot,
    standing_of,
    stored,
)
from traffic_booking.testing.store.base import StoreCases

MANY = 300


class FactsCases(StoreCases):
    """Standings, earlier answers, appointments and seats, as decisions read them."""

    def test_an_empty_store_knows_nobody_and_no_seats(self, store: Store) -> None:
        facts = facts_of(store)
        assert (facts.answer, facts.appointment, facts.taken) == (None, None, {slot(): 0})
        assert facts.standing == Standing(ME, 0, ())
        assert store.appointment(number(1)) is None
        assert list(store.history(number(1))) == []
        assert list(store.appointments_of(ME, limit=10)) == []
        assert list(store.lapsed(by=FAR_AHEAD)) == []
        assert store.taken([around(slot())], lapsed_by=START) == {}
        assert not store.is_spent("code")

    def test_no_queries_get_no_facts(self, store: Store) -> None:
        assert list(store.facts([])) == []

    def test_facts_come_in_the_order_of_the_queries(self, store: Store) -> None:
        store.commit([booking(1), booking(2, YOU, slot(2))])
        facts = store.facts([about(YOU), about(ME), about(YOU, request_id="request-1")])
        assert [one.standing and one.standing.applicant for one in facts] == [YOU, ME, YOU]
        assert [one.answer is not None for one in facts] == [False, False, True]

    def test_the_facts_of_many_are_those_of_each(self, store: Store) -> None:
        people = [made_up_person(serial) for serial in range(MANY)]
        store.commit([booking(serial, one, slot(serial % 7), capacity=100) for serial, one in enumerate(people)])
        queries = [
            about(
                person,
                request_id=f"request-{serial}",
                slots=(slot(serial % 7), slot(serial % 5)),
                ending_after=LONG_AGO if serial % 3 else FAR_AHEAD,
            )
            for serial, person in enumerate(people)
        ]
        queries += [about(number=number(serial), request_id="nobody-asked") for serial in (1, 1, MANY - 1, MANY)]
        queries += [about(people[0]), about(people[0], ending_after=FAR_AHEAD), about()]
        assert list(store.facts(queries)) == [store.facts([query])[0] for query in queries]

    def test_facts_about_nobody_have_no_standing(self, store: Store) -> None:
        assert store.facts([about()])[0].standing is None

    def test_facts_about_a_number_have_its_appointment_and_its_applicant(self, store: Store) -> None:
        store.commit([booking(1)])
        facts = store.facts([about(number=number(1))])[0]
        assert facts.appointment == stored(store, 1)
        assert facts.standing == Standing(ME, 1, (stored(store, 1),))

    def test_facts_about_an_unknown_number_have_neither(self, store: Store) -> None:
        facts = store.facts([about(number=number(1))])[0]
        assert (facts.appointment, facts.standing) == (None, None)

    def test_facts_have_an_entry_for_every_slot_asked_about(self, store: Store) -> None:
        store.commit([booking(1)])
        assert store.facts([about(slots=(slot(2), slot()))])[0].taken == {slot(2): 0, slot(): 1}

    def test_facts_hold_everything_committed_before(self, store: Store) -> None:
        for serial in range(1, 6):
            change = booking(serial, capacity=9, standing=serial - 1)
            store.commit([change])
            facts = facts_of(store, request_id=f"request-{serial}")
            assert facts.answer == change.answer
            assert facts.taken == {slot(): serial}
            assert facts.standing is not None
            assert facts.standing.version == len(facts.standing.appointments) == serial

    def test_a_standing_leaves_out_what_has_ended(self, store: Store) -> None:
        store.commit([booking(1), booking(2, at=slot(2), standing=1)])
        ends = stored(store, 1).slot_ends_at
        numbers = [
            [one.number for one in standing_of(store, ending_after=moment).appointments]
            for moment in (ends - TICK, ends, ends + TICK)
        ]
        assert numbers == [[number(1), number(2)], [number(2)], [number(2)]]

    def test_a_standing_has_appointments_of_every_state_by_start_and_number(self, store: Store) -> None:
        store.commit([booking(3, at=slot(4)), held(2, at=slot(4)), booking(1, at=slot(2), standing=1)])
        store.commit([cancelling(stored(store, 1), standing=2)])
        assert [one.number for one in standing_of(store).appointments] == [number(1), number(2), number(3)]

    def test_history_has_every_event_in_its_order(self, store: Store) -> None:
        first = booking(1)
        store.commit([first])
        cancel = cancelling(stored(store, 1), standing=1)
        store.commit([cancel])
        assert list(store.history(number(1))) == [*first.events, *cancel.events]
