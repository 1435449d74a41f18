"""Any fault in a data file is reported as a fault: never another exception, never a wrong catalogue."""

import copy
import tempfile
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data_folders import small_files, write_files
from traffic_booking import Catalogue, InvalidCatalogue
from traffic_booking.adapters.data_files import load_catalogue, load_rulebook

Steps = tuple[str | int, ...]

OPTIONAL = {
    "general_instructions",
    "headquarters",
    "approximate",
    "time_zone",
    "parent",
    "source",
    "documents",
    "minimum_age_years",
    "conditions",
    "breaks",
    "in_force_from",
    "in_force_until",
    "ramadan",
    "weekends",
}


def paths(value: Any, above: Steps = ()) -> Iterator[Steps]:
    """The path of each value below `value`."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*above, key)
        yield from paths(child, (*above, key))


ALL = [path for path in paths(small_files()) if len(path) > 1]
KEYS = [path for path in ALL if isinstance(path[-1], str)]
REQUIRED = [path for path in KEYS if path[-1] not in OPTIONAL and "sources" not in path[:-1]]


def holder_of(files: Any, path: Steps) -> Any:
    for step in path[:-1]:
        files = files[step]
    return files


def place(path: Steps) -> tuple[str, str, str]:
    """File, entry and field of the value at `path`, computed without the loader."""
    file, kind, *steps = path
    table = small_files()[str(file)]
    below = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in steps)
    if kind == "provenance":
        return str(file), "provenance", below.removeprefix(".") or "entry"
    if kind == "general_instructions":
        return str(file), "top level", f"{kind}{below}"
    if not steps:
        return str(file), "top level", str(kind)
    position, *inside = steps
    assert isinstance(position, int)
    named = "code" if kind == "regions" else "id"
    below = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in inside)
    unnamed = not inside or inside == [named]
    entry = f"{kind}[{position + 1}]" if unnamed else table[str(kind)][position][named]
    return str(file), entry, below.removeprefix(".") or "entry"


def outcome(files: dict[str, dict[str, Any]]) -> Catalogue | InvalidCatalogue:
    with tempfile.TemporaryDirectory() as folder:
        try:
            return load_catalogue(write_files(Path(folder), files))
        except InvalidCatalogue as error:
            return error


def places_of(result: Catalogue | InvalidCatalogue) -> set[tuple[str, str, str]]:
    assert isinstance(result, InvalidCatalogue)
    return {(fault.file, fault.entry, fault.field) for fault in result.faults}


@settings(deadline=None)
@given(st.sampled_from(REQUIRED))
def test_a_required_field_left_out_is_named(path):
    files = small_files()
    del holder_of(files, path)[path[-1]]
    assert place(path) in places_of(outcome(files))


@settings(deadline=None)
@given(st.sampled_from(KEYS), st.sampled_from(["_", "s", " ", "é"]))
def test_a_field_under_another_name_is_named(path, ending):
    files = small_files()
    holder = holder_of(files, path)
    holder[f"{path[-1]}{ending}"] = holder.pop(path[-1])
    named = places_of(outcome(files))
    assert {(file, entry) for file, entry, _ in named} & {place(path)[:2], (path[0], "top level")}


@settings(deadline=None)
@given(st.sampled_from(ALL))
def test_a_value_of_another_type_is_named(path):
    files = small_files()
    holder_of(files, path)[path[-1]] = time(7, 0)
    assert place(path) in places_of(outcome(files))


scalars = (
    st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats()
    | st.text(st.characters(codec="utf-8"), max_size=20)
    | st.sampled_from(["SA-02", "town", "north", "renewal", "full", "traffic", "24:00", "sunday", "citizen", "001"])
    | st.dates(max_value=date(9999, 12, 31))
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(ALL), values), min_size=1, max_size=4))
def test_any_values_anywhere_give_a_catalogue_or_faults_and_nothing_else(changes):
    files = small_files()
    for path, value in changes:
        try:
            holder_of(files, path)[path[-1]] = copy.deepcopy(value)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    result = outcome(files)
    if isinstance(result, InvalidCatalogue):
        assert result.faults
        assert all(fault.file in files and fault.got and fault.expected for fault in result.faults)
        assert "\u202e" not in str(result)


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(st.characters(codec="utf-8"), max_size=200).map(str.encode))
def test_any_bytes_in_the_place_of_a_file_are_faults_of_that_file(content):
    with tempfile.TemporaryDirectory() as name:
        folder = write_files(Path(name), small_files())
        (folder / "regions.toml").write_bytes(content)
        for load, where in ((load_catalogue, folder), (load_rulebook, folder / "regions.toml")):
            with pytest.raises(InvalidCatalogue) as caught:
                load(where)
            assert {fault.file for fault in caught.value.faults} == {"regions.toml"}
