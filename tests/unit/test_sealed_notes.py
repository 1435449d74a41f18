"""Signed notes and checkpoints: their text, their keys, and what is refused."""

import pytest

from tests.sealed_logs import ORIGIN, key_of, naive_root, public, signed, verifies
from traffic_booking.domain.errors import InvalidInput, LogUnreadable
from traffic_booking.domain.sealing.checkpoints import Checkpoint, checkpoint_in, read_checkpoint
from traffic_booking.domain.sealing.notes import (
    Note,
    key_hash,
    read_note,
    sign_note,
    split_notes,
    verified_keys,
    verifier_key,
)

OLD, NEW, OTHER = key_of("old"), key_of("new"), key_of("other")
ROOT = naive_root([b"a"])


def test_a_checkpoint_has_the_form_of_the_specification():
    note = signed(1, ROOT, OLD).decode()
    origin, size, root, empty, signature, end = note.split("\n")

    assert (origin, size, empty, end) == (ORIGIN, "1", "", "")
    assert root == "Ai8+ODtmsaC2NNnjnTxCXOQW1KvSl2zyDR9IOBhc9Eo=" or len(root) == 44
    assert signature.startswith(f"— {ORIGIN} ")


def test_a_checkpoint_is_read_as_it_was_signed():
    assert read_checkpoint(signed(1, ROOT, OLD), [public(OLD)], verifies) == Checkpoint(
        origin=ORIGIN, size=1, root=ROOT
    )


def test_a_log_that_was_signed_under_two_keys_is_verified_with_both():
    keys = [public(NEW), public(OLD)]

    for key in (OLD, NEW):
        assert read_checkpoint(signed(1, ROOT, key), keys, verifies).size == 1
    with pytest.raises(LogUnreadable, match="no signature of the given keys"):
        read_checkpoint(signed(1, ROOT, OTHER), keys, verifies)


def test_signatures_of_unknown_keys_are_ignored_beside_a_known_one():
    text = Checkpoint(origin=ORIGIN, size=1, root=ROOT).text
    lines = [sign_note(text, ORIGIN, public(key), key.sign).signatures[0] for key in (OTHER, OLD, NEW)]
    witness = sign_note(text, "witness.example", public(OTHER), OTHER.sign).signatures[0]
    note = Note(text, (witness, *lines))

    assert read_note(note.to_bytes()) == note
    assert [*verified_keys(note, ORIGIN, [public(OLD), public(NEW)], verifies)] == [public(OLD), public(NEW)]


def test_a_known_key_with_a_wrong_signature_spoils_the_note():
    text = Checkpoint(origin=ORIGIN, size=1, root=ROOT).text
    good = sign_note(text, ORIGIN, public(OLD), OLD.sign).signatures[0]
    bad = sign_note(text, ORIGIN, public(NEW), lambda _: bytes(64)).signatures[0]

    with pytest.raises(LogUnreadable, match="a signature that does not hold"):
        verified_keys(Note(text, (good, bad)), ORIGIN, [public(OLD), public(NEW)], verifies)


def test_a_signature_of_another_log_does_not_count():
    with pytest.raises(LogUnreadable, match=r"got one of the log example.org/other; expected one of example.org/log"):
        read_checkpoint(signed(1, ROOT, OLD, "example.org/other"), [public(OLD)], verifies, ORIGIN)
    moved = signed(1, ROOT, OLD, "example.org/other").replace(b"other\n", b"log\n", 1)
    with pytest.raises(LogUnreadable, match="no signature of the given keys"):
        read_checkpoint(moved, [public(OLD)], verifies, ORIGIN)


