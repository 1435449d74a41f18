"""The pseudonym key is changed during bookings: no person is lost or registered twice, and a wrong key is refused.

Over 400 lines: each moment at which a change of the key may be interrupted.
"""

from contextlib import suppress
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bookings import slot
from tests.cases import CLERK
from tests.maintained import CLEAR, STORES, Interposed, deletes_in, desk_over, erase, log_of, opened, puts_in, rows_of
from tests.people import ME, YOU
from tests.small_town import START
from traffic_booking import Booked, InvalidInput, Refused, StoreUnavailable, System, UpkeepDone
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.pseudonyms import SECRET_BYTES, PseudonymKey
from traffic_booking.persistence._sync import upkeep
from traffic_booking.persistence.schema import PERSON_KEYS, PERSONS
from traffic_booking.ports.pseudonyms import Pseudonyms
from traffic_booking.testing import MovableClock, made_up_person
from traffic_booking.testing.racing import at_once
from traffic_booking.testing.simulation.faulty_store import FaultyStore, StoreFault, faults_at
from traffic_booking.testing.simulation.turns import Turns

SYSTEM = System()
OLD, NEW, NEWEST = (PseudonymKey(bytes([place]) * SECRET_BYTES) for place in (1, 2, 3))
CHANGES: dict[str, tuple[Pseudonyms, Pseudonyms]] = {
    "key to key": (OLD, NEW),
    "none to key": (CLEAR, NEW),
    "key to none": (OLD, CLEAR),
}
PERSONS_BEFORE = [made_up_person(serial) for serial in range(100, 107)]


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    with opened(request.param, tmp_path, lambda: request.getfixturevalue("postgres_url")) as made:
        yield made


@pytest.fixture(params=CHANGES)
def keys(request):
    """The current key, and the new one."""
    return CHANGES[request.param]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    """Two records a batch."""
    monkeypatch.setattr(upkeep, "BATCH", 2)


def book(desk, person, request_id, *, at=None):
    where = at or slot(25 + int(person.reveal()[5:9]) % 20 / 4)
    return desk.book(where, applicant=person, agreed=True, request_id=request_id)


def filled(store, key, persons=PERSONS_BEFORE):
    """A desk whose key is `key` and at which the persons have booked, and their subjects."""
    desk = desk_over(store, keys=[key], capacity=20)
    booked = {person: book(desk, person, f"before-{place}") for place, person in enumerate(persons)}
    return desk, {person: each.appointment.applicant.subject for person, each in booked.items()}


def subjects(desk, persons):
    """The subjects under which the desk finds the appointments of `persons`."""
    return {person: {each.applicant.subject for each in desk.appointments(person).upcoming} for person in persons}


def is_under(store, key, persons):
    """True if the records of persons are exactly those of `persons`, and all under `key`."""
    return rows_of(store)[PERSONS.name].keys() == {key.key(person) for person in persons}


def test_every_record_is_written_under_the_new_key(store, keys):
    old, new = keys
    _, before = filled(store, old)
    others = {name: rows for name, rows in rows_of(store).items() if name not in {"persons", "person_keys"}}
    desk = desk_over(store, keys=[new, old])
    assert desk.maintenance.rekey(by=CLERK) == len(PERSONS_BEFORE)
    assert is_under(store, new, PERSONS_BEFORE)
    assert {name: rows_of(store)[name] for name in others} == others
    alone = desk_over(store, keys=[new])
    assert subjects(alone, PERSONS_BEFORE) == {person: {subject} for person, subject in before.items()}
    assert all(alone.person_of(subject, by=SYSTEM) == person for person, subject in before.items())
    assert alone.audit.verify().broken == ()
    done = [entry.what for entry in desk.feed().entries if isinstance(entry.what, UpkeepDone)]
    assert {(each.actor, each.what) for each in done} == {(CLERK, "pseudonym key")}
    assert sum(each.count for each in done) == len(PERSONS_BEFORE)
    with pytest.raises(InvalidInput, match=r"^pseudonym_key: got "):
        desk_over(store, keys=[old]).check_key()


def test_the_commitment_to_an_id_holds_after_the_change(store, keys):
    from json import loads

    from traffic_booking.persistence.persons import commitment_of

    old, new = keys
    filled(store, old, [ME])
    desk_over(store, keys=[new, old]).maintenance.rekey(by=SYSTEM)
    ((key, _, subject, sealed),) = rows_of(store)["persons"].values()
    person, salt = new.reveal(key, sealed, subject)
    (commitment,) = [loads(body)["commitment"] for stream, _, body in log_of(store) if stream == f"person/{subject}"]
    assert (person, commitment_of(salt, person.reveal())) == (ME, commitment)


