"""Ids under a secret key: a reader of the store alone learns no id, and no sealed id is accepted in another place."""

import copy
import importlib
import os
import pickle
import stat
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import people
from traffic_booking import InvalidInput, MissingExtra, StoreUnreadable
from traffic_booking.adapters import pseudonyms
from traffic_booking.adapters.pseudonyms import SECRET_BYTES, PseudonymKey
from traffic_booking.domain.places.services import Holder
from traffic_booking.persistence import private_files
from traffic_booking.testing import made_up_person

SECRET = bytes(range(SECRET_BYTES))
KEY, OTHER_KEY = PseudonymKey(SECRET), PseudonymKey(SECRET[::-1])
PERSON, OTHER_PERSON = made_up_person(1), made_up_person(2)
SUBJECT = "subject-1"
SALT = "salt-of-22-characters."

secrets = st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ids.key"


def sealed(person=PERSON, subject=SUBJECT):
    return KEY.seal(person, SALT, subject)


LONGEST_WORD = 8
"""A text that was cut so short may occur in the message by chance."""


def refused(key=KEY, *, record, text, subject=SUBJECT):
    """The error of revealing: neither the error nor its causes may quote the text."""
    with pytest.raises(StoreUnreadable) as raised:
        key.reveal(record, text, subject)
    error = raised.value
    assert error.__cause__ is None
    assert error.__context__ is None
    quoted = {each for each in (record, text, subject, SALT, PERSON.reveal()) if len(each) > LONGEST_WORD}
    assert not quoted & set(str(error).split())
    return error


def refused_file(path):
    with pytest.raises(InvalidInput, match="pseudonym key file: got ") as raised:
        PseudonymKey.from_file(path)
    assert str(path) in str(raised.value)
    return str(raised.value)


@given(secret=secrets, person=people, salt=st.text(), subject=st.text())
def test_a_sealed_id_is_revealed_in_its_record_with_its_salt(secret, person, salt, subject):
    key = PseudonymKey(secret)

    revealed, revealed_salt = key.reveal(key.key(person), key.seal(person, salt, subject), subject)

    assert (revealed, revealed_salt) == (person, salt)
    assert type(revealed) is type(person)


@given(st.lists(people, min_size=2, max_size=50, unique=True))
def test_the_same_person_has_the_same_key_and_others_have_others(persons):
    keys = [KEY.key(person) for person in persons]

    assert keys == [PseudonymKey(SECRET).key(person) for person in persons]
    assert len(set(keys)) == len(persons)


def test_a_citizen_and_a_resident_with_one_serial_have_different_keys():
    assert KEY.key(made_up_person(7)) != KEY.key(made_up_person(7, Holder.RESIDENT))


@given(people)
def test_another_secret_gives_the_same_person_another_key(person):
    assert KEY.key(person) != OTHER_KEY.key(person)


def test_the_written_form_stays_the_same_in_later_releases():
    """A release that derives keys differently would no longer find any person."""
    written = "AAECAwQFBgcICQoLJXHZb5x5ZadjefIuJzUC2qnKVvKL3mSnUnLxGcb2cXrcR4sxr1HXI3RIwiS8gHA2"

    assert KEY.key(PERSON) == "f7zaiLDwiG97hio5S58hZ0kNh_1xzdpixogkcvP5AoA"
    assert KEY.check == "PsKw4EJz7uiyHqdghe8t6H9JNP--gkRXtQWoARVVNCo"
    assert KEY.reveal(KEY.key(PERSON), written, SUBJECT) == (PERSON, SALT)


@given(people, st.text())
def test_keys_and_sealed_ids_are_short_url_safe_text_without_the_digits(person, subject):
    for text, length in ((KEY.key(person), 43), (KEY.seal(person, SALT, subject), 80), (KEY.check, 43)):
        assert len(text) == length
        assert text.isascii()
        assert text.replace("-", "").replace("_", "").isalnum()
        assert person.reveal() not in text
        assert SALT not in text


def test_sealing_twice_gives_different_text():
    assert sealed() != sealed()


