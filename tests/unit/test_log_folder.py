"""Sealed logs in folders: what is durable when, locks, stopped sealers, and damage."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sealed_logs import key_of, public, sealed, signed, verifies
from traffic_booking.adapters.log_folder import LARGEST_FILE, LogFolder, LogFolderWriter
from traffic_booking.application.sealed_log import SealedLog
from traffic_booking.domain.errors import InvalidInput, LogUnreadable, StoreClosed, StoreUnavailable

KEY = key_of(1)
LEAVES = [f"leaf {place}".encode() for place in range(600)]
STOPS = {1, 3, 255, 256, 257, 511}


def folder_of(path, log):
    """The folder of a log in memory."""
    with LogFolderWriter(path) as files:
        files.write(log.files.items())
        before = None
        for note in log.notes:
            files.publish(note, after=before)
            before = note
    return path


@pytest.fixture
def folder(tmp_path):
    return folder_of(tmp_path / "log", sealed(LEAVES, KEY, STOPS))


def opened(path):
    return SealedLog(LogFolder(path), [public(KEY)], verifies)


def test_a_folder_has_what_was_sealed(folder):
    log = opened(folder)

    assert log.newest.size == len(LEAVES)
    assert [each.size for each in log.checkpoints()] == [0, 1, 3, 255, 256, 257, 511, 600]
    assert [*log.verified_leaves()] == LEAVES
    assert folder.joinpath("tile/entries/001").is_file()
    assert folder.joinpath("tile/0/002.p/88").is_file()
    assert folder.joinpath("tile/1/000.p/2").is_file()


def test_a_new_folder_is_for_its_owner_alone(folder):
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_is_not_there_is_refused_to_a_reader(tmp_path):
    with pytest.raises(InvalidInput, match=r"log: got .*/none, no folder; expected the folder of a sealed log"):
        LogFolder(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_an_empty_folder_is_no_log(tmp_path):
    with pytest.raises(LogUnreadable, match="got no checkpoint; expected the folder of a sealed log"):
        opened(tmp_path)


def test_a_folder_with_other_files_is_refused_to_a_sealer(tmp_path):
    tmp_path.joinpath("holiday.jpg").touch()
    with pytest.raises(InvalidInput, match=r"with other files, such as holiday\.jpg; expected an empty folder"):
        LogFolderWriter(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["holiday.jpg"]


def test_a_second_sealer_is_refused_in_one_line(folder):
    with LogFolderWriter(folder):
        with pytest.raises(
            StoreUnavailable, match="got another sealer that has it open; expected one sealer for each log"
        ):
            LogFolderWriter(folder)
        code = f"from traffic_booking.adapters.log_folder import LogFolderWriter; LogFolderWriter({str(folder)!r})"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert "StoreUnavailable" in done.stderr.splitlines()[-1]
    with LogFolderWriter(folder):
        pass


def test_a_sealer_whose_lock_was_lost_does_not_fork_the_log(folder):
    with LogFolderWriter(folder) as first:
        before = first.checkpoint()
        folder.joinpath(".lock").unlink()
        with LogFolderWriter(folder) as second:
            second.publish(signed(601, bytes(32), KEY), after=before)
        with pytest.raises(LogUnreadable, match="got a checkpoint of another sealer; expected one sealer for each log"):
            first.publish(signed(602, bytes(32), KEY), after=before)
    assert opened(folder).newest.size == 601


def test_a_closed_folder_is_not_written(folder):
    files = LogFolderWriter(folder)
    files.close()
    files.close()

    for use in (lambda: files.write([]), lambda: files.publish(b"", after=None), lambda: files.discard([])):
        with pytest.raises(StoreClosed):
            use()


def test_a_torn_checkpoint_is_cut_off(folder):
    everything = folder.joinpath("checkpoints").read_bytes()
    torn = signed(601, bytes(32), KEY)
    for length in range(0, len(torn), 9):
        folder.joinpath("checkpoints").write_bytes(everything + torn[:length])
        assert [each.size for each in opened(folder).checkpoints()][-1] == 600
        with LogFolderWriter(folder):
            assert folder.joinpath("checkpoints").read_bytes() == everything
    assert opened(folder).newest.size == 600


def test_a_checkpoint_that_was_written_but_is_not_the_newest_yet_becomes_it(folder):
    newest = folder.joinpath("checkpoint").read_bytes()
    *_, before = (note for note in LogFolder(folder).checkpoints() if note != newest)
    folder.joinpath("checkpoint").write_bytes(before)

    assert [each.size for each in opened(folder).checkpoints()][-1] == 511
    with LogFolderWriter(folder):
        assert opened(folder).newest.size == 600


def test_the_first_checkpoint_becomes_the_newest_as_well(tmp_path):
    folder = folder_of(tmp_path / "log", sealed([], KEY))
    folder.joinpath("checkpoint").unlink()

    with LogFolderWriter(folder):
        assert opened(folder).newest.size == 0


@pytest.mark.parametrize("change", ["older", "other", "cut", "none"])
def test_checkpoints_that_disagree_are_damage(folder, change):
    notes = [*LogFolder(folder).checkpoints()]
    match change:
        case "older":
            folder.joinpath("checkpoint").write_bytes(notes[-3])
        case "other":
            folder.joinpath("checkpoint").write_bytes(signed(9, bytes(32), KEY))
        case "cut":
            folder.joinpath("checkpoints").write_bytes(b"".join(notes[:-1]))
        case _:
            folder.joinpath("checkpoints").unlink()

    with pytest.raises(LogUnreadable, match="got files checkpoint and checkpoints that differ"):
        LogFolderWriter(folder)
    if change in {"other", "cut"}:
        with pytest.raises(LogUnreadable, match="got a file checkpoints without the newest checkpoint"):
            [*opened(folder).checkpoints()]


def test_many_checkpoints_are_read_in_parts(tmp_path):
    folder = folder_of(tmp_path / "log", sealed([], KEY))
    notes = [signed(size, bytes(32), KEY) for size in range(3_000)]
    folder.joinpath("checkpoints").write_bytes(b"".join(notes))
    folder.joinpath("checkpoint").write_bytes(notes[-2])

    assert [*LogFolder(folder).checkpoints()] == notes[:-1]
    with LogFolderWriter(folder) as files:
        assert files.checkpoint() == notes[-1]
    assert [*LogFolder(folder).checkpoints()] == notes


@pytest.mark.parametrize(
    "name", ["tile/entries/000", "tile/entries/002.p/88", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"]
)
@pytest.mark.parametrize("change", ["flip", "cut", "longer", "remove"])
def test_a_changed_file_is_noticed(folder, name, change):
    place = folder / name
    content = place.read_bytes()
    match change:
        case "flip":
            place.write_bytes(bytes([*content[:-1], content[-1] ^ 1]))
        case "cut":
            place.write_bytes(content[:-1])
        case "longer":
            place.write_bytes(content + b"\x00")
        case _:
            place.unlink()

    with pytest.raises(LogUnreadable):
        [*opened(folder).verified_leaves()]


def test_a_partial_file_is_not_needed_once_the_full_one_is_there(folder):
    with LogFolderWriter(folder) as files:
        earlier = SealedLog(LogFolder(folder), [public(KEY)], verifies)
        files.discard(["tile/entries/000.p", "tile/0/000.p", "tile/0/001.p"])

    assert not folder.joinpath("tile/0/000.p").exists()
    assert [*earlier.verified_leaves()] == LEAVES


def test_an_edge_that_disagrees_with_the_checkpoint_is_not_extended(folder):
    for name in ("tile/0/002.p/88", "tile/entries/002.p/88"):
        copied = Path(shutil.copytree(folder, folder.parent / name.replace("/", "-")))
        content = bytearray(copied.joinpath(name).read_bytes())
        content[-1] ^= 1
        copied.joinpath(name).write_bytes(content)
        with pytest.raises(LogUnreadable, match="don't agree with"):
            opened(copied).growing()


def test_a_file_that_is_too_long_is_not_read_into_memory(folder):
    with folder.joinpath("tile/0/000").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    with pytest.raises(LogUnreadable, match="got a longer file; expected at most"):
        [*opened(folder).verified_leaves()]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_unavailable(folder):
    folder.joinpath("tile/0/000").chmod(0)
    with pytest.raises(StoreUnavailable, match="got Permission denied"):
        [*opened(folder).verified_leaves()]


def test_a_log_that_shrinks_is_refused(tmp_path):
    log = sealed(LEAVES, KEY, STOPS)
    log.notes.insert(5, log.notes[2])

    with pytest.raises(LogUnreadable, match="a checkpoint of 3 leaves behind one of 256"):
        [*opened(folder_of(tmp_path / "log", log)).checkpoints()]


def test_a_checkpoint_of_another_tree_is_refused(tmp_path):
    log = sealed(LEAVES, KEY, STOPS)
    log.notes[3] = signed(255, bytes(32), KEY)

    with pytest.raises(LogUnreadable, match="other leaves than those of its checkpoint of 255"):
        [*opened(folder_of(tmp_path / "log", log)).verified_leaves()]
