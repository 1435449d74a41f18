"""The process for campaigns of killed sealers: it forks a sealer for each order that it gets.

Each line of standard input is an order: the store's file, the log, the key, the class of the log's files, and before
which of its steps in the log's folder the sealer kills itself. Each line of standard output is a report, written at
once and whole:

- `started`, with the process id
- `open`, once it has the log
- `killed`, with the step, just before the sealer kills itself
- `sealed`, with the size of the log
- `refused`, if another sealer has the log
- `wrong`
- `ended`, once the sealer is dead
"""

import json
import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from time import sleep
from types import FrameType
from typing import Any, Final

from tests.campaigns.killed_writer import report
from traffic_booking import StoreUnavailable
from traffic_booking.adapters import log_folder
from traffic_booking.adapters.log_folder import LogFolderWriter
from traffic_booking.adapters.signing_keys import SigningKeys
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.application import sealing
from traffic_booking.sealing import Sealer

PAGE = 2
"""Sealers with a short life read small pages, so that kills occur between pages too."""
ANCHORS = PAGE
"""The leaves that a sealer compares with the store are on its first page."""
PAUSE_SECONDS = 0.001
STEPS: Final = frozenset({"open", "write", "flush", "fsync", "mkdir", "replace", "truncate", "unlink", "rmdir"})
"""Calls that change files, or are about to."""
DEEPEST_CALL: Final = 6
"""The standard library has so many functions at most between the log's folder and such a call."""


class PublishesFirst(LogFolderWriter):
    """Broken on purpose: it publishes a checkpoint before the files that it covers."""

    def __init__(self, path: Path) -> None:
        self._later = dict[str, bytes]()
        super().__init__(path)

    def write(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Write the files of the page before, and keep these."""
        super().write(self._later.items())
        self._later = dict(files)


FILES: Final = {files.__name__: files for files in (LogFolderWriter, PublishesFirst)}


class KilledAtStep:
    """A profiler that kills its process before the step of that number in the folder of the log, from 1."""

    def __init__(self, step: int) -> None:
        self._left = step

    def __call__(self, frame: FrameType, event: str, called: Any) -> None:
        """Count the call, if it is such a step."""
        if event == "c_call" and called.__name__ in STEPS and (where := _function_of(frame)):
            self._left -= 1
            if not self._left:
                report("killed", f"in {where}, before {called.__name__}")
                os.kill(os.getpid(), signal.SIGKILL)


def _function_of(frame: FrameType | None) -> str | None:
    """The function of the log's folder that is about to change a file."""
    for _ in range(DEEPEST_CALL):
        if frame is None or frame.f_code.co_name == "_stored":  # it reads
            return None
        if frame.f_code.co_filename == log_folder.__file__ and frame.f_code.co_name != "_sync":
            return frame.f_code.co_name.strip("_")
        frame = frame.f_back
    return None


def seal_until_killed(order: dict[str, Any]) -> None:
    """Seal again and again, with a checkpoint for every page."""
    sys.setprofile(KilledAtStep(order["step"]))
    vars(sealing).update(PAGE=PAGE, ANCHORS=ANCHORS, CHECKPOINT_SECONDS=0.0)
    store = SqliteStore(order["path"], read_only=True)
    try:
        files = FILES[order["files"]](Path(order["log"]))
    except StoreUnavailable:
        report("refused")
        return
    sealer = Sealer(store, files, SigningKeys.open(order["key"]), [])
    report("open")
    while True:
        done = sealer.seal()
        if done.sealed:
            report("sealed", done.checkpoint.size)
        sleep(PAUSE_SECONDS)


def main() -> None:
    """Obey each order in a fork of its own."""
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if not child:
            report("started", os.getpid())
            signal.alarm(order["patience_seconds"])
            try:
                seal_until_killed(order)
            except Exception as error:  # noqa: BLE001 - whatever it is, the campaign shows it
                report("wrong", f"{type(error).__name__}: {error}")
            signal.pause()
        os.waitpid(child, 0)
        report("ended")


if __name__ == "__main__":
    main()
