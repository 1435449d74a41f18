"""The conformance suite of the signer port."""

from typing import ClassVar, Final

import pytest

from traffic_booking.domain.signing.keys import keys_by_id
from traffic_booking.ports.signer import Signer
from traffic_booking.testing.kit.capabilities import Capability
from traffic_booking.testing.kit.ed25519 import verifies
from traffic_booking.testing.kit.suite import Suite
from traffic_booking.testing.racing import RACERS, race

MESSAGES: Final = (b"", b"\0", b"a ticket", "تذكرة".encode(), bytes(range(256)), bytes(100_000))


class SignerConformance(Suite):
    """Every case of the signer port. A subclass overrides the fixture `signer` and states its level.

    It also overrides `rotated`, which replaces the key of the signer, and returns the public keys of before and the
    signer with the new key. A signer whose key is never replaced leaves that case out.
    """

    port: ClassVar[str] = "signer"
    yours: ClassVar[frozenset[str]] = frozenset({"signer", "rotated"})
    promises: ClassVar[frozenset[Capability]] = frozenset()

    @pytest.fixture
    def signer(self) -> Signer:
        """The signer under test; a subclass overrides it."""
        raise NotImplementedError("a subclass of SignerConformance overrides the fixture signer")

    @pytest.fixture
    def rotated(self, signer: Signer) -> tuple[tuple[bytes, ...], Signer]:
        """The public keys of `signer`, and the signer after its key was replaced; a subclass overrides it."""
        raise NotImplementedError("a subclass of SignerConformance overrides the fixture rotated")

    def test_public_keys_have_the_bytes_of_ed25519_and_do_not_repeat(self, signer: Signer) -> None:
        keys = signer.public_keys
        assert keys
        assert list(keys_by_id(keys).values()) == list(keys)

    @pytest.mark.parametrize("data", MESSAGES, ids=len)
    def test_the_first_public_key_verifies_a_signature(self, signer: Signer, data: bytes) -> None:
        signature = signer.sign(data)
        assert verifies(signer.public_keys[0], signature, data)
        assert not verifies(signer.public_keys[0], signature, data + b"!")

    def test_a_message_has_the_same_signature_each_time(self, signer: Signer) -> None:
        assert signer.sign(b"a ticket") == signer.sign(b"a ticket")
        assert signer.sign(b"a ticket") != signer.sign(b"another")

    def test_several_threads_sign_at_once(self, signer: Signer) -> None:
        messages = [f"ticket {place}".encode() for place in range(RACERS)]
        assert race(lambda place: signer.sign(messages[place])) == [signer.sign(each) for each in messages]

    def test_a_new_key_is_the_first_and_earlier_ones_stay(self, rotated: tuple[tuple[bytes, ...], Signer]) -> None:
        before, after = rotated
        assert after.public_keys[0] not in before
        assert list(after.public_keys[1:]) == list(before)
        assert verifies(after.public_keys[0], after.sign(b"a ticket"), b"a ticket")
