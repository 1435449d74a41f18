"""The conformance suite of the numbering port."""

from typing import ClassVar

import pytest

from traffic_booking.domain.appointments.numbers import AppointmentNumber, appointment_number
from traffic_booking.domain.places.geography import BranchCode
from traffic_booking.ports.numbering import Numbering
from traffic_booking.testing.capabilities import Capability
from traffic_booking.testing.racing import RACERS, race
from traffic_booking.testing.suite import Suite

HERE, THERE = BranchCode("001"), BranchCode("Z9Z")
DRAWS = 500


def serial_of(number: AppointmentNumber) -> str:
    """What was drawn of a number, without its branch and its check symbol."""
    return number.replace("-", "")[len(HERE) : -1]


class NumberingConformance(Suite):
    """Every case of the numbering port. A subclass gives the fixture `numbering` and states its level.

    That nobody can foresee a number is no test's to show; what is shown is that numbers follow no order and don't
    repeat. A numbering of few numbers may fail by chance: the shipped one has 2**40 a branch.
    """

    port: ClassVar[str] = "numbering"
    yours: ClassVar[frozenset[str]] = frozenset({"numbering"})
    promises: ClassVar[frozenset[Capability]] = frozenset()

    @pytest.fixture
    def numbering(self) -> Numbering:
        """The numbering under test; a subclass gives it."""
        raise NotImplementedError("a subclass of NumberingConformance gives the fixture numbering")

    @pytest.mark.parametrize("code", [HERE, THERE])
    def test_a_number_is_of_its_branch(self, numbering: Numbering, code: BranchCode) -> None:
        assert all(numbering.draw(code).startswith(code) for _ in range(DRAWS))

    def test_a_number_is_in_its_one_written_form(self, numbering: Numbering) -> None:
        drawn = [numbering.draw(THERE) for _ in range(DRAWS)]
        assert [appointment_number(each) for each in drawn] == drawn

    def test_numbers_do_not_repeat(self, numbering: Numbering) -> None:
        assert len({numbering.draw(HERE) for _ in range(DRAWS)}) == DRAWS

    def test_numbers_follow_no_order(self, numbering: Numbering) -> None:
        serials = [serial_of(numbering.draw(HERE)) for _ in range(DRAWS)]
        assert serials != sorted(serials)
        assert serials != sorted(serials, reverse=True)

    def test_branches_do_not_share_a_sequence(self, numbering: Numbering) -> None:
        here = {serial_of(numbering.draw(HERE)) for _ in range(DRAWS)}
        assert here != {serial_of(numbering.draw(THERE)) for _ in range(DRAWS)}

    def test_several_threads_draw_different_numbers(self, numbering: Numbering) -> None:
        drawn = race(lambda _: [numbering.draw(HERE) for _ in range(DRAWS)])
        assert len({number for each in drawn for number in each}) == RACERS * DRAWS