def test_a_sealed_id_is_refused_in_another_place_or_under_another_key():
    record, text = KEY.key(PERSON), sealed()

    refused(record=KEY.key(OTHER_PERSON), text=text)
    refused(record=record, text=text, subject="subject-2")
    refused(record=record, text=sealed(OTHER_PERSON))
    refused(OTHER_KEY, record=record, text=text)
    refused(OTHER_KEY, record=OTHER_KEY.key(PERSON), text=text)


@given(st.integers(1, 60))
def test_a_record_key_and_a_subject_that_are_cut_elsewhere_are_another_place(cut):
    joined = KEY.key(PERSON) + SUBJECT + "\N{GRINNING FACE}" * 20

    if cut != len(KEY.key(PERSON)):
        refused(record=joined[:cut], text=sealed(subject=joined[len(KEY.key(PERSON)) :]), subject=joined[cut:])


@given(st.integers(0, 79), st.characters())
def test_text_with_any_character_changed_is_refused(place, character):
    text = sealed()

    changed = text[:place] + character + text[place + 1 :]

    if changed != text:
        refused(record=KEY.key(PERSON), text=changed)


@given(st.one_of(st.text(), st.binary(max_size=80).map(pseudonyms._text)))
def test_text_that_was_never_sealed_is_refused(text):
    refused(record=KEY.key(PERSON), text=text)


@pytest.mark.parametrize("change", ["{}=", "{}\n", " {}", "{}A", "{}{}"])
def test_text_with_something_added_is_refused(change):
    text = sealed()

    refused(record=KEY.key(PERSON), text=change.format(text, text))


def test_sealed_text_that_is_cut_is_refused():
    text = sealed()

    for length in range(len(text)):
        refused(record=KEY.key(PERSON), text=text[:length])


def test_a_damaged_row_with_half_a_surrogate_pair_is_refused():
    refused(record="\ud800", text=sealed())
    refused(record=KEY.key(PERSON), text="\ud800" * 51)
    refused(record=KEY.key(PERSON), text=sealed(), subject="\udfff")


def test_several_threads_may_use_one_key_at_once():
    persons = [made_up_person(serial) for serial in range(500)]

    def round_trip(person):
        return KEY.reveal(KEY.key(person), KEY.seal(person, SALT, SUBJECT), SUBJECT)[0]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(round_trip, persons)) == persons


@given(secrets)
def test_the_check_belongs_to_the_secret(secret):
    assert PseudonymKey(secret).check == PseudonymKey(secret).check
    assert secret == SECRET or PseudonymKey(secret).check != KEY.check


@pytest.mark.parametrize("length", [0, SECRET_BYTES - 1, SECRET_BYTES + 1, 64])
def test_a_secret_of_another_length_is_refused(length):
    with pytest.raises(InvalidInput, match=f"pseudonym key: got {length} bytes; expected 32 random bytes"):
        PseudonymKey(b"k" * length)


@pytest.mark.parametrize("secret", ["k" * SECRET_BYTES, None, 32])
def test_a_secret_that_is_not_bytes_is_refused_and_not_shown(secret):
    with pytest.raises(InvalidInput, match=f"pseudonym key: got {type(secret).__name__}; expected 32 random bytes"):
        PseudonymKey(secret)


def test_a_key_shows_nothing_of_its_secret():
    key = PseudonymKey(b"secret-secret-secret-secret-1234")

    assert "secret" not in f"{key} {key!r}"
    assert not hasattr(key, "__dict__")


