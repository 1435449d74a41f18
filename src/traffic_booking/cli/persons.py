"""The command that shows who a subject is."""

from typing import Annotated

from cyclopts import Parameter

from traffic_booking import Clerk
from traffic_booking.cli import words
from traffic_booking.cli.options import Options, copied, impersonal
from traffic_booking.cli.reply import Facts, Reply


def person(
    subject: Annotated[
        str, Parameter(allow_leading_hyphen=True, help="The subject of an applicant, as staff see it in lists.")
    ],
    /,
    *,
    clerk: str,
    options: Options | None = None,
) -> Reply:
    """Show the id behind a subject, in full, to reach the person. Each use is written to the log.

    Parameters
    ----------
    clerk
        Who asks: a name of lower-case letters, digits and hyphens.
    """
    options = options or Options()
    staff, name = Clerk(impersonal(clerk, "clerk")), impersonal(copied(subject), "subject")
    with options.desk() as desk:
        found = desk.person_of(name, by=staff)
    form = {"subject": name, "id": found.reveal(), "holder": found.holder.value}
    return Reply(options, form, (Facts(((words.SUBJECT, name), (words.ID, found.reveal()))),))
