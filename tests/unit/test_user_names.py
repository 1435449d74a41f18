"""User names: one name in every spelling, never an id, and one person for each."""

import unicodedata
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.entrance import KNOWN, RIGHT, STORES, UNKNOWN, WRONG, WRONG_CREDENTIALS, opened
from tests.maintained import rows_of
from traffic_booking import BookingDesk, DeskParts, InvalidInput, SignedIn, System, UserName, person_id
from traffic_booking.adapters.embedded_identity import EmbeddedIdentity
from traffic_booking.adapters.pseudonyms import PseudonymKey
from traffic_booking.domain.people.user_names import account_of
from traffic_booking.testing import made_up_person

ARABIC, PERSIAN = (str.maketrans("0123456789", digits) for digits in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"))
KEY, ANOTHER_KEY = PseudonymKey(bytes(32)), PseudonymKey(bytes([1]) * 32)


@pytest.fixture(params=STORES)
def entrance(request, tmp_path):
    with opened(request.param, tmp_path) as made:
        made.identity.set_user_name(KNOWN, "Sara.Q7")
        yield made


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Sara.Q7", "sara.q7"),
        ("  sara.q7\n", "sara.q7"),
        ("\u200fsara\u200d.q7\u200e", "sara.q7"),
        ("\xa0\u2067sa\xadra.q7\u2069\r\n", "sara.q7"),
        ("ＳＡＲＡ．Ｑ７", "sara.q7"),
        ("sara.q٧", "sara.q7"),
        ("sara.q۷", "sara.q7"),
        ("sara.q७", "sara.q7"),
        ("sa\ufe0fra\u034f.q7\u3164", "sara.q7"),
        ("\u115fsara\uffa0.q7\U000e0101", "sara.q7"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("ﺳﺎﺭﺓ", "سارة"),
        ("e\u0301ric", "éric"),
        ("sara@example.com", "sara@example.com"),
        ("a" * 64, "a" * 64),
        ("abc", "abc"),
    ],
)
def test_a_name_is_one_in_every_spelling(typed, name):
    assert UserName(typed).reveal() == name
    assert UserName(typed) == UserName(name)
    assert hash(UserName(typed)) == hash(UserName(name))


ODD = ["", "ab", "a" * 65, "a" * 100_000, "sara q", "sara\0q", "سـارة", "\ud800abc", "sara;q", "a/b", "😀😀😀"]
ODD += ["\u202esara", "sa\u202dra"]
WITHOUT_A_LETTER = ["...", "123", "1000000008", "١٠٠٠٠٠٠٠٠٨", "10-000"]


@pytest.mark.parametrize("odd", [*ODD, *WITHOUT_A_LETTER, None, 7, b"sara", ["sara"]], ids=lambda odd: repr(odd)[:20])
def test_other_values_are_refused_without_being_shown(odd):
    with pytest.raises(InvalidInput, match=r"^user name: got .*; expected ") as refused:
        UserName(odd)
    assert "U+" not in str(refused.value)
    if isinstance(odd, str) and len(odd) > 2:
        assert odd not in str(refused.value)


def test_a_name_is_shown_nowhere():
    name = UserName("sara.q7")

    assert "sara" not in f"{name} {name!r} {[name]} {name!s:>20}"


LETTERS = st.characters(categories=["Lu", "Ll", "Lt", "Lo", "Mn", "Mc", "Nd", "Cf"])


@given(st.text(LETTERS, min_size=3, max_size=40))
@example("\u0345abc")
@example("İ" * 20)
def test_the_normal_form_is_stable_and_never_looks_like_an_id(typed):
    with suppress(InvalidInput):
        name = UserName(typed).reveal()
        assert UserName(name).reveal() == name == unicodedata.normalize("NFKC", name)
        with pytest.raises(InvalidInput):
            person_id(name)


@given(st.integers(0, 10**8 - 1).map(made_up_person), st.sampled_from([{}, ARABIC, PERSIAN]))
def test_typed_digits_are_an_id_and_never_a_name(person, digits):
    assert account_of(f" {person.reveal().translate(digits)}\u200f") == person
    assert account_of(person) is person


