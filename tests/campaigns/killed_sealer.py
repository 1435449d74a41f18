"""The process for campaigns of killed sealers: it forks a sealer for each order that it gets.

Each line of standard input is an order: the store's file, the log, the key, and the class of the log's files. Each line
of standard output is a report, written at once and whole:

- `started`, with the process id
- `open`, once it has the log
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
from typing import Final

from tests.campaigns.killed_writer import report
from traffic_booking import StoreUnavailable
from traffic_booking.adapters.log_folder import LogFolderWriter
from traffic_booking.adapters.signing_keys import SigningKeys
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.application import sealing
from traffic_booking.sealing import Sealer

PAGE = 7
"""Sealers with a short life read small pages, so that kills occur between pages too."""
PAUSE_SECONDS = 0.001


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


def seal_until_killed(order: dict[str, str]) -> None:
    """Seal again and again, with a checkpoint for every page."""
    vars(sealing).update(PAGE=PAGE, CHECKPOINT_SECONDS=0.0)
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
            signal.alarm(order["patience_seconds"])
            try:
                seal_until_killed(order)
            except Exception as error:  # noqa: BLE001 - whatever it is, the campaign shows it
                report("wrong", f"{type(error).__name__}: {error}")
            signal.pause()
        report("started", child)
        os.waitpid(child, 0)
        report("ended")


if __name__ == "__main__":
    main()
