"""National ids and iqama numbers: the check digit, the accepted digits, the shown digits, equality."""

import copy
import pickle
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.vendor.pretty import pretty

from traffic_booking import Holder, InvalidInput, NationalId, PersonId, ResidentId, person_id
from traffic_booking.domain.text_input import ascii_digits
from traffic_booking.testing import made_up_person

CLASSES = {"1": NationalId, "2": ResidentId}
ten_digits = st.text("0123456789", min_size=10, max_size=10)
ours = st.builds(lambda first, rest: first + rest, st.sampled_from("12"), st.text("0123456789", min_size=9, max_size=9))
people = st.builds(made_up_person, st.integers(0, 10**8 - 1), st.sampled_from(Holder))
ARABIC, PERSIAN = "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"
SAMPLE = made_up_person(1234567).reveal()


def check_digit_of(body):
    """The tenth digit by the textbook: from the right, double every other digit, and cast out nines."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        doubled = int(digit) * 2 if place % 2 == 0 else int(digit)
        total += doubled - 9 if doubled > 9 else doubled
    return str((10 - total % 10) % 10)


def is_valid(digits):
    return digits[0] in CLASSES and digits[-1] == check_digit_of(digits[:-1])


def check_agreement(digits):
    """`person_id` accepts `digits` if and only if the reference does; the first digit selects the class."""
    if is_valid(digits):
        seats_taken = person_id(digits)
        assert type(seats_taken) is CLASSES[digits[0]]
        assert seats_taken.reveal() == digits
    else:
        with pytest.raises(InvalidInput) as refused:
            person_id(digits)
        assert digits not in str(refused.value)


@given(ten_digits | ours)
@example("0000000000")
@example("1000000008")
@example("2000000006")
@example("9999999999")
def test_of_all_ten_digit_strings_exactly_those_with_the_right_check_digit_are_ids(digits):
    check_agreement(digits)


@given(ours)
def test_of_the_ten_last_digits_exactly_one_is_right(digits):
    body = digits[:-1]
    right = [last for last in "0123456789" if is_valid(body + last)]

    assert len(right) == 1
    for last in "0123456789":
        check_agreement(body + last)


def test_every_last_digit_of_many_bodies():
    for body in range(100_000_000, 300_000_000, 199_999):
        for last in "0123456789":
            digits = f"{body}{last}"
            try:
                seats_taken = person_id(digits).reveal()
            except InvalidInput:
                seats_taken = None
            assert (seats_taken == digits) == is_valid(digits)


@given(people.map(PersonId.reveal), st.integers(0, 9), st.sampled_from("0123456789"))
def test_a_single_wrong_digit_is_found(digits, place, wrong):
    mistyped = digits[:place] + wrong + digits[place + 1 :]

    if mistyped == digits:
        assert person_id(mistyped).reveal() == digits
    else:
        with pytest.raises(InvalidInput):
            person_id(mistyped)


@given(people, st.data())
def test_arabic_indic_and_persian_digits_mixed_with_ascii_are_read(person, data):
    typed = "".join(
        data.draw(st.sampled_from([digit, ARABIC[int(digit)], PERSIAN[int(digit)]])) for digit in person.reveal()
    )
    typed = data.draw(st.sampled_from(["", " ", "\t"])) + typed + data.draw(st.sampled_from(["", "  ", "\n"]))

    assert person_id(typed) == person


@pytest.mark.parametrize("read", [person_id, NationalId])
@pytest.mark.parametrize(
    ("typed", "got"),
    [
        ("", "nothing"),
        ("   ", "nothing"),
        (SAMPLE[:9], "9 digits"),
        (SAMPLE + "0", "11 digits"),
        (SAMPLE[:9] + "²", "a letter, a space or a sign in it"),
        ("1_0" + SAMPLE[3:], "a letter, a space or a sign in it"),
        ("１" + SAMPLE[1:], "a letter, a space or a sign in it"),
        (SAMPLE[:5] + "५" + SAMPLE[6:], "a letter, a space or a sign in it"),
        (SAMPLE[:5] + "O" + SAMPLE[6:], "a letter, a space or a sign in it"),
        (SAMPLE[:5] + " " + SAMPLE[5:], "a letter, a space or a sign in it"),
        (SAMPLE[:3] + "-" + SAMPLE[3:], "a letter, a space or a sign in it"),
        ("+" + SAMPLE, "a letter, a space or a sign in it"),
        ("\u202e" + SAMPLE, "a letter, a space or a sign in it"),
        (SAMPLE + "\u202d", "a letter, a space or a sign in it"),
        ("\0" + SAMPLE, "a letter, a space or a sign in it"),
        (SAMPLE * 4, "40 digits"),
        ("1" * 105, "105 characters"),
        ("1" * 1_000_000, "1000000 characters"),
        (int(SAMPLE), "int"),
        (None, "NoneType"),
        (SAMPLE.encode(), "bytes"),
        ([SAMPLE], "list"),
        ("0" + SAMPLE[1:], "a first digit 0"),
        ("3" + SAMPLE[1:], "a first digit 3"),
        (SAMPLE[:9] + str((int(SAMPLE[9]) + 1) % 10), "a wrong check digit"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 32 and value.isascii() else "_",
)
def test_a_text_that_is_no_id_is_refused_with_its_form_and_never_with_its_digits(read, typed, got):
    with pytest.raises(InvalidInput) as refused:
        read(typed)

    assert (refused.value.field, refused.value.got) == ("person id", got)
    assert "expected" in str(refused.value)
    assert SAMPLE[1:4] not in ascii_digits(str(refused.value))
    assert SAMPLE[4:9] not in ascii_digits(str(refused.value))


@given(st.text(max_size=40))
def test_any_other_text_is_refused_with_our_own_error(text):
    with suppress(InvalidInput):
        assert is_valid(person_id(text).reveal())


@given(people)
def test_a_person_is_shown_by_four_digits(person):
    digits = person.reveal()

    assert str(person) == f"******{digits[-4:]}"
    assert repr(person) == f"{type(person).__name__}('******{digits[-4:]}')"
    assert f"{person}" == str(person)
    for shown in (str(person), repr(person), f"{[person]}", f"{person!r:>40}", pretty(person), pretty([person])):
        assert digits[:7] not in shown


@given(people)
def test_the_class_is_picked_by_the_first_digit_and_has_its_holder(person):
    digits = person.reveal()
    other = ResidentId if isinstance(person, NationalId) else NationalId

    assert type(person_id(digits)) is type(person)
    assert person.holder is (Holder.CITIZEN if digits[0] == "1" else Holder.RESIDENT)
    with pytest.raises(InvalidInput, match="a first digit"):
        other(digits)


@given(people, people)
def test_people_of_both_kinds_are_equal_and_ordered_by_their_digits(one, another):
    first, second = one.reveal(), another.reveal()
    assert (one == another) == (first == second)
    if one == another:
        assert hash(one) == hash(another)
    assert (one < another, one <= another) == (first < second, first <= second)
    assert (one > another, one >= another) == (first > second, first >= second)
    assert sorted([one, another]) == sorted([one, another], key=lambda person: person.reveal())
    with pytest.raises(TypeError):
        sorted([one, first])


@given(st.integers(0, 10**6))
def test_a_national_id_is_never_a_resident_id(serial):
    assert made_up_person(serial) != made_up_person(serial, Holder.RESIDENT)


@given(people)
def test_a_person_survives_copying_and_pickling_and_cannot_be_changed(person):
    assert copy.deepcopy(person) == person
    assert pickle.loads(pickle.dumps(person)) == person
    with pytest.raises(AttributeError):
        person._digits = "1000000008"


def test_a_person_of_no_kind_is_refused():
    with pytest.raises(InvalidInput, match="a bare PersonId"):
        PersonId(SAMPLE)


def test_a_person_id_is_masked_when_its_fields_are_read_one_by_one():
    from attrs import asdict
    from hypothesis.vendor.pretty import pretty as hypothesis_pretty
    from rich.pretty import pretty_repr

    person = NationalId(SAMPLE)
    for shown in (hypothesis_pretty([person]), pretty_repr([person]), repr(asdict(person)), str(asdict(person))):
        assert SAMPLE not in shown
        assert person.reveal() == SAMPLE
    assert type(person.reveal()) is str
