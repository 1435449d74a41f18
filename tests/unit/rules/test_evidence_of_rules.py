"""What the checks of evidence notice: a rule without its tests, and one that has changed since it was signed."""

import pytest
from attrs import evolve as copy_with

from tools.check_evidence import missing, unsigned
from tools.rule_evidence import Evidence, Kind
from tools.rule_texts import signature, sources
from traffic_booking import Bilingual
from traffic_booking.domain.rules.rulebook import DEFINITIONS

BY_ID = {definition.id: definition for definition in DEFINITIONS}
HORIZON, OWN = BY_ID["BK-04"], BY_ID["CN-01"]
TABLE = Evidence(node="test_a.py::test_table", kind=Kind.TABLE, cases=3, by_hypothesis=False)
PROPERTY = Evidence(node="test_a.py::test_property", kind=Kind.PROPERTY, cases=1, by_hypothesis=True)
NODES = ("table test_a.py::test_table", "property test_a.py::test_property")


@pytest.mark.parametrize(
    ("evidence", "faults"),
    [
        ((TABLE, PROPERTY), []),
        ((TABLE,), ["got no property"]),
        ((PROPERTY,), ["got no truth table"]),
        ((copy_with(TABLE, cases=2), PROPERTY), ["got test_a.py::test_table with 2"]),
        ((TABLE, copy_with(PROPERTY, by_hypothesis=False)), ["as a property; expected a test with @given"]),
        ((copy_with(TABLE, kind=Kind.SUPPORT),), ["got no truth table", "got no property"]),
    ],
)
def test_a_rule_with_a_limit_needs_a_table_of_three_rows_and_a_property(evidence, faults):
    found = list(missing(HORIZON, evidence))

    assert len(found) == len(faults)
    for fault, expected in zip(found, faults, strict=True):
        assert fault.startswith("BK-04: ")
        assert expected in fault


def test_two_rows_are_enough_for_a_rule_without_a_figure():
    assert list(missing(OWN, (copy_with(TABLE, cases=2), PROPERTY))) == []


@pytest.mark.parametrize(
    ("changed", "nodes", "part"),
    [
        ({"statement": Bilingual(HORIZON.statement.ar, "Slots open {days} ahead.")}, NODES, "sentences"),
        ({"parameters": (copy_with(HORIZON.parameters[0], greatest=365),)}, NODES, "figures"),
        ({"indispensable": True}, NODES, "figures"),
        ({"check": BY_ID["BK-12"].check}, NODES, "check"),
        ({}, NODES[:1], "evidence"),
    ],
)
def test_what_changed_since_it_was_signed_is_named_and_how_to_sign_again(changed, nodes, part):
    signed = {"BK-04": signature(HORIZON, NODES)}
    (fault,) = unsigned({"BK-04": signature(copy_with(HORIZON, **changed), nodes)}, signed)

    assert fault.startswith(f"BK-04: its {part} changed since it was signed; ")
    assert fault.endswith("python -m tools.check_evidence --sign BK-04")


def test_a_rule_that_nobody_signed_and_a_signature_without_a_rule_are_faults():
    today = signature(HORIZON, NODES)

    assert list(unsigned({"BK-04": today}, {"BK-04": today})) == []
    assert "nobody has signed" in next(unsigned({"BK-04": today}, {}))
    assert "there is no such rule" in next(unsigned({}, {"XX-01": today}))


def test_the_code_of_a_check_reaches_what_it_calls_and_what_it_reads_of_its_case():
    def names(rule_id):
        return {source.split("\n")[0].rsplit("rules.")[-1] for source in sources(BY_ID[rule_id].check)}

    assert {"booking._one_per_service", "booking.fewer_than", "booking.when_fewer"} <= names("BK-07")
    assert {"cancelling.CANCELLABLE", "cases.AppointmentCase.seen"} <= names("CN-02")
    assert all(names(rule_id) for rule_id in BY_ID)