def test_changing_to_the_same_key_changes_nothing(store, keys):
    desk, _ = filled(store, keys[0], [ME])
    before = rows_of(store), log_of(store)
    assert desk.maintenance.rekey(by=SYSTEM) == 0
    assert (rows_of(store), log_of(store)) == before


@pytest.mark.parametrize("by", [ME, None], ids=["an applicant", "nobody"])
def test_only_staff_and_the_library_may_change_the_key(store, by):
    filled(store, OLD, [ME])
    with pytest.raises(InvalidInput, match=r"^actor: got \w+; expected a Clerk or System$"):
        desk_over(store, keys=[NEW, OLD]).maintenance.rekey(by=by)
    assert is_under(store, OLD, [ME])


def test_a_store_without_persons_gets_the_new_key(store, keys):
    old, new = keys
    desk_over(store, keys=[old]).check_key()
    assert desk_over(store, keys=[new, old]).maintenance.rekey(by=SYSTEM) == 0
    desk = desk_over(store, keys=[new])
    book(desk, ME, "booked")
    assert is_under(store, new, [ME])


def half_way(store, keys, *, calls):
    """Rekey until the call of that number fails."""
    faulty = FaultyStore(store, faults_at({calls: StoreFault.FAILS_BEFORE}))
    with pytest.raises(StoreUnavailable):
        desk_over(faulty, keys=keys).maintenance.rekey(by=SYSTEM)


def test_half_way_everybody_is_known_and_new_persons_have_the_new_key(store, keys):
    old, new = keys
    _, before = filled(store, old)
    half_way(store, [new, old], calls=9)
    stored = rows_of(store)["persons"].keys()
    assert stored & {old.key(person) for person in PERSONS_BEFORE}
    assert stored & {new.key(person) for person in PERSONS_BEFORE}
    desk = desk_over(store, keys=[new, old], capacity=20)
    assert subjects(desk, PERSONS_BEFORE) == {person: {subject} for person, subject in before.items()}
    assert all(desk.person_of(subject, by=SYSTEM) == person for person, subject in before.items())
    assert all(isinstance(book(desk, person, f"again-{person.reveal()[-4:]}"), Refused) for person in PERSONS_BEFORE)
    assert isinstance(book(desk, YOU, "new"), Booked)
    assert new.key(YOU) in rows_of(store)["persons"]
    assert desk.maintenance.rekey(by=SYSTEM) > 0
    assert is_under(store, new, [*PERSONS_BEFORE, YOU])
    assert desk.audit.verify().broken == ()


@pytest.mark.long
@pytest.mark.parametrize("fault", [StoreFault.FAILS_BEFORE, StoreFault.FAILS_AFTER])
def test_a_change_that_is_stopped_anywhere_is_taken_up_by_the_next(keys, fault):
    old, new = keys
    for number in count(1):
        store = MemoryStore()
        _, before = filled(store, old)
        try:
            desk_over(FaultyStore(store, faults_at({number: fault})), keys=[new, old]).maintenance.rekey(by=SYSTEM)
        except StoreUnavailable:
            desk = desk_over(store, keys=[new, old])
            desk.maintenance.rekey(by=SYSTEM)
            assert is_under(store, new, PERSONS_BEFORE)
            assert subjects(desk, PERSONS_BEFORE) == {person: {subject} for person, subject in before.items()}
        else:
            assert number > 8
            break


def test_a_change_that_was_stopped_is_finished_before_another_begins(store):
    _, before = filled(store, OLD)
    half_way(store, [NEW, OLD], calls=9)
    with pytest.raises(InvalidInput, match="the key is being changed"):
        desk_over(store, keys=[NEWEST, NEW]).maintenance.rekey(by=SYSTEM)
    desk_over(store, keys=[NEWEST, NEW, OLD]).maintenance.rekey(by=SYSTEM)
    assert is_under(store, NEWEST, PERSONS_BEFORE)
    desk = desk_over(store, keys=[NEWEST])
    assert subjects(desk, PERSONS_BEFORE) == {person: {subject} for person, subject in before.items()}


def test_a_change_can_be_taken_back(store):
    filled(store, OLD)
    half_way(store, [NEW, OLD], calls=9)
    desk_over(store, keys=[OLD, NEW]).maintenance.rekey(by=SYSTEM)
    assert is_under(store, OLD, PERSONS_BEFORE)
    desk_over(store, keys=[OLD]).check_key()


