"""The progress of a long command, on standard error."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import traffic_booking as tb
from traffic_booking.cli.screen import console_on, isolated


@contextmanager
def progress(label: tb.Bilingual, total: int, language: tb.Language) -> Iterator[Callable[[], None]]:
    """A bar while the command works, if standard error is a terminal; call what it gives after each step."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console_on(sys.stderr)) as shown:
        task = shown.add_task(isolated(label(language)) if language == "ar" else label(language), total=total)
        yield lambda: shown.advance(task)
