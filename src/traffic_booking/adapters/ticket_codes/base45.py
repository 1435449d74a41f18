"""Base45 (RFC 9285): bytes in the 45 characters that a QR code stores in eleven bits a pair."""

from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}
_BASE: Final = 45


def encode(data: bytes) -> str:
    """`data` in Base45: three characters for two bytes, two for a last single one."""
    text = []
    for place in range(0, len(data), 2):
        pair = data[place : place + 2]
        high, low = divmod(int.from_bytes(pair, "big"), _BASE)
        text += [low, *reversed(divmod(high, _BASE))] if len(pair) > 1 else [low, high]
    return "".join(ALPHABET[value] for value in text)


def decode(text: str) -> bytes:
    """The bytes that `encode` wrote. Raises `ValueError` for any other text."""
    if len(text) % 3 == 1 or not _VALUES.keys() >= set(text):
        raise ValueError("not Base45")
    data = bytearray()
    for place in range(0, len(text), 3):
        values = [_VALUES[character] for character in text[place : place + 3]]
        number = sum(value * _BASE**power for power, value in enumerate(values))
        try:
            data += number.to_bytes(len(values) - 1, "big")
        except OverflowError:
            raise ValueError("not Base45") from None
    return bytes(data)
