"""Key files: made if missing, for their owner alone; a rotation keeps every ticket verifiable at any moment."""

import copy
import os
import pickle
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.tickets_signed import A_TICKET
from traffic_booking import BookingDesk, InvalidInput, VerifiedCode, key_id_of, read_ticket_code
from traffic_booking.adapters import signing_keys
from traffic_booking.adapters.signing_keys import SigningKeys, read_public_keys
from traffic_booking.adapters.ticket_codes import CoseCodes
from traffic_booking.persistence.private_files import write_over

HAS_MODES = os.name == "posix"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tickets.key"


def public(path):
    return path.with_name(path.name + ".pub")


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_missing_keys_are_made_once(path):
    made = SigningKeys.open(path)
    again = SigningKeys.open(str(path))
    assert again.public_keys == made.public_keys == read_public_keys(public(path))
    assert again.key_id == key_id_of(made.public_keys[0])
    assert again.sign(b"a ticket") == made.sign(b"a ticket")


def test_two_files_have_different_keys(tmp_path):
    assert SigningKeys.open(tmp_path / "a").public_keys != SigningKeys.open(tmp_path / "b").public_keys


@pytest.mark.skipif(not HAS_MODES, reason="a system without POSIX modes")
def test_only_its_owner_may_read_the_private_key_whatever_the_umask(path):
    before = os.umask(0)
    try:
        SigningKeys.open(path)
        SigningKeys.rotate(path)
    finally:
        os.umask(before)
    assert mode_of(path) == 0o600
    assert mode_of(public(path)) == 0o644


def test_processes_that_open_at_once_get_one_key(path):
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: SigningKeys.open(path).public_keys, range(16)))
    assert set(found) == {read_public_keys(public(path))}


@pytest.mark.skipif(not HAS_MODES, reason="a system without POSIX modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o622, 0o610, 0o777])
def test_a_private_key_that_others_may_use_is_refused(path, mode):
    SigningKeys.open(path)
    path.chmod(mode)
    with pytest.raises(InvalidInput, match=rf"with mode {mode:04o}; expected mode 0600 \(chmod 600 "):
        SigningKeys.open(path)
    with pytest.raises(InvalidInput, match="with mode"):
        SigningKeys.rotate(path)


def test_a_new_key_signs_and_the_earlier_ones_verify(path):
    first = SigningKeys.open(path)
    old = CoseCodes().write(A_TICKET, first).text
    second = SigningKeys.rotate(path)
    new = CoseCodes().write(A_TICKET, second).text
    third = SigningKeys.rotate(path)
    assert third.public_keys == (third.public_keys[0], second.public_keys[0], first.public_keys[0])
    assert SigningKeys.open(path).public_keys == third.public_keys
    for text, key_id in ((old, first.key_id), (new, second.key_id)):
        read = read_ticket_code(text, read_public_keys(public(path)))
        assert isinstance(read, VerifiedCode)
        assert read.key_id == key_id


def test_a_rotation_that_is_stopped_at_any_step_leaves_keys_that_work(path, monkeypatch):
    before = SigningKeys.open(path)
    code = CoseCodes().write(A_TICKET, before).text
    written: list[Path] = []

    class Killed(BaseException):
        pass

    def stopping(place, *arguments):
        if written:
            raise Killed
        written.append(place)
        write_over(place, *arguments)

    monkeypatch.setattr(signing_keys, "write_over", stopping)
    with pytest.raises(Killed):
        SigningKeys.rotate(path)
    monkeypatch.undo()
    opened = SigningKeys.open(path)
    assert opened.key_id == before.key_id
    assert read_ticket_code(code, read_public_keys(public(path)))
    assert SigningKeys.rotate(path).key_id != before.key_id
    assert read_ticket_code(code, read_public_keys(public(path)))


def test_a_lost_private_key_is_replaced_by_a_rotation_alone(path):
    before = SigningKeys.open(path)
    path.unlink()
    with pytest.raises(InvalidInput, match="No such file"):
        SigningKeys.open(path)
    assert SigningKeys.rotate(path).public_keys[1:] == before.public_keys


def test_a_lost_public_file_is_made_again(path):
    before = SigningKeys.open(path)
    public(path).unlink()
    with pytest.raises(InvalidInput, match="No such file"):
        SigningKeys.rotate(path)
    assert SigningKeys.open(path).public_keys == before.public_keys
    assert read_public_keys(public(path)) == before.public_keys


def test_a_public_file_of_other_keys_is_refused(path, tmp_path):
    SigningKeys.open(path)
    SigningKeys.open(tmp_path / "other")
    public(tmp_path / "other").replace(public(path))
    with pytest.raises(InvalidInput, match=r"of other keys; expected .* remove it, and it is made again"):
        SigningKeys.open(path)


def private_pem(key, encryption=NoEncryption()):  # noqa: B008 - it has no state
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


WRONG = {
    "empty": b"",
    "text": b"not a key",
    "another kind": private_pem(generate_private_key(SECP256R1())),
    "with a password": private_pem(Ed25519PrivateKey.generate(), BestAvailableEncryption(b"word")),
    "cut": private_pem(Ed25519PrivateKey.generate())[:60],
    "public": Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
}


@pytest.mark.parametrize("content", WRONG.values(), ids=WRONG)
def test_a_private_file_with_other_content_is_refused_and_not_quoted(path, content):
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match="with other content; expected an Ed25519 private key in PEM") as raised:
        SigningKeys.open(path)
    assert raised.value.__cause__ is None


