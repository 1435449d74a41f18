"""The signed code of a ticket: what it states is read back, and anything else is refused, each fault by its name."""

import random
from datetime import timedelta
from io import BytesIO

import cbor2
import pytest
import segno
from attrs import evolve
from cwt import COSE, COSEKey
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, ImageFilter
from pyzbar.pyzbar import decode as decoded_by_zbar
from zxingcpp import read_barcode

from tests.tickets_signed import A_TICKET, OTHER, SIGNER, KeysInMemory, branch_codes, claims, numbers
from traffic_booking import (
    CodeFault,
    InvalidInput,
    RefusedCode,
    StoreUnavailable,
    UnsignedCode,
    VerifiedCode,
    key_id_of,
    read_ticket_code,
)
from traffic_booking.adapters.ticket_codes import CoseCodes, base45
from traffic_booking.adapters.ticket_codes.codes import LONGEST_TEXT, PURPOSE
from traffic_booking.adapters.ticket_codes.cose import opened, sign
from traffic_booking.domain.appointments.numbers import (
    packed_branch_code,
    packed_number,
    unpacked_branch_code,
    unpacked_number,
)
from traffic_booking.domain.signing.keys import keys_by_id

KEY_ID = key_id_of(SIGNER.public_keys[0])
WIDEST = 178
"""The characters that a QR code of version 7 has room for at level M."""


def code_of(ticket, signer=SIGNER):
    code = CoseCodes().write(ticket, signer)
    assert code.signed
    return code.text


CODE = code_of(A_TICKET)


def fault_of(text, keys=SIGNER.public_keys):
    found = read_ticket_code(text, keys)
    assert isinstance(found, RefusedCode)
    assert not found
    assert found.message("ar") != found.message("en")
    return found.fault


@given(claims())
def test_the_claims_are_read_back(ticket):
    assert read_ticket_code(code_of(ticket), SIGNER.public_keys) == VerifiedCode(claims=ticket, key_id=KEY_ID)


@given(claims())
def test_a_code_fits_a_small_picture(ticket):
    text = code_of(ticket)
    assert len(text) <= WIDEST
    assert int(segno.make_qr(text, error="m", boost_error=False).version) <= 7


@given(claims())
def test_a_code_is_the_same_each_time(ticket):
    assert code_of(ticket) == code_of(ticket)


@given(claims(), st.data())
def test_no_two_tickets_share_a_code(ticket, data):
    other = data.draw(claims())
    assert (code_of(ticket) == code_of(other)) is (ticket == other)


@given(claims())
def test_a_second_implementation_verifies_the_code(ticket):
    key = COSEKey.new({1: 1, -1: 6, -2: SIGNER.public_keys[0], 2: bytes.fromhex(KEY_ID), 3: -8})
    payload = COSE.new().decode(base45.decode(code_of(ticket)), [key], external_aad=PURPOSE)
    stated = cbor2.loads(payload)
    assert stated[2] == ticket.version
    assert stated[4] == ticket.starts_at.timestamp()
    assert stated[4] + stated[5] == ticket.ends_at.timestamp()
    assert stated[6].hex() == ticket.ticket_id


def test_the_code_has_no_name_and_no_id_of_a_person():
    assert sorted(cbor2.loads(base45.decode(CODE)).value[2][0:2]) == sorted(bytes.fromhex("a601"))
    assert set(cbor2.loads(cbor2.loads(base45.decode(CODE)).value[2])) == set(range(1, 7))


@given(numbers)
def test_a_number_is_read_unsigned(number):
    assert read_ticket_code(number, SIGNER.public_keys) == UnsignedCode(number)
    assert read_ticket_code(number.lower().replace("-", " "), ()) == UnsignedCode(number)


@given(numbers, branch_codes)
def test_numbers_and_branch_codes_are_packed_in_few_bits(number, code):
    assert packed_number(number) < 2**55
    assert unpacked_number(packed_number(number)) == number
    assert unpacked_branch_code(packed_branch_code(code)) == code


@pytest.mark.parametrize("value", [-1, 2**55, 2**64])
def test_other_values_are_no_numbers(value):
    assert unpacked_number(value) is None


def test_each_fault_has_its_own_answer():
    assert fault_of("hello") is CodeFault.NOT_A_CODE
    assert fault_of("") is CodeFault.NOT_A_CODE
    assert fault_of("001G-EFNE-826S") is CodeFault.NOT_A_CODE
    assert fault_of(CODE[:-1]) is CodeFault.MALFORMED
    assert fault_of(CODE + "00") is CodeFault.MALFORMED
    assert fault_of(CODE[:20] + "_" + CODE[21:]) is CodeFault.MALFORMED
    assert fault_of(CODE, OTHER.public_keys) is CodeFault.UNKNOWN_KEY
    assert fault_of(CODE, ()) is CodeFault.UNKNOWN_KEY
    altered = bytearray(base45.decode(CODE))
    altered[-1] ^= 1
    assert fault_of(base45.encode(bytes(altered))) is CodeFault.FORGED


