"""The shell command `traffic-booking`: a host of the library, on its public face alone.

Exit codes: 0 done, 1 refused by a rule, 2 misuse, 3 the store did not answer, 70 internal error. 130 is that of any
interrupted command, and 141 that of a closed pipe.
"""

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from io import TextIOWrapper
from typing import Final

from traffic_booking import MissingExtra
from traffic_booking.cli.languages import language_asked_for

__all__ = ["main", "run"]

PACKAGES: Final = ("cyclopts", "platformdirs", "rich")  # the packages of the extra `cli`

MISUSE: Final = 2
INTERRUPTED: Final = 130
CLOSED_PIPE: Final = 141


def main() -> None:
    """Run the command line of this process, and end the process with the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # an output that can't hold Arabic gets escapes instead of an error
            stream.reconfigure(errors="backslashreplace")
    raise SystemExit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line (without the program's name) on this process's streams, and return the exit code."""
    if any(find_spec(package) is None for package in PACKAGES):
        missing = MissingExtra("the shell command", "cli")
        sys.stderr.write(f"traffic-booking: {missing.message(language_asked_for(arguments))}\n")
        return MISUSE
    from traffic_booking.cli.app import answer  # noqa: PLC0415 - needs the extra, looked for just above

    try:
        exit_code = answer(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())  # the interpreter's own flush at exit stays quiet
        os.close(nothing)
        return CLOSED_PIPE
    return exit_code
