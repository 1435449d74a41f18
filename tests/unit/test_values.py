"""Values share their methods: the same as those of attrs for every option that they accept."""

import copy

import attrs
import pytest
from attrs import field

from tests.doors import EXAMPLES_OF
from traffic_booking.domain.values import frozen


@frozen
class Place:
    town: str
    seen: int = field(default=0, eq=False)
    secret: str = field(default="hidden", repr=False)


@frozen
class Street(Place):
    house: int = 1


def test_a_field_takes_part_in_comparisons_and_is_shown_as_it_says():
    assert Place("abha", 1) == Place("abha", 2)
    assert hash(Place("abha", 1)) == hash(Place("abha", 2))
    assert Place("abha") != Place("abha", secret="other")
    assert repr(Place("abha")) == "Place(town='abha', seen=0)"


def test_values_of_a_class_and_of_its_subclass_are_never_equal():
    assert Place("abha") != Street("abha")
    assert Street("abha") != Place("abha")
    assert repr(Street("abha")) == "Street(town='abha', seen=0, house=1)"


def test_a_class_keeps_its_own_hash():
    @frozen
    class Own:
        town: str

        def __hash__(self):
            return 7

    assert hash(Own("abha")) == 7
    assert Own("abha") == Own("abha")


@pytest.mark.parametrize("options", [{"repr": lambda _: "…"}, {"eq": str.lower}, {"hash": False}], ids="".join)
def test_an_option_that_the_shared_methods_would_ignore_is_refused(options):
    with pytest.raises(TypeError, match=r"Place\.town"):
        frozen(type("Place", (), {"__annotations__": {"town": str}, "town": field(**options)}))


def test_a_changed_copy_has_the_other_fields():
    assert attrs.evolve(Street("abha", house=3), town="jeddah") == Street("jeddah", house=3)


@pytest.mark.parametrize("kind", EXAMPLES_OF, ids=lambda kind: kind.__name__)
def test_a_public_value_equals_its_copy_and_has_the_same_hash(kind):
    example = EXAMPLES_OF[kind]
    made = copy.copy(example)

    assert made == example or made.__class__.__eq__ is object.__eq__
    assert hash(made) == hash(example) or made.__class__.__eq__ is object.__eq__
    assert example != object()