def test_an_unknown_key_is_named():
    assert read_ticket_code(CODE, ()) == RefusedCode(CodeFault.UNKNOWN_KEY, KEY_ID)


def test_a_key_that_was_replaced_still_verifies():
    after = KeysInMemory("next", "now")
    assert read_ticket_code(CODE, after.public_keys)
    new = read_ticket_code(code_of(A_TICKET, after), after.public_keys)
    assert isinstance(new, VerifiedCode)
    assert new.key_id == key_id_of(after.public_keys[0])


def test_another_message_of_the_same_key_is_no_ticket():
    payload = cbor2.loads(base45.decode(CODE)).value[2]
    other = sign(payload, SIGNER, b"a list of the day")
    assert opened(other, keys_by_id(SIGNER.public_keys), b"a list of the day") == (KEY_ID, payload)
    assert fault_of(base45.encode(other)) is CodeFault.FORGED


@pytest.mark.parametrize("size", [0, 1, 23, 24, 255, 256, 65_535, 65_536])
def test_messages_of_any_size_are_signed(size):
    message = sign(bytes(size), SIGNER, PURPOSE)
    assert opened(message, keys_by_id(SIGNER.public_keys), PURPOSE) == (KEY_ID, bytes(size))


UNSOUND = [
    {},
    {1: 1},
    {1: bytes(7), 2: 0, 3: 0, 4: 0, 5: 60, 6: bytes(7)},
    {1: bytes(7), 2: 1, 3: 0, 4: 0, 5: 0, 6: bytes(7)},
    {1: bytes(7), 2: 1, 3: 2**15, 4: 0, 5: 60, 6: bytes(7)},
    {1: bytes(7), 2: 1, 3: 0, 4: 2**62, 5: 60, 6: bytes(7)},
    {1: bytes(7), 2: 1, 3: 0, 4: 0.5, 5: 60, 6: bytes(7)},
    {1: bytes(7), 2: 1, 3: 0, 4: 0, 5: 60, 6: "0" * 14},
    {1: bytes(7), 2: 1, 3: 0, 4: 0, 5: 60, 6: bytes(7), 7: "more"},
    [1, 2, 3],
    "text",
]


@pytest.mark.parametrize("stated", UNSOUND, ids=repr)
def test_what_a_key_signed_is_checked_as_well(stated):
    text = base45.encode(sign(cbor2.dumps(stated), SIGNER, PURPOSE))
    assert fault_of(text) is CodeFault.MALFORMED


def test_a_payload_in_another_encoding_is_refused():
    payload = cbor2.loads(base45.decode(CODE)).value[2]
    assert fault_of(base45.encode(sign(payload + b"\0", SIGNER, PURPOSE))) is CodeFault.MALFORMED
    backwards = cbor2.dumps(dict(reversed(cbor2.loads(payload).items())))
    assert fault_of(base45.encode(sign(backwards, SIGNER, PURPOSE))) is CodeFault.MALFORMED


