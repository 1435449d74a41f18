"""Runs the Python examples in README.md and docs/ as tests, and reports how the shipped adapters conform."""

import os
import tempfile
from typing import Any

import pytest
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are processors: half of the time a test waits for a disk, a process or a server."""
    return (os.cpu_count() or 1) + 1


def _enter_empty_folder(namespace: dict[str, Any]) -> None:
    """Let a page write files, such as bookings.db, to an empty folder."""
    namespace["_home"] = os.getcwd()  # noqa: PTH109 - sybil hands the namespace to the page; a string is enough
    namespace["_folder"] = tempfile.TemporaryDirectory()
    os.chdir(namespace["_folder"].name)


def _leave_folder(namespace: dict[str, Any]) -> None:
    os.chdir(namespace["_home"])
    namespace["_folder"].cleanup()


pytest_plugins = ["traffic_booking.testing.reporting"]

pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), SkipParser()],
    patterns=["README.md", "docs/**/*.md"],
    setup=_enter_empty_folder,
    teardown=_leave_folder,
).pytest()
