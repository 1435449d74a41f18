"""Commands of maintenance: prune, erase, change the pseudonym key, bring a store to the current schema, its health."""

from pathlib import Path
from typing import Annotated, Final

from cyclopts import App, Parameter

from traffic_booking import (
    Bilingual,
    BookingDesk,
    Erasure,
    Health,
    HealthCheck,
    InvalidInput,
    PersonId,
    StoreError,
    pending_migrations,
    read_log,
    read_retention,
    to_json,
)
from traffic_booking import migrate as migrate_store
from traffic_booking.cli import words
from traffic_booking.cli.options import (
    CATALOGUE_DEFAULTS,
    DEFAULTS,
    Applicant,
    CatalogueOptions,
    ClerkText,
    Confirm,
    Flag,
    Options,
    RequestIdText,
)
from traffic_booking.cli.reply import DONE, REFUSED, NamedValues, Reply, ReplyPart, Sentence, table
from traffic_booking.cli.typed_values import applicant_of, clerk_of, request_id_of

BOTH: Final = 2  # the key so far and the new one


def prune(*, clerk: ClerkText, retention: Path | None = None, options: Options = DEFAULTS) -> Reply:
    """Remove the records whose period of retention is over, and count them by kind.

    Args:
        retention: FILE.toml with the periods. Default: the shipped ones, which are unofficial.
    """
    staff = clerk_of(clerk)
    periods = None if retention is None else read_retention(retention)
    with options.desk() as desk:
        removed = dict(desk.maintenance.prune(retention=periods, by=staff))
    records = (words.RECORDS, lambda pair: words.PERIODS[pair[0]](options.output_language))
    listing = table(removed.items(), records, (words.REMOVED, lambda pair: str(pair[1])))
    return Reply(options, {"outcome": "pruned", "removed": removed}, listing)


def erase(
    *,
    clerk: ClerkText,
    reason: str,
    yes: Confirm = False,
    applicant: Applicant = None,
    request_id: RequestIdText = None,
    options: Options = DEFAULTS,
) -> Reply:
    """Cancel a person's active appointments, then erase the id, the account, and the assertions; needs --yes.

    Nothing is erased if an appointment can't be cancelled now (exit code 1).

    Args:
        reason: Why; it is kept, and may not name the person.
    """
    staff, person, request = clerk_of(clerk), applicant_of(applicant), request_id_of(request_id)
    named = NamedValues((words.ID, str(person)))
    with options.desk() as desk:
        if not yes:
            active = desk.appointments(person)
            numbers = [entry.number for entry in (*active.upcoming, *active.held)]
            form = {"outcome": "not-confirmed", "applicant": str(person), "active": numbers}
            listing = (table(numbers, (words.TO_BE_CANCELLED, str)),) if numbers else ()
            return Reply(options, form, named, *listing, Sentence(words.NOTHING_ERASED, loud=True))
        erasure = desk.maintenance.erase(person, reason=reason, by=staff, request_id=request)
    return _erased(options, erasure, request, person, named)


def _erased(options: Options, erasure: Erasure, request: str, person: PersonId, named: NamedValues) -> Reply:
    done = erasure.erased
    outcome = "refused" if done is None else "unknown" if done.subject is None else "erased"
    form: dict[str, object] = {
        "outcome": outcome,
        "request_id": request,
        "applicant": str(person),
        "active": list(erasure.active),
    }
    form |= {"cancelled": [] if done is None else list(done.cancelled), "overwritten": erasure.overwritten}
    form["subject"] = None if done is None else done.subject
    message = Bilingual(erasure.message("ar"), erasure.message("en"))
    parts: list[ReplyPart] = [named, Sentence(message, loud=True)]
    if done is not None and not erasure.overwritten:
        parts.append(Sentence(words.BYTES_REMAIN))
    return Reply(options, form, *parts, exit_code=DONE if erasure else REFUSED)


def after_restore(
    *, clerk: ClerkText, log: Path, key: Path, request_id: RequestIdText = None, options: Options = DEFAULTS
) -> Reply:
    """After a restore, before anything else: repeat erasures, revoke tickets, and let the sealed log go on.

    Args:
        log: The FOLDER of the sealed log.
        key: FILE with the public keys that may have signed the log, such as log.key.pub.
    """
    staff, request = clerk_of(clerk), request_id_of(request_id)
    with options.desk() as desk:
        done = desk.maintenance.after_restore(log=read_log(log, key=key), by=staff, request_id=request)
    gap = done.restored
    form: dict[str, object] = {"outcome": "restored" if done else "incomplete", "request_id": request}
    form |= {
        "restored": None if gap is None else to_json(gap),
        "erased": list(done.erased),
        "active": list(done.active),
    }
    if gap is None:
        return Reply(options, form, Sentence(words.NOTHING_LOST, loud=True))
    facts = NamedValues(
        (words.ENTRIES_LOST, str(gap.leaves)),
        (words.TICKETS_REVOKED, str(len(gap.revoked))),
        (words.ERASED_AGAIN, str(len(done.erased))),
    )
    left = (table(done.active, (words.NOT_CANCELLED, str)),) if done.active else ()
    sentence = Sentence(words.LOG_GOES_ON if done else words.RUN_AGAIN, loud=True)
    return Reply(options, form, sentence, facts, *left, exit_code=DONE if done else REFUSED)