@pytest.mark.parametrize("duplicate", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_key_is_neither_pickled_nor_copied(duplicate):
    with pytest.raises(TypeError, match="can't be pickled or copied"):
        duplicate(KEY)


def test_a_key_equals_itself_alone():
    assert KEY == KEY  # noqa: PLR0124 - what is tested
    assert PseudonymKey(SECRET) != KEY


def test_a_made_file_holds_a_new_key_that_only_its_owner_may_read(path, tmp_path):
    before = os.umask(0)
    try:
        PseudonymKey.make_file(path)
    finally:
        os.umask(before)
    PseudonymKey.make_file(str(tmp_path / "other.key"))

    first, again, other = (PseudonymKey.from_file(file) for file in (path, str(path), tmp_path / "other.key"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert first.reveal(again.key(PERSON), again.seal(PERSON, SALT, SUBJECT), SUBJECT) == (PERSON, SALT)
    assert first.check == again.check != other.check


def test_the_form_of_a_key_file_stays_the_same_in_later_releases(path):
    path.touch(mode=0o600)
    path.write_bytes(b"pseudonym-key-1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n")

    assert PseudonymKey.from_file(path).check == KEY.check


def test_a_file_that_is_there_is_not_overwritten(path):
    path.write_text("mine")
    (link := path.with_name("link.key")).symlink_to("nowhere")

    for there in (path, link):
        with pytest.raises(InvalidInput, match=r"got \S+\.key: File exists; expected a new file"):
            PseudonymKey.make_file(there)
    assert path.read_text() == "mine"
    assert not link.exists()


def test_a_file_that_cannot_be_written_is_reported(tmp_path):
    with pytest.raises(InvalidInput, match="No such file or directory; expected a new file"):
        PseudonymKey.make_file(tmp_path / "nowhere" / "ids.key")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o644, 0o666, 0o777, 0o060, 0o004])
def test_a_file_that_others_may_touch_is_refused_with_its_mode(path, mode):
    PseudonymKey.make_file(path)
    path.chmod(mode)

    assert f"with mode {mode:04o}; expected mode 0600 (chmod 600 " in refused_file(path)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_file_of_its_owner_alone_is_read(path, mode):
    PseudonymKey.make_file(path)
    path.chmod(mode)

    PseudonymKey.from_file(path)


def test_on_a_system_without_modes_no_mode_is_required(path, monkeypatch):
    monkeypatch.setattr(private_files, "_HAS_MODES", False)
    PseudonymKey.make_file(path)
    path.chmod(0o666)

    PseudonymKey.from_file(path)


def test_of_a_symlink_the_file_behind_it_counts(path):
    PseudonymKey.make_file(path)
    (link := path.with_name("link.key")).symlink_to(path)

    assert PseudonymKey.from_file(link).check == PseudonymKey.from_file(path).check
    path.chmod(0o644)
    assert "with mode 0644" in refused_file(link)


def changes_of(content):
    """Contents that are nearly those of a key file."""
    encoded = content.removeprefix(b"pseudonym-key-1:")
    last = encoded[-2:-1]
    return [
        b"",
        content[:-1],
        content[:-2] + b"\n",
        content + b"\n",
        content + content,
        content[:-1] + b"\r\n",
        b"\xef\xbb\xbf" + content,
        b" " + content,
        content[:-1] + b"=\n",
        encoded,
        content.replace(b"key-1", b"key-2"),
        content[:-2] + bytes([last[0] + 1]) + b"\n",  # other spare bits, the same bytes
        content[:-2] + b"\xff\n",
        content + b"#" * 2_000,
        b"\0" * 60,
        pseudonyms._content(SECRET[:-1]),
        pseudonyms._content(SECRET + b"!"),
    ]


@pytest.mark.parametrize("which", range(17))
def test_a_file_with_other_content_is_refused_and_not_quoted(path, which):
    content = pseudonyms._content(SECRET)
    path.touch(mode=0o600)
    path.write_bytes(changes_of(content)[which])

    message = refused_file(path)

    assert "with other content; expected a file as PseudonymKey.make_file wrote it" in message
    assert content.decode()[16:40] not in message


def test_a_file_that_cannot_be_read_is_reported(path):
    assert "No such file or directory; expected a file that PseudonymKey.make_file wrote" in refused_file(path)
    assert "Is a directory" in refused_file(path.parent)


def test_without_the_package_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    monkeypatch.delitem(sys.modules, "traffic_booking.adapters.pseudonyms")

    with pytest.raises(MissingExtra, match=r"traffic-booking\[pseudonyms\]"):
        importlib.import_module("traffic_booking.adapters.pseudonyms")
