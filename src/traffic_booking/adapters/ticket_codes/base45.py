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
    values = [_VALUES[character] for character in text]
    data = bytearray()
    try:
        for place in range(0, len(values) - 2, 3):
            low, middle, high = values[place : place + 3]
            data += (low + _BASE * (middle + _BASE * high)).to_bytes(2, "big")
        if len(values) % 3:
            data.append(values[-2] + _BASE * values[-1])
    except (OverflowError, ValueError):  # a number that is too great for its bytes
        raise ValueError("not Base45") from None
    return bytes(data)