@pytest.mark.parametrize("when", ["half way", "afterwards"])
def test_a_desk_with_the_old_key_alone_is_refused_and_harms_nothing(store, keys, when):
    old, new = keys
    stale, before = filled(store, old)
    if when == "half way":
        half_way(store, [new, old], calls=9)
    else:
        desk_over(store, keys=[new, old]).maintenance.rekey(by=SYSTEM)
    persons = rows_of(store)["persons"]
    with pytest.raises(InvalidInput, match=r"^pseudonym_key: "):
        book(stale, YOU, "a-new-person")
    for place, person in enumerate(PERSONS_BEFORE):
        with suppress(InvalidInput):  # BK-07 refuses a second one to persons who are still under the old key
            assert isinstance(book(stale, person, f"stale-{place}"), Refused)
            assert when == "half way"
    assert rows_of(store)["persons"] == persons
    with pytest.raises(InvalidInput, match=r"^pseudonym_key: "):
        desk_over(store, keys=[old]).check_key()
    desk = desk_over(store, keys=[new, old])
    desk.maintenance.rekey(by=SYSTEM)
    assert subjects(desk, PERSONS_BEFORE) == {person: {subject} for person, subject in before.items()}


def test_a_desk_that_was_opened_before_finds_everybody_afterwards(store, keys):
    old, new = keys
    _, before = filled(store, old)
    desks = [desk_over(store, keys=[new, old], capacity=20) for _ in range(5)]
    for desk in desks:
        desk.check_key()
    desk_over(store, keys=[new, old]).maintenance.rekey(by=SYSTEM)
    person, subject = next(iter(before.items()))
    assert [each.applicant.subject for each in desks[0].appointments(person).upcoming] == [subject]
    number = desks[0].appointments(person).upcoming[0].number
    assert desks[1].appointment(number, by=person).number == number
    assert desks[2].person_of(subject, by=SYSTEM) == person
    assert isinstance(book(desks[3], person, "second"), Refused)
    assert desks[4].maintenance.rekey(by=SYSTEM) == 0
    assert is_under(store, new, PERSONS_BEFORE)


def test_a_person_is_erased_whichever_key_the_desk_has_looked_up(store, keys):
    old, new = keys
    filled(store, old)
    clock = MovableClock(START)
    stale = desk_over(store, keys=[new, old], clock=clock)
    stale.check_key()
    desk_over(store, keys=[new, old]).maintenance.rekey(by=SYSTEM)
    clock.move_to(START.replace(year=2027))
    assert erase(stale, PERSONS_BEFORE[0], by=SYSTEM)
    assert is_under(store, new, PERSONS_BEFORE[1:])


def test_somebody_who_is_erased_while_the_key_is_changed_stays_erased(store, keys):
    old, new = keys
    filled(store, old)
    later = MovableClock(START.replace(year=2027))
    gone = PERSONS_BEFORE[3]
    between = Interposed(
        store,
        lambda: erase(desk_over(store, keys=[new, old], clock=later), gone, by=SYSTEM),
        meets=deletes_in(PERSONS.name),
    )
    desk_over(between, keys=[new, old]).maintenance.rekey(by=SYSTEM)
    assert between.was_met
    assert is_under(store, new, [each for each in PERSONS_BEFORE if each != gone])


def test_somebody_who_registers_just_before_the_key_changes_is_written_anew(store, keys):
    """The registration was decided under the old key; the check of the key's record makes it conflict."""
    old, new = keys
    desk_over(store, keys=[old]).check_key()
    between = Interposed(
        store,
        lambda: desk_over(store, keys=[new, old]).maintenance.rekey(by=SYSTEM),
        meets=puts_in(PERSONS.name),
    )
    desk = desk_over(between, keys=[new, old])
    assert isinstance(book(desk, ME, "under-way"), Booked)
    assert between.was_met
    assert is_under(store, new, [ME])


def test_without_the_check_of_the_key_somebody_would_be_two(store, keys):
    """The negative control of the test above."""
    old, new = keys
    filled(store, old, [YOU])
    stale = desk_over(
        Interposed(
            store,
            lambda: None,
            meets=puts_in(PERSONS.name),
            guards=lambda change: change._replace(
                checks=tuple(each for each in change.checks if each.collection != PERSON_KEYS.name)
            ),
        ),
        keys=[old],
        capacity=20,
    )
    stale.check_key()
    desk_over(store, keys=[new, old]).maintenance.rekey(by=SYSTEM)
    book(stale, YOU, "as-somebody-new", at=slot(49))
    assert not is_under(store, new, [YOU])
    assert len(rows_of(store)["persons"]) == 2


