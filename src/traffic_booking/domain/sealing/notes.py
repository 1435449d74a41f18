"""Signed notes (https://c2sp.org/signed-note): a text, and signatures of named keys of Ed25519."""

from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from traffic_booking.domain.errors import InvalidInput, LogUnreadable
from traffic_booking.domain.signing.keys import KEY_ID_BYTES, PUBLIC_KEY_BYTES
from traffic_booking.domain.text_input import plain_text
from traffic_booking.domain.values import frozen

Verify = Callable[[bytes, bytes, bytes], bool]
"""True if a public key of Ed25519 verifies a signature of some data."""

LONGEST_NOTE: Final = 65_536
"""In bytes."""
MOST_SIGNATURES: Final = 100
LONGEST_NAME: Final = 200
"""The longest name of a key, in characters."""

_ED25519: Final = b"\x01"
_LINE: Final = "\u2014 "
_NAME: Final = "1 to 200 visible characters without +"


class SignatureLine(NamedTuple):
    """A signature, the name of its key, and four bytes that distinguish keys of one name."""

    name: str
    key_hash: bytes
    signature: bytes

    @property
    def text(self) -> str:
        """The line in the note."""
        return f"{_LINE}{self.name} {b64encode(self.key_hash + self.signature).decode()}\n"


@frozen
class Note:
    """A text that ends with a line end, and the lines of its signatures, verified or not."""

    text: str
    signatures: tuple[SignatureLine, ...]

    def to_bytes(self) -> bytes:
        """The note as it is stored."""
        return f"{self.text}\n{''.join(each.text for each in self.signatures)}".encode()


def key_name(text: str) -> str:
    """`text` as the name of a key. Raises `InvalidInput`."""
    plain = plain_text(text, "key name", _NAME)
    if not 0 < len(plain) <= LONGEST_NAME or not plain.isprintable() or "+" in plain or any(map(str.isspace, plain)):
        raise InvalidInput("key name", got="another text", expected=_NAME)
    return plain


def key_hash(name: str, public_key: bytes) -> bytes:
    """The four bytes that distinguish a key of Ed25519 (32 bytes) from others of its name. Raises `InvalidInput`."""
    if len(public_key) != PUBLIC_KEY_BYTES:
        expected = f"an Ed25519 public key: {PUBLIC_KEY_BYTES} bytes"
        raise InvalidInput("public key", got=f"{len(public_key)} bytes", expected=expected)
    return sha256(key_name(name).encode() + b"\n" + _ED25519 + public_key).digest()[:KEY_ID_BYTES]


def verifier_key(name: str, public_key: bytes) -> str:
    """A public key of Ed25519 in the form that other programs for signed notes read. Raises `InvalidInput`."""
    return f"{name}+{key_hash(name, public_key).hex()}+{b64encode(_ED25519 + public_key).decode()}"


def sign_note(text: str, name: str, public_key: bytes, sign: Callable[[bytes], bytes]) -> Note:
    """The note of `text`, which ends with a line end, signed by one key."""
    return Note(text, (SignatureLine(name, key_hash(name, public_key), sign(text.encode())),))


def read_note(data: bytes) -> Note:
    """The note in `data`; its signatures are not verified. Raises `LogUnreadable`."""
    text, separator, lines = _decoded(data).rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise _unreadable("a text without signatures")
    found = lines[:-1].split("\n")
    if len(found) > MOST_SIGNATURES:
        raise _unreadable(f"more than {MOST_SIGNATURES} signatures")
    return Note(f"{text}\n", tuple(map(_signature, found)))


def split_notes(data: bytes, *, is_end: bool = True) -> tuple[list[bytes], bytes]:
    """The notes that stand one after another in `data`, and the rest, which is no whole note.

    Unless `data` `is_end` of them, its last note may have more signatures, and belongs to the rest.
    """
    found, start, at, signed, mark = list[bytes](), 0, 0, False, _LINE.encode()
    while (end := data.find(b"\n", at)) >= 0:
        if data.startswith(mark, at):
            signed = True
        elif signed:
            found.append(data[start:at])
            start, signed = at, False
        at = end + 1
    # Behind the last line end may be the beginning of one more signature.
    if is_end and signed and not (data[at:] and mark.startswith(data[at : at + len(mark)])):
        found.append(data[start:at])
        start = at
    return found, data[start:]


def verified_keys(note: Note, name: str, public_keys: Iterable[bytes], verify: Verify) -> Sequence[bytes]:
    """The public keys whose signature the note has, under that name; signatures of other keys are ignored.

    Raises:
        LogUnreadable: None of these keys has signed, or a signature of one of them does not hold.
    """
    known = {key_hash(name, each): each for each in public_keys}
    data, found = note.text.encode(), list[bytes]()
    for line in note.signatures:
        if line.name != name or line.key_hash not in known:
            continue
        if not verify(known[line.key_hash], line.signature, data):
            raise _unreadable("a signature that does not hold")
        found.append(known[line.key_hash])
    if not found:
        raise _unreadable("no signature of the given keys")
    return found


def _decoded(data: bytes) -> str:
    if len(data) > LONGEST_NOTE:
        raise _unreadable("a longer text")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise _unreadable("bytes that are no text") from None
    if any(each < " " and each != "\n" for each in text):
        raise _unreadable("a text with control characters")
    return text


def _signature(line: str) -> SignatureLine:
    name, _, encoded = line.removeprefix(_LINE).partition(" ")
    try:
        content = b64decode(encoded, validate=True)
    except (Error, ValueError):
        content = b""
    if not line.startswith(_LINE) or len(content) <= KEY_ID_BYTES or b64encode(content).decode() != encoded:
        raise _unreadable("a damaged signature")
    try:
        return SignatureLine(key_name(name), content[:KEY_ID_BYTES], content[KEY_ID_BYTES:])
    except InvalidInput:
        raise _unreadable("a damaged signature") from None


def _unreadable(got: str) -> LogUnreadable:
    return LogUnreadable(f"checkpoint: got {got}; expected a signed checkpoint of this log")