WRONG_PUBLIC = {name: each for name, each in WRONG.items() if name != "public"} | {"longer": WRONG["public"] + b"x"}


@pytest.mark.parametrize("content", WRONG_PUBLIC.values(), ids=WRONG_PUBLIC)
def test_a_public_file_with_other_content_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match="with other content; expected Ed25519 public keys in PEM"):
        read_public_keys(path)


def test_more_public_keys_than_a_reader_takes_are_refused(path):
    path.write_bytes(WRONG["public"] * 65)
    with pytest.raises(InvalidInput, match="with other content"):
        read_public_keys(path)
    path.write_bytes(WRONG["public"] * 2)
    assert len(read_public_keys(path)) == 1


@pytest.mark.parametrize("wrong", ["", "\0", "x" * 5_000, None, 7])
def test_what_is_no_path_is_refused(wrong):
    with pytest.raises(InvalidInput):
        SigningKeys.open(wrong)
    with pytest.raises(InvalidInput):
        SigningKeys.rotate(wrong)
    with pytest.raises(InvalidInput):
        read_public_keys(wrong)


def test_a_folder_that_is_missing_is_reported(tmp_path):
    with pytest.raises(InvalidInput, match="expected a new file in a folder that can be written"):
        SigningKeys.open(tmp_path / "nowhere" / "tickets.key")


@pytest.mark.parametrize("how", [pickle.dumps, copy.copy, copy.deepcopy])
def test_keys_are_not_pickled_or_copied(path, how):
    with pytest.raises(TypeError, match="can't be pickled or copied"):
        how(SigningKeys.open(path))


def test_nothing_of_the_private_key_is_in_a_repr(path):
    keys = SigningKeys.open(path)
    desk = BookingDesk.open("memory://", signer=keys)
    secret = path.read_bytes().split(b"\n")[1].decode()
    assert secret not in repr(keys) + repr(desk)


def test_a_file_name_that_the_system_refuses_is_an_error_of_the_library(tmp_path):
    with pytest.raises(InvalidInput, match="expected a new file in a folder that can be written"):
        SigningKeys.open(tmp_path / ("k" * 300))
    with pytest.raises(InvalidInput):
        SigningKeys.rotate(tmp_path / ("k" * 300))
