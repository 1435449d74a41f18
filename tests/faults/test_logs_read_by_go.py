"""Go's packages for signed notes and transparency logs accept our logs, and refuse them once a byte is flipped.

Needs Debian's packages `golang-go` and `golang-golang-x-mod-dev`.
"""

import os
import shutil
import subprocess
from base64 import b64decode
from pathlib import Path
from random import Random

import pytest

from tests.sealed_logs import ORIGIN, key_of, public, sealed, signed
from traffic_booking.adapters.log_folder import LogFolderWriter
from traffic_booking.domain.sealing.notes import verifier_key

pytestmark = pytest.mark.long

PROGRAM = Path(__file__).parents[1] / "go/verify_log.go"
SOURCES = "/usr/share/gocode"
OLD, NEW = key_of("old"), key_of("new")
SIZE = 70_000
STOPS = (1, 255, 256, 257, 50_000, 65_536)
LEAVES = [f'{{"body":{{"n":{place}}}}}'.encode() for place in range(SIZE)]


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The compiled program."""
    assert shutil.which("go"), "expected Go: apt-get install golang-go golang-golang-x-mod-dev"
    built = tmp_path_factory.mktemp("go") / "verify_log"
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": SOURCES, "GOFLAGS": "", "GOCACHE": str(built.parent)}
    subprocess.run(["go", "build", "-o", str(built), str(PROGRAM)], check=True, env=environment, timeout=600)
    return built


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A log whose last checkpoints are signed by another key."""
    made = sealed(LEAVES, OLD, STOPS)
    folder = tmp_path_factory.mktemp("sealed") / "log"
    with LogFolderWriter(folder) as files:
        files.write(made.files.items())
        before = None
        for note in made.notes:
            size, root = note.split(b"\n")[1:3]
            if int(size) > STOPS[4]:
                note = signed(int(size), b64decode(root), NEW)  # noqa: PLW2901 - the key was replaced
            files.publish(note, after=before)
            before = note
    return folder


def verified(program, folder, *arguments, keys=(NEW, OLD)):
    """The exit code and the output of the program."""
    given = "\n".join(verifier_key(ORIGIN, public(key)) for key in keys)
    command = [str(program), str(folder), *map(str, arguments)]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout


@pytest.mark.parametrize("old", STOPS)
@pytest.mark.parametrize("entry", [0, 255, 256, 49_999, 65_535, 69_999])
def test_go_accepts_checkpoints_inclusion_and_consistency(program, log, entry, old):
    code, output = verified(program, log, entry, old)

    assert output.splitlines() == [f"checkpoint {SIZE}", f"included {LEAVES[entry].decode()}", f"extends {old}", "OK"]
    assert code == 0


def test_go_refuses_a_checkpoint_of_another_key(program, log):
    assert verified(program, log, 0, keys=[OLD]) == (1, "note has no verifiable signatures\n")


def test_go_accepts_a_checkpoint_before_the_key_was_replaced_only_with_the_old_key(program, log):
    assert verified(program, log, 0, 256)[0] == 0
    assert verified(program, log, 0, 256, keys=[NEW])[0] == 1


FILES = {
    "checkpoint": (0, None),
    "tile/entries/000": (7, None),
    "tile/0/000": (7, None),
    "tile/1/000": (7, None),
    "tile/1/001.p/17": (7, None),
    "tile/2/000.p/1": (69_999, None),
    "tile/0/273.p/112": (69_999, None),
    "tile/entries/273.p/112": (69_999, None),
    "checkpoints": (0, 256),
}
"""Files, with an entry and an older size whose proofs need them."""


@pytest.mark.parametrize("name", FILES)
def test_go_refuses_a_flipped_bit(program, log, tmp_path, name):
    copied = Path(shutil.copytree(log, tmp_path / "copy"))
    place, (entry, old) = copied / name, FILES[name]
    arguments = [entry] if old is None else [entry, old]
    assert verified(program, copied, *arguments)[0] == 0
    content, drawn = place.read_bytes(), Random(name)
    for _ in range(20):
        at = drawn.randrange(len(content))
        if name == "tile/entries/000":
            at = content.index(LEAVES[entry]) + drawn.randrange(len(LEAVES[entry]))
        elif name.startswith("tile/entries"):
            at = len(content) - 1 - drawn.randrange(len(LEAVES[entry]))
        elif name == "checkpoints":
            at = drawn.randrange(content.index(b"\n256\n"))
        flipped = bytearray(content)
        flipped[at] ^= 1 << drawn.randrange(8)
        place.write_bytes(flipped)
        assert verified(program, copied, *arguments)[0] == 1, f"byte {at}"
