"""An audit continues after a record that can't be decoded, and names its collection and its key."""

import pytest

from tests.desks import open_desk
from tests.unit.test_values_stay_readable import a_full_store
from traffic_booking import RequestRefused, StoreUnreadable
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.ports.primitives import Append, Count, Put, RecordsByIndex, Span, StoreChange

DAMAGED = ("answers", "assertions", "appointments", "people", "calendar_entries", "wordings")
NO_STREAM_OF_OURS = "appointment/0000-0000-0000"


def damage(store, collection):
    """Damage the bodies of a collection's records, except one if there are several; return the damaged keys."""
    rows = [row for row in store.read([RecordsByIndex(collection, None, [Span()])])[0][0] if row[-1]]
    rows = rows[1:] or rows
    for key, version, *columns, body in rows:
        damaged = Put(collection, key, version, tuple(columns), body + "}")
        assert store.commit([StoreChange(puts=(damaged,))]) == [None]
    assert rows
    return {row[0] for row in rows}


@pytest.mark.parametrize("collection", DAMAGED)
def test_verify_goes_on_and_names_each_record_that_can_t_be_decoded(collection):
    store, _ = a_full_store()
    desk = open_desk(store=store)
    whole = desk.audit.verify()
    keys = damage(store, collection)
    found = open_desk(store=store).audit.verify()
    assert not found
    assert {key for key in keys if any(f"{collection} {key}" in each.where for each in found.broken)} == keys
    assert found.slots == whole.slots
    assert found.answers < whole.answers if collection in {"answers", "assertions"} else found.answers


def test_verify_goes_on_behind_a_log_entry_and_a_counter_that_can_t_be_decoded():
    store, _ = a_full_store()
    whole = open_desk(store=store).audit.verify()
    odd = StoreChange(
        counts=(Count("seats", "north/renewal/nonsense", 1, 1),), entries=(Append(NO_STREAM_OF_OURS, "booked", "{}"),)
    )
    assert store.commit([odd]) == [None]
    found = open_desk(store=store).audit.verify()
    named = [each.where for each in found.broken]
    assert any("seats north/renewal/nonsense" in where for where in named)
    assert any(NO_STREAM_OF_OURS in where for where in named)
    assert (found.appointments, found.answers) == (whole.appointments, whole.answers)


def test_the_feed_ends_before_an_entry_that_can_t_be_decoded_and_names_its_position():
    store, _ = a_full_store()
    before = open_desk(store=store).feed()
    assert store.commit([StoreChange(entries=(Append(NO_STREAM_OF_OURS, "booked", "{}"),))]) == [None]
    desk = open_desk(store=store)
    page = desk.feed()
    assert page.entries == before.entries
    damaged = store.feed(BEGINNING, limit=100).entries[-1]
    assert damaged.stream == NO_STREAM_OF_OURS
    with pytest.raises(
        StoreUnreadable, match=rf"^feed position \({', '.join(map(str, damaged.position))}\): "
    ) as caught:
        desk.feed(after=page.entries[-1].position)
    assert (caught.value.collection, caught.value.key) == ("log", NO_STREAM_OF_OURS)
    assert caught.value.position == damaged.position
    assert desk.feed(after=damaged.position).entries == ()


def test_the_feed_ends_before_a_refusal_whose_answer_can_t_be_decoded():
    store, _ = a_full_store()
    whole = open_desk(store=store).feed().entries
    (place,) = (place for place, each in enumerate(whole) if isinstance(each.what, RequestRefused))
    damage(store, "answers")
    desk = open_desk(store=store)
    assert desk.feed().entries == whole[:place]
    with pytest.raises(StoreUnreadable) as caught:
        desk.feed(after=whole[place - 1].position)
    assert (caught.value.collection, caught.value.position) == ("answers", whole[place].position)
    assert desk.feed(after=whole[place].position).entries == whole[place + 1 :]
