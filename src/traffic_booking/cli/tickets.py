"""Commands about tickets: print one, verify its code, make the keys that sign, list the revoked ones."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from cyclopts import App, Parameter

import traffic_booking as tb
from traffic_booking.cli import words
from traffic_booking.cli.appointments import ticket
from traffic_booking.cli.options import CATALOGUE_DEFAULTS, DEFAULTS, CatalogueOptions, Flag, Options
from traffic_booking.cli.reply import DONE, LEGAL_TIME, REFUSED, NamedValues, Reply, ReplyPart, Sentence, table
from traffic_booking.persistence.private_files import is_there, read_file

LARGEST_FILE: Final = 20 * 2**20
LARGEST_LIST: Final = 200 * 2**20
_LONGEST_TEXT: Final = 4_096
_STARTS: Final = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF")
"""The first bytes of a PDF and of the pictures that are read."""

KeysFile = Annotated[Path, Parameter(name="--key", help="FILE with the public keys, such as tickets.key.pub.")]


def verify(
    file: Annotated[Path, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    key: KeysFile,
    revoked: Path | None = None,
    catalogue: Path | None = None,
    options: CatalogueOptions = CATALOGUE_DEFAULTS,
) -> Reply:
    """Verify the code of a ticket, and show what it states: exit code 0 if the signature holds, 1 if not.

    Args:
        file: A picture or a PDF of the ticket, or a text file with the code; - reads from standard input.
        revoked: FILE.json with the revoked tickets, as `ticket revoked --json` prints it.
        catalogue: The folder of the catalogue, for the names of branches. Default: the shipped one.
    """
    from traffic_booking.adapters.signing_keys import read_public_keys  # noqa: PLC0415 - needs the extra

    keys, listed = read_public_keys(key), None if revoked is None else _list_in(revoked, "--revoked")
    known = tb.shipped_catalogue() if catalogue is None else tb.read_catalogue(catalogue)
    results = [tb.read_ticket_code(text, keys) for text in _texts_in(file)]
    best = min(results, key=_rank, default=tb.RefusedCode(tb.CodeFault.NOT_A_CODE))
    match best:
        case tb.RefusedCode():
            parts: tuple[ReplyPart, ...] = (Sentence(tb.Bilingual(best.message("ar"), best.message("en")), loud=True),)
            if best.key_id is not None:
                parts += (NamedValues((words.SIGNING_KEY, best.key_id)),)
            return Reply(options, {"outcome": "refused", "code": tb.to_json(best)}, *parts, exit_code=REFUSED)
        case tb.UnsignedCode(number):
            form = {"outcome": "unsigned", "code": tb.to_json(best)}
            named = NamedValues((words.NUMBER, number))
            return Reply(options, form, Sentence(words.UNSIGNED, loud=True), named, exit_code=REFUSED)
        case tb.VerifiedCode():
            return _verified(best, listed, known, options)


def _verified(
    code: tb.VerifiedCode, listed: tb.RevokedTickets | None, catalogue: tb.Catalogue, options: Options
) -> Reply:
    found = None if listed is None else listed.find(code.claims.ticket_id)
    form = {"outcome": "valid", "code": tb.to_json(code), "revoked": None}
    statement = words.SIGNATURE_HOLDS if listed is not None else words.SIGNATURE_HOLDS_UNCHECKED
    if found is not None:
        form |= {"outcome": "revoked", "revoked": tb.to_json(found)}
        statement = tb.Bilingual(found.message("ar"), found.message("en"))
    facts = _facts(code, catalogue, options.output_language)
    return Reply(options, form, Sentence(statement, loud=True), facts, exit_code=REFUSED if found else DONE)


def _rank(result: tb.ReadCode) -> int:
    """The place of a result among those of a file with several codes: the one that proves most comes first."""
    return 0 if isinstance(result, tb.VerifiedCode) else 1 if isinstance(result, tb.UnsignedCode) else 2


def _facts(code: tb.VerifiedCode, catalogue: tb.Catalogue, language: tb.Language) -> NamedValues:
    claims = code.claims
    branch = next((each for each in catalogue.branches if each.code == claims.branch), None)
    zone = LEGAL_TIME if branch is None else ZoneInfo(branch.time_zone)
    starts_at, ends_at = (moment.astimezone(zone) for moment in (claims.starts_at, claims.ends_at))
    return NamedValues(
        (words.NUMBER, claims.number),
        (words.BRANCH, claims.branch if branch is None else f"{branch.name(language)} ({claims.branch})"),
        (words.DAY, tb.Day(starts_at.date()).text(language)),
        (words.TIME, f"{starts_at:%H:%M}–{ends_at:%H:%M}"),
        (words.TICKET_VERSION, str(claims.version)),
        (words.TICKET_ID, claims.ticket_id),
        (words.SIGNING_KEY, code.key_id),
    )


def _texts_in(file: Path) -> tuple[str, ...]:
    """The texts of the codes in a file, or the text that it is."""
    if str(file) == "-":
        content = sys.stdin.buffer.read(LARGEST_FILE + 1)
    else:
        expected = "a picture, a PDF or a text file, or - for standard input"
        content = read_file(file, "ticket file", expected, longest=LARGEST_FILE + 1, private=False)
    if len(content) > LARGEST_FILE:
        raise tb.InvalidInput("ticket file", got="a larger file", expected=f"at most {LARGEST_FILE} bytes")
    if content.startswith(_STARTS):
        from traffic_booking.adapters.ticket_reader import codes_in  # noqa: PLC0415 - needs the extra, for files alone

        return codes_in(content)
    return (content[:_LONGEST_TEXT].decode(errors="replace").strip("\r\n\t"),)


def _list_in(file: Path, option: str) -> tb.RevokedTickets:
    expected = "the answer of `ticket revoked --json`"
    content = read_file(file, option, expected, longest=LARGEST_LIST, private=False)
    try:
        return tb.from_json(tb.RevokedTickets, json.loads(content))
    except (ValueError, RecursionError) as error:
        raise tb.InvalidInput(option, got=f"{file} with other content", expected=expected) from error


def keys(file: Path, /, *, rotate: Flag = False, options: CatalogueOptions = CATALOGUE_DEFAULTS) -> Reply:
    """Make the keys that sign tickets: FILE for its owner alone, and FILE.pub for gates. Keys that exist stay.

    Args:
        file: The file of the private key.
        rotate: Replace the private key by a new one. The earlier public keys stay in FILE.pub, and verify.
    """
    from traffic_booking.adapters.signing_keys import SigningKeys  # noqa: PLC0415 - needs the extra

    existed = is_there(file)
    found = SigningKeys.rotate(file) if rotate else SigningKeys.open(file)
    ids = [tb.key_id_of(each) for each in found.public_keys]
    outcome = "rotated" if rotate else "present" if existed else "made"
    form = {"outcome": outcome, "file": str(file), "public_file": f"{file}.pub", "keys": ids}
    facts = NamedValues((words.PRIVATE_KEY, str(file)), (words.PUBLIC_KEYS, f"{file}.pub"), (words.SIGNING_KEY, ids[0]))
    after = (NamedValues((words.EARLIER_KEYS, words.listed(ids[1:], options.output_language))),) if ids[1:] else ()
    return Reply(
        options, form, Sentence(words.KEYS[outcome], loud=True), facts, *after, Sentence(words.KEEP_SIGNING_KEY)
    )


def revoked(*, since: Path | None = None, options: Options = DEFAULTS) -> Reply:
    """List the tickets of moved and cancelled appointments whose time is not over, for `ticket verify --revoked`.

    Args:
        since: FILE.json with an earlier answer, so that only later changes are read.
    """
    before = None if since is None else _list_in(since, "--since")
    with options.desk(read_only=True) as desk:
        found = desk.gate.revoked_tickets(since=before)
    listing = table(
        found.tickets,
        (words.TICKET_ID, lambda each: each.ticket_id),
        (words.AT, lambda each: _written(each.starts_at)),
        (words.STATE, lambda each: words.REVOCATIONS[each.reason](options.output_language)),
        empty=words.NONE_REVOKED,
    )
    return Reply(options, tb.to_json(found), listing)


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(LEGAL_TIME):%Y-%m-%d %H:%M}"


commands: Final = App(
    name="ticket", help="Print the ticket of an appointment, or the proof of its cancellation.", help_format="plaintext"
)
commands.default(ticket)
for command in (verify, keys, revoked):
    commands.command(command, name=command.__name__)