@pytest.mark.parametrize("odd", ["", "12345", "1000000009", "ab", "s;ra", None, 7, b"sara", UserName], ids=repr)
def test_a_typing_error_is_reported_before_anything_is_used_up(entrance, odd):
    code = entrance.code()
    with pytest.raises(InvalidInput) as refused:
        entrance.enter(odd, code=code)
    assert refused.value.field in {"person id", "user name", "person id or user name"}
    assert "1000000009" not in str(refused.value)

    assert isinstance(entrance.enter("sara.q7", code=code), SignedIn)


@pytest.mark.journey("C-03")
@pytest.mark.journey("J-03")
@pytest.mark.parametrize(
    "typed", ["Sara.Q7", "sara.q٧", UserName("sara.q7"), KNOWN, KNOWN.reveal(), KNOWN.reveal().translate(ARABIC)]
)
def test_somebody_signs_in_by_user_name_as_well_as_by_id(entrance, typed):
    outcome = entrance.enter(typed)

    assert isinstance(outcome, SignedIn)
    assert outcome.session.applicant == KNOWN
    assert entrance.enter(typed, WRONG) == WRONG_CREDENTIALS


@pytest.mark.journey("C-03")
@pytest.mark.parametrize("typed", [KNOWN, UNKNOWN, "sara.q7", "nobody.has-this"], ids=str)
def test_every_wrong_way_in_gets_the_same_answer_after_the_same_work(entrance, typed):
    before = entrance.hasher.verified

    assert entrance.enter(typed, WRONG) == WRONG_CREDENTIALS
    assert entrance.enter("nobody.has-this", RIGHT) == WRONG_CREDENTIALS
    assert entrance.hasher.verified == before + 2


@pytest.mark.rule("SI-01")
def test_failures_under_the_name_and_under_the_id_are_counted_together(entrance):
    for typed in ("sara.q7", KNOWN, "SARA.Q7"):
        assert entrance.enter(typed, WRONG) == WRONG_CREDENTIALS

    assert {entrance.enter(typed).fault for typed in ("sara.q7", KNOWN)} == {"locked"}


def test_a_name_belongs_to_one_person_until_they_take_another(entrance):
    identity = entrance.identity
    for call in (
        lambda: identity.register(UNKNOWN, RIGHT, user_name="SARA.Q7"),
        lambda: identity.set_user_name(UNKNOWN, "another"),
    ):
        with pytest.raises(InvalidInput):
            call()
    assert not identity.has_account(UNKNOWN)

    identity.register(UNKNOWN, RIGHT, user_name="hind")
    with pytest.raises(InvalidInput, match=r"^user name: got one that somebody has; expected another one$"):
        identity.set_user_name(UNKNOWN, "sara.q7")
    assert identity.person_of(UserName("hind")) == UNKNOWN
    identity.set_user_name(KNOWN, "سارة")
    identity.set_user_name(UNKNOWN, "sara.q7")
    assert [identity.person_of(UserName(name)) for name in ("سارة", "sara.q7", "hind")] == [KNOWN, UNKNOWN, None]
    identity.set_user_name(UNKNOWN, None)
    assert identity.person_of(UserName("sara.q7")) is None


def test_a_name_that_is_refused_opens_no_account(entrance):
    with pytest.raises(InvalidInput, match="user name"):
        entrance.identity.register(UNKNOWN, RIGHT, user_name="1000000008")

    assert not entrance.identity.has_account(UNKNOWN)


def test_with_a_pseudonym_key_no_name_is_stored_in_clear_also_after_a_change_of_the_key(tmp_path):
    with opened("sqlite", tmp_path) as made:
        made.identity.set_user_name(KNOWN, "sara.q7")
        assert "sara.q7" in str(rows_of(made.store))
        for keys in ([KEY, None], [ANOTHER_KEY, KEY]):
            desk = BookingDesk(DeskParts(store=made.store, clock=made.clock, pseudonym_key=keys))
            desk.maintenance.rekey(by=System())
            identity = EmbeddedIdentity(made.store, hasher=made.hasher, clock=made.clock, pseudonym_key=keys[0])
            assert identity.person_of(UserName("sara.q7")) == KNOWN
            assert "sara.q7" not in str(rows_of(made.store))
