"""The command that brings a store to this release's schema, or shows how."""

from collections.abc import Iterator
from typing import Annotated

from cyclopts import Parameter

from traffic_booking import Language, SchemaSteps, pending_migrations
from traffic_booking import migrate as migrate_store
from traffic_booking.cli import words
from traffic_booking.cli.options import Options
from traffic_booking.cli.reply import DONE, REFUSED, Listing, Part, Reply, Sentence, Verbatim


def migrate(
    *,
    print_: Annotated[bool, Parameter(name="--print", negative=(), show_default=False)] = False,
    options: Options | None = None,
) -> Reply:
    """Bring the store to this release's schema: every step that it lacks, all of them or none.

    Indexes that are gone are listed (exit code 1), and not made again.

    Parameters
    ----------
    print_
        Change nothing, and print the SQL for whoever looks after the database.
    """
    options = options or Options()
    url = options.store_url()
    steps = pending_migrations(url) if print_ else migrate_store(url)
    form = {"applied": not print_, "steps": list(steps.names), "script": steps.script if print_ else None}
    form["missing_indexes"] = list(steps.missing_indexes)
    parts = _script(steps, options.spoken) if print_ else _told(steps)
    return Reply(options, form, tuple(parts), exit_code=REFUSED if steps.missing_indexes else DONE)


def _told(steps: SchemaSteps) -> Iterator[Part]:
    if steps.names:
        yield Listing(headers=(words.STEPS,), rows=[(name,) for name in steps.names])
    if steps.missing_indexes:
        yield Listing(headers=(words.MISSING_INDEXES,), rows=[(name,) for name in steps.missing_indexes])
    elif not steps.names:
        yield Sentence(words.UP_TO_DATE)


def _script(steps: SchemaSteps, language: Language) -> Iterator[Part]:
    """What psql and sqlite3 take: whatever else is said is a comment."""
    if steps.missing_indexes:
        yield Verbatim(f"-- {words.MISSING_INDEXES(language)}: {words.listed(steps.missing_indexes, language)}")
    elif not steps.names:
        yield Verbatim(f"-- {words.UP_TO_DATE(language)}")
    if steps.names:
        yield Verbatim(steps.script)
