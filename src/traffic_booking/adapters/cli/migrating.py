"""The command that brings a store to this release's schema, or shows how."""

from typing import Annotated

from cyclopts import Parameter

from traffic_booking import migrate as migrate_store
from traffic_booking import pending_migrations
from traffic_booking.adapters.cli import words
from traffic_booking.adapters.cli.options import Options
from traffic_booking.adapters.cli.reply import Listing, Part, Reply, Sentence, Verbatim


def migrate(
    *,
    print_: Annotated[bool, Parameter(name="--print", negative=(), show_default=False)] = False,
    citus: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    options: Options | None = None,
) -> Reply:
    """Bring the store to this release's schema: every step that it lacks, all of them or none.

    Parameters
    ----------
    print_
        Change nothing, and print the SQL for whoever looks after the database.
    citus
        Spread the tables over the machines of the Citus cluster that the database is on.
    """
    options = options or Options()
    url = options.store_url()
    steps = pending_migrations(url, citus=citus) if print_ else migrate_store(url, citus=citus)
    form = {"applied": not print_, "steps": list(steps.names), "script": steps.script if print_ else None}
    parts: tuple[Part, ...]
    if not steps.names:
        said = f"-- {words.UP_TO_DATE(options.spoken)}"
        parts = (Verbatim(said) if print_ else Sentence(words.UP_TO_DATE),)
    elif print_:
        parts = (Verbatim(steps.script),)
    else:
        parts = (Listing(headers=(words.STEPS,), rows=[(name,) for name in steps.names]),)
    return Reply(options, form, parts)
