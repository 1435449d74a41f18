"""The public face: each symbol in one place, and an import that loads no adapter and no optional package."""

import inspect
import subprocess
import sys
from collections import defaultdict
from importlib import import_module
from importlib.resources import files

import pytest

import traffic_booking
import traffic_booking.testing

FACES = [traffic_booking, traffic_booking.testing]
OPTIONAL = ["altcha", "argon2", "cryptography", "cyclopts", "platformdirs", "psycopg", "rich", "sqlite3"]


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.__name__)
def test_each_symbol_that_a_face_lists_is_there(face):
    assert all(hasattr(face, name) for name in face.__all__)


def test_every_public_symbol_has_one_public_home():
    homes = defaultdict(list)
    for face in FACES:
        for name in face.__all__:
            homes[name].append(face.__name__)

    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


def test_each_name_of_a_face_is_defined_in_one_module_of_ours():
    for face in FACES:
        for name in face.__all__:
            symbol = getattr(face, name)
            if inspect.isclass(symbol) or inspect.isfunction(symbol):
                module = import_module(symbol.__module__)
                assert symbol.__module__.startswith("traffic_booking.")
                assert getattr(module, symbol.__name__) is symbol


def test_importing_the_library_brings_no_adapter_and_no_optional_package():
    modules = subprocess.run(
        [sys.executable, "-c", "import sys, traffic_booking; print(*sorted(sys.modules))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()

    assert "traffic_booking.application.desk" in modules
    assert [name for name in modules if name.startswith("traffic_booking.adapters")] == []
    assert [name for name in modules if name.split(".")[0] in OPTIONAL] == []


def test_the_package_is_typed_and_carries_its_data():
    assert files("traffic_booking").joinpath("py.typed").is_file()
    assert files("traffic_booking").joinpath("data", "rulebook.toml").is_file()