def test_a_long_text_is_refused_unread():
    assert fault_of("9" * (LONGEST_TEXT + 1)) is CodeFault.NOT_A_CODE
    assert fault_of(CODE * 3) is CodeFault.NOT_A_CODE
    assert fault_of("لا" * (LONGEST_TEXT // 2)) is CodeFault.NOT_A_CODE


@pytest.mark.parametrize("text", [None, b"RRQ", 7, ["RRQ"]])
def test_what_is_no_text_is_misuse(text):
    with pytest.raises(InvalidInput, match=r"^code: got "):
        read_ticket_code(text, SIGNER.public_keys)


@pytest.mark.parametrize("keys", [["00"], [b"short"], b"one key of thirty-two bytes, 012", None, [bytes(32)] * 65])
def test_malformed_keys_are_misuse(keys):
    with pytest.raises(InvalidInput, match=r"^public key"):
        read_ticket_code(CODE, keys)


def test_a_key_that_is_no_point_verifies_nothing():
    bad = next(bytes([first]) + bytes(31) for first in range(256) if first > 1)
    assert fault_of(CODE, [bad]) is CodeFault.UNKNOWN_KEY


def mutated(source: random.Random) -> str:
    """A code with a few random changes, as text or as bytes."""
    text: str = code_of(A_TICKET, OTHER) if source.random() < 0.1 else CODE
    if source.random() < 0.5:
        data = bytearray(base45.decode(text))
        for _ in range(source.randint(1, 3)):
            place = source.randrange(len(data) + 1)
            change = source.randrange(4)
            if change == 0:
                data[place:place] = source.randbytes(source.randint(1, 8))
            elif change == 1:
                del data[place : place + source.randint(1, 8)]
            else:
                data[place : place + 1] = source.randbytes(1)
        return base45.encode(bytes(data))
    for _ in range(source.randint(1, 3)):
        place = source.randrange(len(text) + 1)
        new = "".join(
            chr(source.choice([source.randrange(128), source.randrange(0x600, 0x700), 0x1F600])) for _ in "12"
        )
        text = text[:place] + new[: source.randint(0, 2)] + text[place + source.randint(0, 2) :]
    return text


def refuse_mutations(count: int, seed: int) -> None:
    source = random.Random(seed)
    sound = read_ticket_code(CODE, SIGNER.public_keys)
    faults = dict.fromkeys(CodeFault, 0)
    for _ in range(count):
        text = mutated(source)
        found = read_ticket_code(text, SIGNER.public_keys)
        if isinstance(found, RefusedCode):
            faults[found.fault] += 1
        else:  # the changes cancelled each other out, or changed a letter to its small form
            assert found == sound
            assert text.strip().upper() == CODE
    assert all(faults.values()), faults


def test_mutated_codes_are_refused_and_crash_nothing():
    refuse_mutations(2_000, seed=1)


@pytest.mark.long
def test_a_hundred_thousand_mutated_codes_are_refused_and_crash_nothing():
    """Long: it makes and reads 100,000 codes."""
    refuse_mutations(100_000, seed=2)


@given(st.text())
@example("RRQ")
@example("RRQXO8P600GK R8")
@example("\ud800")
@example("لا")
def test_no_text_at_all_raises(text):
    assert not isinstance(read_ticket_code(text, SIGNER.public_keys), VerifiedCode)


@given(st.binary(max_size=300))
def test_no_bytes_at_all_raise(data):
    assert not read_ticket_code(base45.encode(data), SIGNER.public_keys) or len(data) < 10


@given(st.binary(max_size=64))
def test_base45_is_read_back(data):
    assert base45.decode(base45.encode(data)) == data


@pytest.mark.parametrize(
    ("data", "text"), [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0")]
)
def test_base45_is_that_of_the_standard(data, text):
    assert base45.encode(data) == text
    assert base45.decode(text) == data


@pytest.mark.parametrize("text", ["0", "0000", ":::", "GGW", "::", "bb8", "BB_"])
def test_what_is_no_base45_is_refused(text):
    with pytest.raises(ValueError, match="not Base45"):
        base45.decode(text)


class Faulty(KeysInMemory):
    """A key service that returns something else than a signature of its first key."""

    def __init__(self, signature):
        super().__init__("now")
        self.signature = signature

    def sign(self, data):
        return self.signature


class Keyless(Faulty):
    public_keys = ()


@pytest.mark.parametrize("signature", [b"", bytes(64), b"x" * 65, None, "text"])
def test_a_wrong_signature_never_gets_onto_a_ticket(signature):
    with pytest.raises(InvalidInput, match=r"^signer: got another signature"):
        code_of(A_TICKET, Faulty(signature))


def test_a_signer_without_keys_is_misuse():
    with pytest.raises(InvalidInput, match=r"^signer: got another signature"):
        code_of(A_TICKET, Keyless(bytes(64)))


class Rotating(KeysInMemory):
    """A key service that replaces its key between two calls."""

    def sign(self, data):
        if len(self._private) == 1:
            self._private = KeysInMemory("next", "now")._private
        return super().sign(data)


def test_a_key_that_is_replaced_meanwhile_gives_a_sound_code():
    signer = Rotating("now")
    code = read_ticket_code(code_of(A_TICKET, signer), signer.public_keys)
    assert isinstance(code, VerifiedCode)
    assert code.key_id == key_id_of(signer.public_keys[0])


class Silent(KeysInMemory):
    def sign(self, data):
        raise StoreUnavailable("key service: got no answer; expected one within 2 seconds")


def test_a_key_service_that_does_not_answer_is_reported():
    with pytest.raises(StoreUnavailable):
        code_of(A_TICKET, Silent("now"))


def picture(text, *, scale):
    file = BytesIO()
    segno.make_qr(text, error="m", boost_error=False).save(file, kind="png", scale=scale, border=4)
    return Image.open(file).convert("L")


def noisy(image, seed):
    """The picture with grain in every pixel and a little out of focus, as a camera sees it."""
    source = random.Random(seed)
    grainy = Image.frombytes(
        "L", image.size, bytes(min(255, max(0, each + source.randint(-60, 60))) for each in image.tobytes())
    )
    return grainy.filter(ImageFilter.GaussianBlur(1))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_two_readers_read_the_picture_at_half_size_and_with_noise(seed):
    text = code_of(evolve(A_TICKET, version=seed + 1))
    whole = picture(text, scale=8)
    half = whole.resize((whole.width // 2, whole.height // 2))
    for seen in (whole, half, noisy(whole, seed), noisy(half, seed)):
        found = read_barcode(seen)
        assert found is not None
        assert found.text == text
        assert [each.data.decode() for each in decoded_by_zbar(seen)] == [text]


@pytest.mark.parametrize(
    "changes",
    [
        {"ends_at": A_TICKET.starts_at},
        {"ends_at": A_TICKET.starts_at + timedelta(hours=4, seconds=1)},
        {"version": 0},
        {"version": 2**16},
        {"branch": "00I"},
        {"ticket_id": "0123456789abc"},
        {"ticket_id": "0123456789abcg"},
        {"number": "001G-EFNE-826S"},
    ],
    ids=repr,
)
def test_claims_are_checked(changes):
    with pytest.raises(InvalidInput):
        evolve(A_TICKET, **changes)