def key(file: Path, /, *, options: CatalogueOptions = CATALOGUE_DEFAULTS) -> Reply:
    """Write a new pseudonym key to a new file, for its owner alone. A file that exists is not overwritten.

    Args:
        file: The new file. Store it apart from the store and from its backups.
    """
    from traffic_booking.adapters.pseudonyms import PseudonymKey  # noqa: PLC0415 - needs the extra, for a key alone

    PseudonymKey.make_file(file)
    facts = NamedValues((words.KEY_WRITTEN, str(file)))
    return Reply(options, {"outcome": "made", "file": str(file)}, facts, Sentence(words.KEEP_KEY))


def rekey(*, clerk: ClerkText, from_clear: Flag = False, to_clear: Flag = False, options: Options = DEFAULTS) -> Reply:
    """Change the pseudonym key: give --pseudonym-key twice, the new file first. Run it again if it was stopped.

    Args:
        from_clear: The ids are in clear so far; --pseudonym-key is the new key.
        to_clear: The ids will be in clear; --pseudonym-key is the key so far.
    """
    staff, keys = clerk_of(clerk), list(filter(None, options.keys()))
    if from_clear + to_clear + len(keys) != BOTH or not keys:
        named = ["1 key" if len(keys) == 1 else f"{len(keys)} keys"]
        named += ["--from-clear"] * from_clear + ["--to-clear"] * to_clear
        expected = "the new key and the one so far, or one key with --from-clear or --to-clear"
        raise InvalidInput("--pseudonym-key", got=" and ".join(named), expected=expected)
    given = (None, *keys) if to_clear else (*keys, None) if from_clear else keys
    with BookingDesk.open(options.store_url(), installed=True, pseudonym_key=given) as desk:
        written = desk.maintenance.rekey(by=staff)
    facts = NamedValues((words.REWRITTEN, str(written)))
    if written:
        return Reply(options, {"outcome": "rekeyed", "written": written}, Sentence(words.REKEYED, loud=True), facts)
    already = Sentence(words.IN_CLEAR_ALREADY if to_clear else words.UNDER_KEY_ALREADY, loud=True)
    order = (Sentence(words.NEW_KEY_FIRST),) if len(keys) == BOTH else ()
    return Reply(options, {"outcome": "already-written", "written": written}, already, *order, facts)


def migrate(*, print_: Annotated[Flag, Parameter(name="--print")] = False, options: Options = DEFAULTS) -> Reply:
    """Bring the store to this release's schema: all the steps that it lacks, or none.

    Missing indexes are listed (exit code 1), and not created.

    Args:
        print_: Change nothing, and print the SQL for the database's administrator.
    """
    url, language = options.store_url(), options.output_language
    steps = pending_migrations(url) if print_ else migrate_store(url)
    form = {"applied": not print_, "steps": list(steps.names), "script": steps.script if print_ else None}
    form["missing_indexes"] = list(steps.missing_indexes)
    parts: list[ReplyPart] = []
    if print_:  # psql and sqlite3 read all of this: everything but the script is a comment
        if steps.missing_indexes:
            missing = words.listed(steps.missing_indexes, language)
            parts.append(f"-- {words.MISSING_INDEXES(language)}: {missing}")
        elif not steps.names:
            parts.append(f"-- {words.UP_TO_DATE(language)}")
        if steps.names:
            parts.append(steps.script)
    else:
        for header, names in ((words.STEPS, steps.names), (words.MISSING_INDEXES, steps.missing_indexes)):
            if names:
                parts.append(table(names, (header, str)))
        if not parts:
            parts.append(Sentence(words.UP_TO_DATE))
    return Reply(options, form, *parts, exit_code=REFUSED if steps.missing_indexes else DONE)


def health(*, options: Options = DEFAULTS) -> Reply:
    """Check that a desk on the store can serve: exit code 0 if it can, 1 if not, also if the store can't be opened."""
    language = options.output_language
    try:
        with options.desk(read_only=True) as desk:
            found = desk.health()
    except StoreError as error:
        failed = HealthCheck(name="store", passed=False, error=type(error).__name__)
        found = Health(checks=(failed,), store="", waiting=0, at=None, rulebook=None, feed_position=None)
    return Reply(options, to_json(found), found.text(language), exit_code=DONE if found else REFUSED)


commands: Final = App(
    name="maintain",
    help="Prune, erase, go on after a restore, and make or change the pseudonym key.",
    help_format="plaintext",
)
for command in (prune, erase, after_restore, key, rekey):
    commands.command(command, name=command.__name__.replace("_", "-"))
