"""Commands of upkeep: removing what has had its time, erasing a person, making and changing the pseudonym key."""

from pathlib import Path
from typing import Annotated, Final

from cyclopts import App, Parameter

from traffic_booking import BookingDesk, Clerk, InvalidInput, read_retention
from traffic_booking.cli import words
from traffic_booking.cli.options import Applicant, CatalogueOptions, Options, applicant_of, impersonal
from traffic_booking.cli.reply import Facts, Listing, Reply, Sentence
from traffic_booking.domain.appointments.person_state import check_erasable

BOTH: Final = 2
"""The key so far and the new one."""

Flag = Annotated[bool, Parameter(negative=(), show_default=False)]


def prune(*, clerk: str, retention: Path | None = None, options: Options | None = None) -> Reply:
    """Remove the records whose period of retention is over, and list how many of each kind.

    Parameters
    ----------
    clerk
        Who prunes: a name of lower-case letters, digits and hyphens.
    retention
        FILE.toml with the periods. Default: the shipped ones, which are unofficial.
    """
    options = options or Options()
    staff = _staff(clerk)
    periods = None if retention is None else read_retention(retention)
    with options.desk() as desk:
        removed = dict(desk.maintenance.prune(retention=periods, by=staff))
    rows = [(words.PERIODS[name](options.spoken), str(count)) for name, count in removed.items()]
    listing = Listing(headers=(words.RECORDS, words.REMOVED), rows=rows)
    return Reply(options, {"outcome": "pruned", "removed": removed}, (listing,))


def erase(*, clerk: str, yes: Flag = False, applicant: Applicant = None, options: Options | None = None) -> Reply:
    """Erase a person: the id, the account, and what was vouched for of them; needs --yes.

    A person with an active appointment is refused, with --yes and without.

    Parameters
    ----------
    clerk
        Who erases: a name of lower-case letters, digits and hyphens.
    yes
        Confirm the erasure.
    """
    options = options or Options()
    staff, person = _staff(clerk), applicant_of(applicant)
    person_shown = Facts(((words.ID, str(person)),))
    with options.desk() as desk:
        if not yes:
            theirs = desk.appointments(person)
            check_erasable(each.number for each in (*theirs.upcoming, *theirs.held))
            form = {"outcome": "not-confirmed", "applicant": str(person)}
            return Reply(options, form, (person_shown, Sentence(words.NOTHING_ERASED, loud=True)))
        known = desk.maintenance.erase(person, by=staff)
    outcome = Sentence(words.ERASED if known else words.NOBODY_REGISTERED, loud=True)
    form = {"outcome": "erased" if known else "unknown", "applicant": str(person)}
    return Reply(options, form, (person_shown, outcome))


def key(file: Path, /, *, options: CatalogueOptions | None = None) -> Reply:
    """Write a new pseudonym key to a new file, for its owner alone. A file that is there is not overwritten.

    Parameters
    ----------
    file
        The new file. Store it apart from the store and from its backups.
    """
    from traffic_booking.adapters.pseudonyms import PseudonymKey  # noqa: PLC0415 - needs the extra, for a key alone

    options = options or CatalogueOptions()
    PseudonymKey.make_file(file)
    facts = Facts(((words.KEY_WRITTEN, str(file)),))
    return Reply(options, {"outcome": "made", "file": str(file)}, (facts, Sentence(words.KEEP_KEY)))


def rekey(*, clerk: str, from_clear: Flag = False, to_clear: Flag = False, options: Options | None = None) -> Reply:
    """Change the pseudonym key: give --pseudonym-key twice, the new file first. Run it again if it was stopped.

    Parameters
    ----------
    clerk
        Who changes it: a name of lower-case letters, digits and hyphens.
    from_clear
        The ids are in clear so far; --pseudonym-key is the new key.
    to_clear
        The ids shall be in clear; --pseudonym-key is the key so far.
    """
    options = options or Options()
    staff, keys = _staff(clerk), list(filter(None, options.keys()))
    if from_clear + to_clear + len(keys) != BOTH or not keys:
        got = f"{len(keys)} key{'s' * (len(keys) != 1)}" + " and --from-clear" * from_clear
        got += " and --to-clear" * to_clear
        expected = "the new key and the one so far, or one key with --from-clear or --to-clear"
        raise InvalidInput("--pseudonym-key", got=got, expected=expected)
    given = (None, *keys) if to_clear else (*keys, None) if from_clear else keys
    with BookingDesk.open(options.store_url(), pseudonym_key=given) as desk:
        written = desk.maintenance.rekey(by=staff)
    facts = Facts(((words.WRITTEN_ANEW, str(written)),))
    if written:
        return Reply(options, {"outcome": "rekeyed", "written": written}, (Sentence(words.REKEYED, loud=True), facts))
    already = Sentence(words.IN_CLEAR_ALREADY if to_clear else words.UNDER_KEY_ALREADY, loud=True)
    order = (Sentence(words.NEW_KEY_FIRST),) if len(keys) == BOTH else ()
    return Reply(options, {"outcome": "already-written", "written": written}, (already, *order, facts))


def _staff(clerk: str) -> Clerk:
    return Clerk(impersonal(clerk, "clerk"))


commands: Final = App(
    name="maintain", help="Remove, erase, make and change the pseudonym key.", help_format="plaintext"
)
commands.command(prune, name="prune")
commands.command(erase, name="erase")
commands.command(key, name="key")
commands.command(rekey, name="rekey")