def test_every_flipped_bit_of_a_checkpoint_is_refused():
    note = signed(1, ROOT, OLD)

    for place in range(8 * len(note)):
        flipped = bytearray(note)
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(LogUnreadable):
            read_checkpoint(bytes(flipped), [public(OLD)], verifies)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "log\n",
        "log\n1\n",
        "log\n01\nAAAA\n",
        "log\n-1\nAAAA\n",
        "log\n1\nAAAA\n",
        "log\n1\n" + "A" * 43 + "=",
        "log\n1\n" + "A" * 42 + "B=\n",
        "log\n9223372036854775807\n" + "A" * 43 + "=\n",
        "a log\n1\n" + "A" * 43 + "=\n",
        "log\n1\n" + "A" * 43 + "=\n\nmore\n",
    ],
)
def test_another_text_is_no_checkpoint(text):
    with pytest.raises(LogUnreadable, match="checkpoint: got another text"):
        checkpoint_in(Note(text, ()))


def test_lines_of_extensions_are_kept_in_the_note_and_ignored():
    text = Checkpoint(origin=ORIGIN, size=1, root=ROOT).text + "more\n"

    assert checkpoint_in(Note(text, ())).size == 1


@pytest.mark.parametrize(
    ("data", "got"),
    [
        (b"", "a text without signatures"),
        (b"text\n", "a text without signatures"),
        (b"text\n\n", "a text without signatures"),
        (b"text\n\n\xe2\x80\x94 log AAAAAAA=", "a text without signatures"),
        (b"text\n\nlog AAAAAAA=\n", "a damaged signature"),
        (b"text\n\n\xe2\x80\x94 log AAAA\n", "a damaged signature"),
        (b"text\n\n\xe2\x80\x94 log AAAAAA\n", "a damaged signature"),
        (b"text\n\n\xe2\x80\x94 l+g AAAAAAA=\n", "a damaged signature"),
        (b"te\rxt\n\n\xe2\x80\x94 log AAAAAAA=\n", "a text with control characters"),
        (b"te\xffxt\n\n\xe2\x80\x94 log AAAAAAA=\n", "bytes that are no text"),
        (b"text\n\n" + b"\xe2\x80\x94 log AAAAAAA=\n" * 101, "more than 100 signatures"),
        (b"text\n" * 20_000, "a longer text"),
    ],
)
def test_other_bytes_are_no_note(data, got):
    with pytest.raises(LogUnreadable, match=f"checkpoint: got {got}; expected a signed checkpoint of this log"):
        read_note(data)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\tb", "x" * 201, "a\u00a0b"])
def test_a_name_that_notes_cannot_have_is_refused(name):
    with pytest.raises(InvalidInput, match="key name: got another text"):
        key_hash(name, bytes(32))


def test_a_public_key_of_another_length_is_refused():
    with pytest.raises(InvalidInput, match="public key: got 31 bytes; expected an Ed25519 public key: 32 bytes"):
        key_hash("log", bytes(31))


def test_a_verifier_key_names_the_key_and_its_hash():
    name, hashed, encoded = verifier_key(ORIGIN, public(OLD)).split("+", 2)

    assert (name, hashed) == (ORIGIN, key_hash(ORIGIN, public(OLD)).hex())
    assert encoded.startswith("A")  # the byte of the algorithm


@pytest.mark.parametrize("size", [-1, 2**62 + 1, True, "1"])
def test_a_size_out_of_bounds_is_refused(size):
    with pytest.raises(InvalidInput, match="tree size"):
        Checkpoint(origin=ORIGIN, size=size, root=ROOT)


@pytest.mark.parametrize("root", [b"", bytes(31), "text"])
def test_a_root_of_another_length_is_refused(root):
    with pytest.raises(InvalidInput, match="root"):
        Checkpoint(origin=ORIGIN, size=1, root=root)


def test_notes_one_behind_another_are_split_wherever_they_are_cut():
    notes = [signed(size, ROOT, OLD) for size in range(4)]
    whole = b"".join(notes)

    for cut in range(len(whole) + 1):
        found, rest = split_notes(whole[:cut])
        assert b"".join(found) + rest == whole[:cut]
        assert found == notes[: len(found)]
        assert cut < len(whole) or not rest
        earlier, rest = split_notes(whole[:cut], is_end=False)
        assert [*earlier, *split_notes(rest + whole[cut:])[0]] == notes
