"""The conformance suite of the identity port."""

from collections.abc import Callable
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.people.sign_in import IdentityAnswer
from traffic_booking.domain.people.user_names import UserName
from traffic_booking.domain.places.services import Holder
from traffic_booking.ports.identity import IdentityProvider
from traffic_booking.testing.kit.capabilities import Capability
from traffic_booking.testing.kit.suite import Suite, bounded, case
from traffic_booking.testing.racing import RACERS, race
from traffic_booking.testing.samples.people import made_up_person

KNOWN, NEIGHBOUR = made_up_person(1), made_up_person(2)
UNKNOWN = made_up_person(3)
NAMES = {UserName("sara.q7"): KNOWN, UserName("حصان٧"): NEIGHBOUR}
"""The user names of these accounts, of a provider that has user names."""
PASSWORDS = {KNOWN: "correct horse 7 battery", NEIGHBOUR: "حصان صحيح ٧ بطارية"}
"""The accounts that every provider under test has."""
RIGHT = PASSWORDS[KNOWN]
NEVER_SET = ["", " ", "x", "\x00" * 12, "x" * 100_000, "\ud800 half of a pair", "correct horse 7 batterY", "CORRECT"]
FAILURES = 20


class IdentityConformance(Suite):
    """Every case of the identity port. A subclass overrides the fixture `identity` and states its level.

    The provider has the accounts of `PASSWORDS`, of this module, and no others; if it has user names, those of `NAMES`.
    The fixtures `named` and `out_of_service` are optional: the provider with its user names, and a provider that does
    not respond. The suite does not measure whether an unknown id takes as much work as a wrong password: count the work
    of your provider in a test of your own.
    """

    port: ClassVar[str] = "identity"
    yours: ClassVar[frozenset[str]] = frozenset({"identity", "named", "out_of_service"})
    promises: ClassVar[frozenset[Capability]] = frozenset()

    @pytest.fixture
    def identity(self) -> IdentityProvider:
        """The provider under test; a subclass overrides it."""
        raise NotImplementedError("a subclass of IdentityConformance overrides the fixture identity")

    @pytest.fixture
    def named(self) -> IdentityProvider | None:
        """The provider under test if it has user names; None if it has none."""
        return None

    @pytest.fixture
    def out_of_service(self) -> IdentityProvider | None:
        """A provider with the same accounts that does not respond; None if there is no such state."""
        return None

    def test_the_right_password_is_verified(self, identity: IdentityProvider) -> None:
        for person, password in PASSWORDS.items():
            assert identity.verify(person, password) is IdentityAnswer.VERIFIED

    def test_an_unknown_id_and_a_wrong_password_get_one_answer(self, identity: IdentityProvider) -> None:
        namesake = made_up_person(1, Holder.RESIDENT)
        wrong = [
            (UNKNOWN, RIGHT),
            (None, RIGHT),
            (namesake, RIGHT),
            (KNOWN, RIGHT + "!"),
            (KNOWN, PASSWORDS[NEIGHBOUR]),
        ]
        assert {identity.verify(person, password) for person, password in wrong} == {IdentityAnswer.REJECTED}

    def test_any_other_text_is_rejected_and_never_an_error(self, identity: IdentityProvider) -> None:
        @bounded(50)
        @given(st.text(max_size=200).filter(lambda text: text.strip() not in PASSWORDS.values()))
        def is_rejected(password: str) -> None:
            assert identity.verify(KNOWN, password) is IdentityAnswer.REJECTED

        for password in NEVER_SET:
            assert {identity.verify(each, password) for each in (KNOWN, UNKNOWN, None)} == {IdentityAnswer.REJECTED}
        is_rejected()

    def test_failures_are_not_counted_here(self, identity: IdentityProvider) -> None:
        for _ in range(FAILURES):
            identity.verify(KNOWN, "wrong password 1")
        assert identity.verify(KNOWN, RIGHT) is IdentityAnswer.VERIFIED

    def test_a_provider_shows_neither_passwords_nor_ids(
        self, identity: IdentityProvider, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
    ) -> None:
        caplog.set_level(0)
        for person, password in PASSWORDS.items():
            identity.verify(person, password)
        shown = repr(identity) + str(identity) + caplog.text + "".join(capsys.readouterr())
        secrets = [*PASSWORDS.values(), *(person.reveal() for person in PASSWORDS)]
        assert not any(secret in shown for secret in secrets)

    def test_a_user_name_of_nobody_names_nobody(self, identity: IdentityProvider) -> None:
        assert identity.person_of(UserName("nobody.has-this")) is None

    @case(means="named")
    def test_a_user_name_names_its_person(self, named: IdentityProvider) -> None:
        assert {name: named.person_of(name) for name in NAMES} == NAMES
        assert named.person_of(UserName("SARA.Q٧")) == KNOWN

    def test_several_threads_may_verify_at_once(self, identity: IdentityProvider) -> None:
        answers = race(lambda place: identity.verify(KNOWN, RIGHT + "!" * (place % 2)))
        assert answers == [IdentityAnswer.VERIFIED, IdentityAnswer.REJECTED] * (RACERS // 2)

    @case(means="out_of_service")
    def test_a_provider_that_does_not_respond_verifies_nobody(self, out_of_service: IdentityProvider) -> None:
        assert out_of_service.verify(KNOWN, RIGHT) is IdentityAnswer.UNAVAILABLE


def open_accounts(register: Callable[[PersonId, str], object]) -> None:
    """Open each account that the suite expects, by `register`."""
    for person, password in PASSWORDS.items():
        register(person, password)


def give_names(set_user_name: Callable[[PersonId, str], object]) -> None:
    """Give each account that the suite expects its user name, by `set_user_name`."""
    for name, person in NAMES.items():
        set_user_name(person, name.reveal())
