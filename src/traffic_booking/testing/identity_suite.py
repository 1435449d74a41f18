"""The conformance suite of the identity port."""

from collections.abc import Callable
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.people.sign_in import IdentityAnswer
from traffic_booking.domain.places.services import Holder
from traffic_booking.ports.identity import IdentityProvider
from traffic_booking.testing.capabilities import Capability
from traffic_booking.testing.drawing import bounded
from traffic_booking.testing.people import made_up_person
from traffic_booking.testing.racing import RACERS, race
from traffic_booking.testing.suite import Suite, case

KNOWN, NEIGHBOUR = made_up_person(1), made_up_person(2)
UNKNOWN = made_up_person(3)
PASSWORDS = {KNOWN: "correct horse 7 battery", NEIGHBOUR: "حصان صحيح ٧ بطارية"}
"""The accounts that every provider under test has."""
NEVER_SET = ["", " ", "x", "\x00" * 12, "x" * 100_000, "\ud800 half of a pair", "correct horse 7 batterY", "CORRECT"]
FAILURES = 20


class IdentityConformance(Suite):
    """Every case of the identity port. A subclass gives the fixture `identity` and states its level.

    The provider has the accounts of `PASSWORDS`, of this module, and no others. The fixture `out_of_service` is
    optional: a provider that can't be asked. That an unknown id costs the same work as a wrong password is not shown
    here, for times are no test: count what your provider does.
    """

    port: ClassVar[str] = "identity"
    yours: ClassVar[frozenset[str]] = frozenset({"identity", "out_of_service"})
    promises: ClassVar[frozenset[Capability]] = frozenset()

    @pytest.fixture
    def identity(self) -> IdentityProvider:
        """The provider under test; a subclass gives it."""
        raise NotImplementedError("a subclass of IdentityConformance gives the fixture identity")

    @pytest.fixture
    def out_of_service(self) -> IdentityProvider | None:
        """A provider with the same accounts that can't be asked; None where there is no such state."""
        return None

    def test_the_right_password_is_verified(self, identity: IdentityProvider) -> None:
        for person, password in PASSWORDS.items():
            assert identity.verify(person, password) is IdentityAnswer.VERIFIED

    def test_an_unknown_id_and_a_wrong_password_get_one_answer(self, identity: IdentityProvider) -> None:
        password = PASSWORDS[KNOWN]
        assert identity.verify(UNKNOWN, password) is IdentityAnswer.REJECTED
        assert identity.verify(KNOWN, password + "!") is IdentityAnswer.REJECTED
        assert identity.verify(KNOWN, PASSWORDS[NEIGHBOUR]) is IdentityAnswer.REJECTED

    def test_a_citizen_and_a_resident_of_one_serial_are_two_people(self, identity: IdentityProvider) -> None:
        namesake = made_up_person(1, Holder.RESIDENT)
        assert identity.verify(namesake, PASSWORDS[KNOWN]) is IdentityAnswer.REJECTED

    @pytest.mark.parametrize("password", NEVER_SET, ids=range(len(NEVER_SET)))
    def test_a_password_that_could_not_have_been_set_is_rejected(
        self, identity: IdentityProvider, password: str
    ) -> None:
        assert identity.verify(KNOWN, password) is IdentityAnswer.REJECTED
        assert identity.verify(UNKNOWN, password) is IdentityAnswer.REJECTED

    def test_any_text_is_rejected_and_never_an_error(self, identity: IdentityProvider) -> None:
        @bounded(50)
        @given(st.text(max_size=200).filter(lambda text: text.strip() not in PASSWORDS.values()))
        def is_rejected(password: str) -> None:
            assert identity.verify(KNOWN, password) is IdentityAnswer.REJECTED

        is_rejected()

    def test_failures_are_not_counted_here(self, identity: IdentityProvider) -> None:
        for _ in range(FAILURES):
            identity.verify(KNOWN, "wrong password 1")
        assert identity.verify(KNOWN, PASSWORDS[KNOWN]) is IdentityAnswer.VERIFIED

    def test_a_provider_shows_neither_passwords_nor_ids(
        self, identity: IdentityProvider, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
    ) -> None:
        caplog.set_level(0)
        for person, password in PASSWORDS.items():
            identity.verify(person, password)
        shown = repr(identity) + str(identity) + caplog.text + "".join(capsys.readouterr())
        assert not any(text in shown for person, word in PASSWORDS.items() for text in (word, person.reveal()))

    def test_several_threads_may_ask_at_once(self, identity: IdentityProvider) -> None:
        def ask(place: int) -> IdentityAnswer:
            return identity.verify(KNOWN, PASSWORDS[KNOWN] + "!" * (place % 2))

        assert race(ask) == [IdentityAnswer.VERIFIED, IdentityAnswer.REJECTED] * (RACERS // 2)

    @case(means="out_of_service")
    def test_a_provider_that_cannot_be_asked_verifies_nobody(self, out_of_service: IdentityProvider) -> None:
        assert out_of_service.verify(KNOWN, PASSWORDS[KNOWN]) is IdentityAnswer.UNAVAILABLE


def open_accounts(register: Callable[[PersonId, str], object]) -> None:
    """Have `register` open each account that the suite expects."""
    for person, password in PASSWORDS.items():
        register(person, password)
