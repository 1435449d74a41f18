"""Text from outside: cleaned, in one normal form, bounded, without invisible characters; names and actors."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.strategies import DROPPED
from traffic_booking import Bilingual, Clerk, Holder, InvalidInput, NationalId, System
from traffic_booking.domain.bilingual import LONGEST_TEXT
from traffic_booking.domain.people.actors import actor_of, may_act_for, requester
from traffic_booking.domain.people.applicants import Applicant, Subject
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.text_input import (
    ascii_digits,
    bounded_text,
    cleaned,
    request_id,
    request_id_to_find,
    slug,
    visible_ascii,
)
from traffic_booking.testing import made_up_person

BLANKS = ["\t", "\n", "\v", "\f", "\r", "\r\n", "\x85", "\xa0", "\u2007", "\u202f", "\u2028", "\u2029", "\u3000"]
REVERSING = ["\u202d", "\u202e"]
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
every_text = st.text(st.characters(), max_size=30)


@given(text=every_text, lines=st.booleans())
@example(text="\u0958" * 12, lines=False)  # NFC makes two characters of each
@example(text=" \n a\nb \n", lines=True)
def test_accepted_text_is_short_trimmed_normal_and_visible(text, lines):
    longest = 12
    try:
        clean = bounded_text(text, "name", longest=longest, lines=lines)
    except InvalidInput:
        return
    assert 1 <= len(clean) <= longest
    assert clean == clean.strip() == unicodedata.normalize("NFC", clean)
    assert clean == bounded_text(clean, "name", longest=longest, lines=lines)
    assert all((lines and letter == "\n") or unicodedata.category(letter) not in INVISIBLE for letter in clean)


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=4))
def test_visible_text_is_let_through_unless_its_normal_form_is_too_long(text):
    assert bounded_text(text, "name", longest=100) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("length", [1, 11, 12])
def test_text_of_up_to_the_longest_length_is_let_through(length):
    assert bounded_text("ح" * length, "name", longest=12) == "ح" * length


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("ح" * 13, "13 characters"),
        (" " * 13, "nothing"),
        ("\u0958" * 7, "14 characters as stored"),
        ("ح" * 49, "49 characters"),
        ("", "nothing"),
        (" \t\n ", "nothing"),
        ("\u200f\ufeff", "nothing"),
        (None, "NoneType"),
        (b"name", "bytes"),
        (7, "int"),
        ("a\0b", "an invisible character at place 2"),
        ("ab\ud800", "an invisible character at place 3"),
        ("ab\ue000", "an invisible character at place 3"),
        ("ab\U0010ffff", "an invisible character at place 3"),
    ],
)
def test_other_text_is_refused_with_what_is_wrong_and_where(text, got):
    with pytest.raises(InvalidInput) as refused:
        bounded_text(text, "name", longest=12)

    assert (refused.value.field, refused.value.got) == ("name", got)


@pytest.mark.parametrize("mark", DROPPED, ids=lambda mark: f"U+{ord(mark):04X}")
@pytest.mark.parametrize("lines", [True, False])
def test_marks_that_nobody_sees_are_dropped(mark, lines):
    assert bounded_text(f"{mark}ا{mark}{mark}a {mark}", "name", longest=2, lines=lines) == "اa"


@pytest.mark.parametrize("blank", BLANKS, ids=ascii)
def test_every_blank_and_line_end_is_a_space_and_outer_ones_go(blank):
    assert bounded_text(f"{blank}a{blank}b{blank}", "name", longest=12) == "a b"


def test_line_ends_are_line_feeds_if_lines_are_allowed():
    assert bounded_text("\r\none\r\ntwo\rthree\xa0\n", "text", longest=20, lines=True) == "one\ntwo\nthree"


@pytest.mark.parametrize("mark", REVERSING, ids=lambda mark: f"U+{ord(mark):04X}")
@pytest.mark.parametrize("lines", [True, False])
def test_marks_that_reverse_the_reading_direction_are_refused(mark, lines):
    with pytest.raises(InvalidInput, match=r"got an invisible character at place 2; expected visible characters$"):
        bounded_text(f"ا{mark}a", "name", longest=12, lines=lines)


def test_line_feeds_are_accepted_if_lines_are_allowed():
    assert bounded_text("one\ntwo", "text", longest=12, lines=True) == "one\ntwo"


@given(every_text)
def test_digits_of_three_scripts_become_ascii_and_nothing_else_changes(text):
    read = ascii_digits(text)

    assert len(read) == len(text)
    for before, after in zip(text, read, strict=True):
        is_ours = before in "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹"
        assert after == (str(unicodedata.digit(before)) if is_ours else before)


@given(st.from_regex(r"[a-z0-9]{1,20}(-[a-z0-9]{1,20}){0,2}", fullmatch=True))
def test_a_slug_is_itself(text):
    assert slug(text, "branch") == text


@pytest.mark.parametrize("text", ["A", "a_b", "-a", "a-", "a--b", "a b", "é", "فرع", "١", "a/b", "a.b", "²"])
def test_a_text_that_is_no_slug_is_refused_and_shown(text):
    with pytest.raises(InvalidInput, match=r"^branch: got '.*'; expected lower-case ASCII letters"):
        slug(text, "branch")


@pytest.mark.parametrize(
    "typed", ["riyadh\u2011traffic", "riyadh–traffic", "\u2066riyadh-traffic\u2069", " riyadh\u2212traffic\n"]
)
def test_a_slug_is_read_with_marks_and_with_a_dash_of_another_kind(typed):
    assert slug(typed, "branch") == "riyadh-traffic"


@pytest.mark.parametrize("length", [64, 65])
def test_a_slug_has_at_most_64_characters(length):
    if length <= 64:
        assert slug("a" * length, "branch")
    else:
        with pytest.raises(InvalidInput, match=r"got 65 characters; expected at most 64 characters$"):
            slug("a" * length, "branch")


@given(st.text(st.characters(), max_size=4) | st.text(st.characters(max_codepoint=127), max_size=130))
def test_a_request_id_is_1_to_128_visible_characters(text):
    clean = cleaned(text)
    if 1 <= len(clean) <= 128 and clean.isprintable() and " " not in clean:
        assert request_id(text) == clean
    else:
        with pytest.raises(InvalidInput, match=r"^request id: "):
            request_id(text)


@pytest.mark.parametrize("bad", ["", " ", "a b", "a\nb", "a\tb", "a\u00a0b", "a\u202e", "x" * 129, None, 7, b"a"])
def test_a_refused_request_id_is_never_shown(bad):
    with pytest.raises(InvalidInput, match=r"^request id: got .*; expected ") as refused:
        request_id(bad)

    assert not bad or repr(bad) not in str(refused.value)


@pytest.mark.parametrize("known_to_a_newer_python", ["\u0378", "a\U0001fadf", "\ue000"])
def test_a_request_is_found_by_an_id_whose_characters_only_another_python_knows(known_to_a_newer_python):
    assert request_id_to_find(known_to_a_newer_python) == known_to_a_newer_python


@pytest.mark.parametrize("kept_by_no_store", ["", "a" * 129, "a\0", "a\ud800", 5])
def test_an_id_that_no_store_keeps_finds_no_request(kept_by_no_store):
    with pytest.raises(InvalidInput, match="request id"):
        request_id_to_find(kept_by_no_store)


def test_the_longest_visible_text_is_let_through():
    assert visible_ascii("\u200e" + "~" * 128 + "\ufeff\n", "session") == "~" * 128


@pytest.mark.parametrize("bad", ["", " ", "~" * 129, "a b", "a\nb", "é", "a\u202e", "a\0", "~" * 10**7, None])
def test_other_text_is_not_visible_ascii_and_is_never_shown(bad):
    with pytest.raises(InvalidInput, match=r"^session: got .{1,60}; expected .{1,40}$") as refused:
        visible_ascii(bad, "session")
    assert not (bad or "").strip() or bad not in str(refused.value)


@pytest.mark.parametrize("around", [0, 1, 100])
def test_a_text_may_have_marks_around_it_and_a_huge_one_is_refused_before_it_is_cleaned(around):
    assert bounded_text("\u200f" * around + "a", "name", longest=12) == "a"
    with pytest.raises(InvalidInput, match=r"^name: got 10000001 characters; expected at most 12 characters$"):
        bounded_text("\u200f" * 10**7 + "a", "name", longest=12)


def test_a_bilingual_text_is_called_with_a_language():
    name = Bilingual("  فرع ", " branch")

    assert (name("ar"), name("en")) == ("فرع", "branch")


@pytest.mark.parametrize(
    ("ar", "en"), [("", "a"), ("ا", ""), ("ا", None), ("ا\u202e", "a"), ("ا", "a" * (LONGEST_TEXT + 1))]
)
def test_a_bilingual_text_needs_both_texts(ar, en):
    with pytest.raises(InvalidInput, match=r"^text: "):
        Bilingual(ar, en)


def test_a_bilingual_text_may_have_lines_and_be_long():
    assert Bilingual("ا\nب", "a" * LONGEST_TEXT)("ar") == "ا\nب"


def test_a_bilingual_text_has_one_kind_of_digits_as_asked_for():
    holiday = Bilingual("من 25 رمضان إلى 5 شوال", "25 Ramadan to 5 Shawwal")
    assert holiday("ar") == "من 25 رمضان إلى 5 شوال"
    assert holiday("ar", digits="arabic") == "من ٢٥ رمضان إلى ٥ شوال"
    assert holiday("en", "ascii") == "25 Ramadan to 5 Shawwal"


@pytest.mark.parametrize("actor", [made_up_person(1), Clerk("counter-3"), System()], ids=str)
def test_people_clerks_and_the_library_act(actor):
    assert requester(actor) == actor
    me, you = (Applicant(Subject(name), Holder.CITIZEN) for name in ("me", "you"))
    applicants: dict[PersonId, Applicant] = {made_up_person(1): me}
    by = actor_of(actor, applicants.__getitem__)
    assert may_act_for(by, me, BranchId("north"))
    assert may_act_for(by, you, BranchId("north")) is not isinstance(actor, NationalId)


@pytest.mark.parametrize("nobody", [made_up_person(1).reveal(), None, "counter-3", 7, Clerk], ids=["id", *"abcd"])
def test_nobody_else_acts_and_an_id_given_as_text_is_not_shown(nobody):
    with pytest.raises(InvalidInput, match=r"^actor: got (str|NoneType|int|type); expected") as refused:
        requester(nobody)

    assert made_up_person(1).reveal() not in str(refused.value)


@pytest.mark.parametrize("name", ["Counter 3", "", "٣", None, "x" * 65])
def test_a_clerk_has_a_short_plain_name(name):
    with pytest.raises(InvalidInput, match=r"^clerk: "):
        Clerk(name)
