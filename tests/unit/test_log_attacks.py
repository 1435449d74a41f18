"""Each attack on the records that the page of attacks lists has its test."""

from pathlib import Path

import pytest

from tests.log_attacks import LOG_ATTACKS

TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize("attack", LOG_ATTACKS, ids=lambda each: each.attack)
def test_each_listed_attack_has_its_test(attack):
    module, name = attack.test.split("::")
    assert f"def {name}(" in (TESTS / f"{module}.py").read_text(encoding="utf-8")
