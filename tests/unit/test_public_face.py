"""The public face: each symbol in one place, and an import that loads no adapter and no optional package."""

import ast
import inspect
import subprocess
import sys
from collections import defaultdict
from importlib import import_module
from importlib.resources import files
from typing import get_type_hints

import attrs
import pytest

import traffic_booking
import traffic_booking.testing

FACES = [traffic_booking, traffic_booking.testing]
OPTIONAL = [
    "altcha",
    "argon2",
    "cryptography",
    "cyclopts",
    "opentelemetry",
    "platformdirs",
    "psycopg",
    "rich",
    "sqlite3",
    "starlette",
]


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


VALUES = [
    symbol
    for symbol in (getattr(traffic_booking, name) for name in traffic_booking.__all__)
    if inspect.isclass(symbol) and attrs.has(symbol)
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value.__name__)
def test_the_types_of_a_value_can_be_looked_up_by_hosts_that_convert_values(value):
    assert get_type_hints(value).keys() >= {each.name for each in attrs.fields(value)}
    assert get_type_hints(value.__init__).keys() >= {each.alias for each in attrs.fields(value) if each.init}


def imported_by(code: str) -> set[str]:
    """The modules that a fresh interpreter has after `code`."""
    command = [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def test_importing_the_library_imports_no_module_of_it_before_a_name_is_used():
    modules = imported_by("import traffic_booking")
    assert [name for name in modules if name.startswith("traffic_booking.")] == []


def test_importing_every_name_imports_no_adapter_and_no_optional_package():
    modules = imported_by("from traffic_booking import *")
    assert {"traffic_booking.application.desk", "traffic_booking.wiring"} <= modules
    wanted = {"traffic_booking.adapters", "traffic_booking.adapters.threaded"}  # what an asyncio host needs
    assert {name for name in modules if name.startswith("traffic_booking.adapters")} == wanted
    assert [name for name in modules if name.split(".")[0] in OPTIONAL] == []


def test_a_first_search_imports_neither_asyncio_nor_cattrs_nor_what_only_audits_and_tests_need():
    modules = imported_by(
        "from traffic_booking import BookingDesk\n"
        "BookingDesk.open('memory://').find_slots(service='licence-renewal', governorate='riyadh')"
    )
    unwanted = ("asyncio", "cattrs", "traffic_booking.application.verifying", "traffic_booking.testing")
    assert [name for name in modules if name.startswith(unwanted)] == []


def test_type_checkers_and_the_interpreter_read_the_same_names_of_the_same_modules():
    tree = ast.parse(inspect.getsource(traffic_booking))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    imported = [(node.module, alias) for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert all(alias.name == alias.asname for _, alias in imported)  # `as` exports a name
    modules = {alias.name: str(module).removeprefix("traffic_booking.") for module, alias in imported}
    assert modules == traffic_booking._MODULES


def test_the_face_lists_its_names_in_dir_and_refuses_others():
    assert set(traffic_booking.__all__) <= set(dir(traffic_booking))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = traffic_booking.nothing  # type: ignore[attr-defined] # the error that is wanted
    with pytest.raises(ImportError):
        exec("from traffic_booking import nothing")


def test_the_package_is_typed_and_carries_its_data():
    assert files("traffic_booking").joinpath("py.typed").is_file()
    assert files("traffic_booking").joinpath("data", "rulebook.toml").is_file()
