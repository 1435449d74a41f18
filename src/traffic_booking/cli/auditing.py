"""Commands of an audit: whether everything in a store agrees with everything else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Final

from cyclopts import App, Parameter
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from traffic_booking import BrokenInvariant, Language, Verification
from traffic_booking.cli import audit_words, words
from traffic_booking.cli.machine_form import Form
from traffic_booking.cli.options import RecordOptions
from traffic_booking.cli.reply import REFUSED, Facts, Listing, Part, Reply, Sentence
from traffic_booking.cli.screen import console_on, masked

Limit = Annotated[int, Parameter(help="How much of what is broken is listed (1 to 1,000,000); all of it is counted.")]


def invariants(*, limit: Limit = 1_000, options: RecordOptions | None = None) -> Reply:
    """Hold every part of the store against the others, and list what is broken (exit code 1); nothing is repaired."""
    options = options or RecordOptions()
    with options.desk() as desk, _bar(shown=not options.json, language=options.spoken) as progress:
        told = desk.verify(progress=progress, limit=limit)
    return Reply(options, _form(told), _parts(told, options.spoken), exit_code=0 if _is_sound(told) else REFUSED)


def _is_sound(told: Verification) -> bool:
    return bool(told) and not told.unknown_versions


def _parts(told: Verification, language: Language) -> tuple[Part, ...]:
    counts = Facts(
        (
            *((audit_words.COUNTED[name], str(getattr(told, name))) for name in audit_words.COUNTED),
            (words.UNKNOWN_VERSIONS, words.listed(told.unknown_versions, language) or "0"),
            (audit_words.BROKEN, str(told.broken_count)),
        )
    )
    if told:
        return (counts, Sentence(audit_words.SOUND))
    listing = Listing(
        headers=(audit_words.INVARIANT, audit_words.WHERE, audit_words.FOUND, audit_words.EXPECTED),
        rows=[
            (audit_words.INVARIANTS[each.invariant.value](language), masked(each.where), each.found, each.expected)
            for each in told.broken
        ],
    )
    return (counts, listing, Sentence(audit_words.NOT_SOUND, loud=True))


def _form(told: Verification) -> Form:
    return {
        **{name: getattr(told, name) for name in audit_words.COUNTED},
        "unknown_versions": list(told.unknown_versions),
        "broken_count": told.broken_count,
        "broken": [_broken_form(each) for each in told.broken],
    }


def _broken_form(broken: BrokenInvariant) -> Form:
    return {
        "invariant": broken.invariant.value,
        "where": masked(broken.where),
        "found": broken.found,
        "expected": broken.expected,
    }


@contextmanager
def _bar(*, shown: bool, language: Language) -> Iterator[Callable[[Verification], None]]:
    """What to tell how far it has come: a bar on standard error, where that is a terminal; the whole isn't known."""
    console = console_on(sys.stderr)
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True, disable=not (shown and sys.stderr.isatty())) as progress:
        task = progress.add_task(audit_words.READING(language), total=None)

        def show(told: Verification) -> None:
            counts = [f"{audit_words.COUNTED[name](language)} {getattr(told, name)}" for name in audit_words.COUNTED]
            progress.update(task, description=words.listed(counts, language))

        yield show


commands: Final = App(name="audit", help="Check that a store is sound.", help_format="plaintext")
commands.command(invariants, name="invariants")