@pytest.mark.long
@pytest.mark.race
@pytest.mark.parametrize("turn", range(2))
def test_bookings_of_old_and_new_persons_go_on_meanwhile(store, keys, turn):
    old, new = keys
    clock = MovableClock(START)
    _, before = filled(store, old)
    desks = [desk_over(store, keys=[new, old], clock=clock, capacity=20) for _ in range(4)]
    for desk in desks:
        desk.check_key()
    fresh = [made_up_person(2_000 + 100 * turn + serial) for serial in range(6)]

    def bookings(place):
        mine = []
        for number, person in enumerate([*fresh, *PERSONS_BEFORE]):
            mine.append((person, book(desks[place], person, f"{place}-{number}", at=slot(49 + number / 3, "transfer"))))
        return mine

    rekeyings = [lambda place=place: desks[place].maintenance.rekey(by=SYSTEM) for place in (2, 3)]
    first, second, *written = at_once([lambda: bookings(0), lambda: bookings(1), *rekeyings])
    assert is_under(store, new, [*PERSONS_BEFORE, *fresh])
    desk = desk_over(store, keys=[new], clock=clock, capacity=20)
    for (person, one), (_, other) in zip(first, second, strict=True):
        assert {type(one), type(other)} == {Booked, Refused}  # two of one service are too many, so both saw one person
        wanted = 2 if person in before else 1
        upcoming = desk.appointments(person).upcoming
        assert len(upcoming) == wanted
        assert len({each.applicant for each in upcoming}) == 1
    assert sum(written) >= len(PERSONS_BEFORE)
    assert desk.audit.verify().broken == ()
    desk.check_key()


class HandsOver:
    """A store in front of another: each call gives others a turn before and after."""

    def __init__(self, store, turns):
        self._store, self._turns = store, turns

    def __getattr__(self, name):
        def call(*arguments, **named):
            self._turns.hand_over()
            done = getattr(self._store, name)(*arguments, **named)
            self._turns.hand_over()
            return done

        return call


@pytest.mark.long
@pytest.mark.parametrize("change", CHANGES)
@settings(max_examples=25)
@given(seed=st.integers(0, 2**32))
def test_nobody_is_registered_twice_in_any_order_of_turns(change, seed):
    old, new = CHANGES[change]
    store, turns, clock = MemoryStore(), Turns(seed), MovableClock(START)
    persons = PERSONS_BEFORE[:3]
    filled(store, old, persons)
    booked = []

    def desk():
        return desk_over(HandsOver(store, turns), keys=[new, old], clock=clock, capacity=20)

    def bookings(name):
        mine = desk()
        for place, person in enumerate([ME, YOU, *persons]):
            booked.append((person, book(mine, person, f"{name}-{place}", at=slot(49 + place / 3, "transfer"))))

    turns.run(
        {
            "rekeys": lambda: desk().maintenance.rekey(by=SYSTEM),
            "rekeys too": lambda: desk().maintenance.rekey(by=SYSTEM),
            "books": lambda: bookings("one"),
            "books too": lambda: bookings("two"),
        },
        after_each=lambda: None,
    )
    assert is_under(store, new, [ME, YOU, *persons])
    granted = [person for person, outcome in booked if isinstance(outcome, Booked)]
    assert sorted(granted, key=repr) == sorted([ME, YOU, *persons], key=repr)
    assert desk_over(store, keys=[new]).audit.verify().broken == ()


def test_a_desk_that_was_open_before_the_change_finds_its_persons_and_their_requests(store):
    beside, subjects_before = filled(store, OLD)
    person = PERSONS_BEFORE[0]
    first = book(beside, person, "before-0")
    stale = desk_over(store, keys=[NEW, OLD], capacity=20)
    assert stale.appointments(person).upcoming
    desk_over(store, keys=[NEW, OLD]).maintenance.rekey(by=SYSTEM)
    assert book(stale, person, "before-0") == first
    again = desk_over(store, keys=[NEW, OLD], capacity=20)
    assert again.appointments(person).upcoming[0].applicant.subject == subjects_before[person]


def test_what_if_at_a_desk_that_was_open_before_the_change_finds_its_persons(store):
    filled(store, OLD)
    person = PERSONS_BEFORE[0]
    stale = desk_over(store, keys=[NEW, OLD], capacity=20)
    assert stale.appointments(person).upcoming
    desk_over(store, keys=[NEW, OLD]).maintenance.rekey(by=SYSTEM)
    explained = stale.what_if().book(slot(49), applicant=person, agreed=True)
    assert "BK-07" in {verdict.rule_id for verdict in explained.refused}


def test_a_desk_with_the_old_key_alone_is_refused_when_a_request_comes_again(store):
    beside, _ = filled(store, OLD)
    desk_over(store, keys=[NEW, OLD]).maintenance.rekey(by=SYSTEM)
    with pytest.raises(InvalidInput, match="pseudonym_key"):
        book(beside, PERSONS_BEFORE[0], "before-0")
