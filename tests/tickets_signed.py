"""Signers and signed codes for tests."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st

from traffic_booking import TicketClaims
from traffic_booking.domain.appointments.numbers import SERIALS, compose
from traffic_booking.domain.appointments.ticket_codes import GREATEST_VERSION

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
LAST = datetime(2105, 12, 31, tzinfo=UTC)


class KeysInMemory:
    """A signer whose keys are made of names, the current one first."""

    def __init__(self, *names: str) -> None:
        self._private = [Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest()) for name in names]

    @property
    def public_keys(self):
        return tuple(each.public_key().public_bytes_raw() for each in self._private)

    def sign(self, data: bytes) -> bytes:
        return self._private[0].sign(data)


SIGNER = KeysInMemory("now")
OTHER = KeysInMemory("another house")

branch_codes = st.text(SYMBOLS, min_size=3, max_size=3)
numbers = st.builds(compose, branch_codes, st.integers(0, SERIALS - 1)).filter(bool)


@st.composite
def claims(draw):
    """The claims of any ticket whose time is before the year 2106."""
    starts_at = FIRST + timedelta(seconds=draw(st.integers(0, int((LAST - FIRST).total_seconds()))))
    return TicketClaims(
        number=draw(numbers),
        version=draw(st.integers(1, GREATEST_VERSION)),
        branch=draw(branch_codes),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(seconds=draw(st.integers(1, 4 * 3600))),
        ticket_id=draw(st.binary(min_size=7, max_size=7)).hex(),
    )


A_TICKET = TicketClaims(
    number="001G-EFNE-826R",
    version=2,
    branch="001",
    starts_at=datetime(2026, 12, 20, 5, 0, tzinfo=UTC),
    ends_at=datetime(2026, 12, 20, 5, 15, tzinfo=UTC),
    ticket_id="0123456789abcd",
)
