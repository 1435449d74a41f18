"""The command `tickets`: the tickets of all appointments of a branch's day, a file each."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Final

from attrs import Factory, frozen
from cyclopts import Parameter

import traffic_booking as tb
from traffic_booking.cli import words
from traffic_booking.cli.options import (
    DEFAULTS,
    BranchText,
    Flag,
    Options,
    SigningKey,
    TicketForm,
    TicketLanguage,
    signer_of,
)
from traffic_booking.cli.printing.files import folder_of, write_whole
from traffic_booking.cli.printing.progress import progress
from traffic_booking.cli.reply import DONE, REFUSED, NamedValues, Reply, table
from traffic_booking.cli.screen import print_error
from traffic_booking.cli.typed_values import clerk_of, day_of

PrintingClerk = Annotated[
    str, Parameter(help="Staff who print them: a name of lower-case letters, digits and hyphens.")
]
THOUSANDS: Final = ","


@frozen(kw_only=True)
class Printing:
    """The tickets so far: written, kept because their file was there, and failed with the reason."""

    folder: Path
    overwrite: bool
    language: tb.Language
    written: list[tuple[str, str]] = Factory(list)
    kept: list[tuple[str, str]] = Factory(list)
    failed: list[tuple[str, str]] = Factory(list)

    def add(self, number: str, make: Callable[[str], tb.Document]) -> None:
        """Write one ticket. One that can't be made, such as of a service that left the catalogue, stops no other."""
        try:
            document = make(number)
        except (tb.InvalidInput, tb.NotFound) as error:
            self.failed.append((number, error.message(self.language)))
            return
        written = write_whole(document, self.folder, overwrite=self.overwrite)
        (self.written if written else self.kept).append((number, document.file_name))


def tickets(
    *,
    branch: BranchText,
    day: str,
    form: TicketForm = "text",
    ticket_language: TicketLanguage = None,
    out: Path,
    sign_with: SigningKey = None,
    clerk: PrintingClerk,
    overwrite: Flag = False,
    options: Options = DEFAULTS,
) -> Reply:
    """Write the tickets of all appointments of a day at a branch, a file each, to print or to send.

    Args:
        day: In either calendar, such as 2026-12-01 or 1448-06-21.
        form: pdf, html, text, ics (a calendar file), qr-png or qr-svg (the code alone).
        out: The folder for them. A missing one is created, for its owner alone.
        overwrite: Replace files that exist. Without it they are kept, so an interrupted command can go on.
    """
    staff, language, civil = clerk_of(clerk), options.output_language, day_of(day, "--day")
    with options.desk(signer=signer_of(sign_with)) as desk:
        expected = desk.gate.appointments_of_day(branch, civil, by=staff)
        make = partial(desk.ticket, by=staff, form=form, language=ticket_language or language)
        printing = Printing(folder=folder_of(out), overwrite=overwrite, language=language)
        try:
            with progress(words.TICKETS, len(expected), language) as advance:
                for appointment in expected:
                    printing.add(appointment.number, make)
                    advance()
        except KeyboardInterrupt:
            done, total = f"{len(printing.written):{THOUSANDS}}", f"{len(expected):{THOUSANDS}}"
            print_error(words.filled(words.INTERRUPTED, language, done=done, total=total), language)
            raise
    asked = {"branch": branch, "day": civil.isoformat(), "form": form, "language": ticket_language or language}
    return _reply(printing, asked, options)


def _reply(printing: Printing, asked: dict[str, str], options: Options) -> Reply:
    done = {
        name: [{"number": number, "file": file} for number, file in found]
        for name, found in (("written", printing.written), ("kept", printing.kept))
    }
    failed = [{"number": number, "message": message} for number, message in printing.failed]
    form = {**asked, "folder": str(printing.folder), **done, "failed": failed}
    counts = ((words.TICKETS_WRITTEN, printing.written), (words.TICKETS_KEPT, printing.kept))
    named = NamedValues(
        (words.FOLDER, str(printing.folder)), *((label, f"{len(found):{THOUSANDS}}") for label, found in counts)
    )
    listing = table(printing.failed, (words.NUMBER, lambda each: each[0]), (words.NOT_MADE, lambda each: each[1]))
    return Reply(options, form, named, listing, exit_code=REFUSED if printing.failed else DONE)
