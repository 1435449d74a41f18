"""The verification of Ed25519 signatures (RFC 8032) in plain Python, so that the kit needs no package for it.

It is slow, and compares nothing in constant time: for tests alone.
"""

from hashlib import sha512
from typing import Final

_P: Final = 2**255 - 19
_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_D: Final = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_ONE: Final = pow(2, (_P - 1) // 4, _P)

_Point = tuple[int, int]


def verifies(public_key: bytes, signature: bytes, data: bytes) -> bool:
    """True if `signature` is that of `data` under the key."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key, commitment = _point(public_key), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= _ORDER:
        return False
    challenge = int.from_bytes(sha512(signature[:32] + public_key + data).digest(), "little") % _ORDER
    return _times(scalar, _base()) == _sum(commitment, _times(challenge, key))


def _base() -> _Point:
    found = _point((4 * pow(5, -1, _P) % _P).to_bytes(32, "little"))
    assert found is not None
    return found


def _point(text: bytes) -> _Point | None:
    """The point that 32 bytes encode: its y, and the parity of its x in the highest bit."""
    number = int.from_bytes(text, "little")
    y, odd = number % 2**255, number >> 255
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if x * x % _P != square:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if y >= _P or x * x % _P != square or (not x and odd):
        return None
    return (_P - x if x % 2 != odd else x), y


def _sum(one: _Point, other: _Point) -> _Point:
    (x1, y1), (x2, y2) = one, other
    product = _D * x1 * x2 * y1 * y2 % _P
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, _P)
    y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, _P)
    return x % _P, y % _P


def _times(scalar: int, point: _Point) -> _Point:
    result = (0, 1)
    while scalar:
        if scalar & 1:
            result = _sum(result, point)
        point, scalar = _sum(point, point), scalar >> 1
    return result
