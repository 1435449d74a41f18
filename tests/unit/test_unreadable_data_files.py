import os
import sys
from pathlib import Path

import pytest

from tests.data_folders import small_files, write_files
from tests.privileges import reachable_folder, without_privileges
from traffic_booking import Fault, InvalidCatalogue
from traffic_booking.adapters.data_files import load_catalogue, load_rulebook
from traffic_booking.adapters.data_files.toml_files import LARGEST_BYTES
from traffic_booking.domain.errors import shown


def spoilt(folder: Path, content: bytes) -> Fault:
    write_files(folder, small_files())
    (folder / "regions.toml").write_bytes(content)
    with pytest.raises(InvalidCatalogue) as caught:
        load_catalogue(folder)
    (fault,) = caught.value.faults
    assert fault.file == "regions.toml"
    return fault


def test_a_missing_file_is_one_fault_and_the_others_are_checked_all_the_same(tmp_path):
    there = small_files()
    del there["regions.toml"]
    there["branches.toml"]["branches"][0]["code"] = "x"
    with pytest.raises(InvalidCatalogue) as caught:
        load_catalogue(write_files(tmp_path, there))
    assert [(fault.file, fault.entry, fault.field) for fault in caught.value.faults] == [
        ("regions.toml", "top level", "file"),
        ("branches.toml", "north", "code"),
    ]


@pytest.mark.parametrize("name", ["none", "n" * 5_000, "none\0"], ids=len)
def test_a_folder_that_is_none_is_one_fault(tmp_path, name):
    with pytest.raises(InvalidCatalogue) as caught:
        load_catalogue(tmp_path / name)
    (fault,) = caught.value.faults
    assert (fault.file, fault.got) == (shown(str(tmp_path / name), 200), "no folder of that name")


@pytest.mark.parametrize("name", ["none", "n" * 5_000, "none\0"], ids=len)
def test_a_rulebook_that_is_none_is_one_fault(tmp_path, name):
    with pytest.raises(InvalidCatalogue) as caught:
        load_rulebook(tmp_path / name)
    (fault,) = caught.value.faults
    assert (fault.file, fault.expected) == (shown(name, 200), "a TOML file")


def test_a_mistake_in_the_toml_is_named_with_its_line_and_column(tmp_path):
    fault = spoilt(tmp_path, b"regions = []\nprovenance =\n")
    assert (fault.entry, fault.field, fault.got) == ("top level", "line 2, column 13", "Invalid value")


def test_a_file_that_ends_too_early_is_named_so(tmp_path):
    assert spoilt(tmp_path, b"regions = [").field == "end of document"


@pytest.mark.parametrize("content", [b"x = " + b"9" * 5_000, b"x = 2026-02-30"])
def test_a_value_that_no_parser_takes_is_a_fault(tmp_path, content):
    assert spoilt(tmp_path, content).expected == "TOML 1.0"


def test_lists_nested_beyond_reason_are_a_fault(tmp_path):
    deep = sys.getrecursionlimit() * 4
    assert spoilt(tmp_path, b"x = " + b"[" * deep + b"]" * deep).field in {"file", "TOML"}


def test_bytes_that_are_no_utf_8_are_a_fault_with_their_place(tmp_path):
    assert spoilt(tmp_path, b"# \xff").got == "a byte at place 3 that is not UTF-8"


def test_a_file_of_the_largest_size_is_read_and_one_byte_more_is_not(tmp_path):
    write_files(tmp_path, small_files())
    file = tmp_path / "regions.toml"
    content = file.read_bytes() + b"#"
    file.write_bytes(content.ljust(LARGEST_BYTES, b"x"))
    assert load_catalogue(tmp_path).regions
    assert spoilt(tmp_path, content.ljust(LARGEST_BYTES + 1, b"x")).expected == "at most 4194304"


def test_a_folder_in_the_place_of_a_file_is_a_fault(tmp_path):
    write_files(tmp_path, small_files())
    (tmp_path / "regions.toml").unlink()
    (tmp_path / "regions.toml").mkdir()
    with pytest.raises(InvalidCatalogue, match=r"regions\.toml: top level: file: got a folder; expected a TOML file"):
        load_catalogue(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_link_in_a_circle_is_a_fault_and_a_link_to_a_file_is_not(tmp_path):
    write_files(tmp_path / "real", small_files())
    write_files(tmp_path / "linked", small_files())
    link = tmp_path / "linked" / "regions.toml"
    link.unlink()
    link.symlink_to(tmp_path / "real" / "regions.toml")
    assert load_catalogue(tmp_path / "linked").regions
    link.unlink()
    link.symlink_to(link)
    with pytest.raises(InvalidCatalogue, match="no regular file of that name"):
        load_catalogue(tmp_path / "linked")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_a_fault_and_nobody_waits_for_it(tmp_path):
    write_files(tmp_path, small_files())
    (tmp_path / "regions.toml").unlink()
    os.mkfifo(tmp_path / "regions.toml")
    with pytest.raises(InvalidCatalogue, match="no regular file of that name"):
        load_catalogue(tmp_path)


def test_a_file_that_may_not_be_read_is_a_fault():
    with reachable_folder() as folder:
        write_files(folder, small_files())
        (folder / "regions.toml").chmod(0)
        with without_privileges(), pytest.raises(InvalidCatalogue, match="Permission denied"):
            load_catalogue(folder)


def test_a_file_that_fails_while_it_is_read_is_a_fault(tmp_path, monkeypatch):
    def fail(*_args, **_more):
        raise OSError(5, "Input/output error")

    write_files(tmp_path, small_files())
    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(InvalidCatalogue, match=r"regions.toml: .*can't be read \(Input/output error\)"):
        load_catalogue(tmp_path)
