"""The conformance suite of the numbering port."""

from typing import ClassVar

import pytest

from traffic_booking.domain.appointments.numbers import appointment_number
from traffic_booking.domain.places.geography import BranchCode
from traffic_booking.ports.numbering import Numbering
from traffic_booking.testing.kit.capabilities import Capability
from traffic_booking.testing.kit.suite import Suite
from traffic_booking.testing.racing import RACERS, race

HERE, THERE = BranchCode("001"), BranchCode("Z9Z")
DRAWS = 500


class NumberingConformance(Suite):
    """Every case of the numbering port. A subclass overrides the fixture `numbering` and states its level.

    No test can show that nobody predicts a number; the suite shows that numbers follow no order and don't repeat. A
    numbering of few numbers may fail by chance: the shipped one has 2**40 a branch.
    """

    port: ClassVar[str] = "numbering"
    yours: ClassVar[frozenset[str]] = frozenset({"numbering"})
    promises: ClassVar[frozenset[Capability]] = frozenset()

    @pytest.fixture
    def numbering(self) -> Numbering:
        """The numbering under test; a subclass overrides it."""
        raise NotImplementedError("a subclass of NumberingConformance overrides the fixture numbering")

    @pytest.mark.parametrize("code", [HERE, THERE])
    def test_a_number_is_of_its_branch_and_in_its_one_written_form(
        self, numbering: Numbering, code: BranchCode
    ) -> None:
        drawn = [numbering.draw(code) for _ in range(DRAWS)]
        assert all(number.startswith(code) for number in drawn)
        assert [appointment_number(number) for number in drawn] == drawn

    def test_numbers_follow_no_order(self, numbering: Numbering) -> None:
        drawn = [numbering.draw(HERE) for _ in range(DRAWS)]
        assert drawn not in (sorted(drawn), sorted(drawn, reverse=True))

    def test_branches_do_not_share_a_sequence(self, numbering: Numbering) -> None:
        serials = [
            {numbering.draw(code).replace("-", "")[len(code) : -1] for _ in range(DRAWS)} for code in (HERE, THERE)
        ]
        assert serials[0] != serials[1]

    def test_numbers_do_not_repeat_even_if_several_threads_draw_them(self, numbering: Numbering) -> None:
        drawn = race(lambda _: [numbering.draw(HERE) for _ in range(DRAWS)])
        assert len({number for each in drawn for number in each}) == RACERS * DRAWS
