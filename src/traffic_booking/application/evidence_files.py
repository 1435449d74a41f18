"""The files of an evidence folder: entries with proofs, records, the rules of that time, and a signed manifest."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from traffic_booking.application.sealed_log import SealedLog
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.errors import InvalidInput, LogUnreadable, NotFound
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.sealing.notes import Verify, sign_note, verifier_key
from traffic_booking.domain.sealing.proof_texts import proof_text
from traffic_booking.domain.sealing.proofs import includes
from traffic_booking.domain.sealing.tree import leaf_hash
from traffic_booking.persistence.answer_codec import parts_of
from traffic_booking.persistence.installation_records import INSTALLED_KIND
from traffic_booking.persistence.leaves import entry_of
from traffic_booking.persistence.marks import digest_of, mark_of, record_text, unmarked
from traffic_booking.persistence.schema import ANSWERS, ASSERTIONS, PEOPLE, PERSON_KEYS, SCHEMA, WORDINGS
from traffic_booking.ports.primitives import LogEntry, RecordsByKey, Row
from traffic_booking.ports.signer import Signer
from traffic_booking.ports.store import Store

MANIFEST: Final = "manifest"
CHECKPOINT: Final = "checkpoint"
VERIFIERS: Final = "verifiers.txt"
README: Final = "README.txt"
ENTRIES: Final = "entries/"
RECORDS: Final = "records/"
RULES: Final = "rules/"
LEAF: Final = ".json"
PROOF: Final = ".tlog-proof"

MOST_ENTRIES: Final = 10_000
"""Of one folder: it is for one matter, not for a whole log."""

HANDED_OVER: Final = frozenset(
    each.name
    for each in SCHEMA.collections
    if each.evidence and not each.named_by and each.name not in {ASSERTIONS.name, PERSON_KEYS.name, PEOPLE.name}
)
"""The collections whose records are in a folder. Persons, user names and assertions stay: they are personal data."""

_OF_ANSWERS: Final = b'"answers"'
_README: Final = """\
This folder is evidence from the sealed log of a store of appointments.
Verify it with: traffic-booking audit check FOLDER --key KEY.pub
KEY.pub has to come from the operator of the log by another way than this folder.
Without that program: the file `manifest` has the SHA-256 of each file (sha256sum --check manifest), and is a signed
note (c2sp.org/signed-note). Each entry has a proof (c2sp.org/tlog-proof) that it is in the log of `checkpoint`.

هذا المجلد دليل من السجل المختوم لقاعدة بيانات المواعيد.
للتحقق منه: traffic-booking audit check FOLDER --key KEY.pub
ويجب أن يصل الملف KEY.pub من مشغّل السجل بطريق غير هذا المجلد.
"""


class Wanted(NamedTuple):
    """The entries of a folder: those at `positions`, those at `if_sealed` if they are sealed, those of `streams`."""

    positions: frozenset[FeedPosition]
    if_sealed: frozenset[FeedPosition]
    streams: frozenset[str]


def evidence_files(
    store: Store,
    log: SealedLog,
    wanted: Wanted,
    rulebooks: Mapping[str, Rulebook],
    public_keys: Sequence[bytes],
) -> dict[str, bytes]:
    """The files of a folder without its manifest.

    Raises:
        InvalidInput: There is none, there are more than 10,000, or some are not sealed yet.
        NotFound: `rulebooks`, by their names, lack a version that decided.
        LogUnreadable: The log is damaged.
    """
    leaves = _leaves(log, wanted)
    files = {CHECKPOINT: log.note, README: _README.encode()}
    files[VERIFIERS] = "".join(f"{verifier_key(log.newest.origin, each)}\n" for each in public_keys).encode()
    for index, (leaf, _) in leaves.items():
        proof = log.inclusion_proof(index)
        if not includes(log.newest.root, log.newest.size, index, leaf_hash(leaf), proof):
            raise LogUnreadable(f"log {log.name}: got tiles of other leaves; expected those of its checkpoint")
        files[f"{ENTRIES}{index:012d}{LEAF}"] = leaf
        files[f"{ENTRIES}{index:012d}{PROOF}"] = proof_text(index, proof, log.note)
    rows = [*_records(store, [entry for _, entry in leaves.values()])]
    for place, (collection, row) in enumerate(rows, start=1):
        files[f"{RECORDS}{place:06d}.json"] = record_text(collection, row)
    versions = sorted({version for _, entry in leaves.values() if (version := _version_of(entry)) is not None})
    for place, book in enumerate(_books(versions, rulebooks), start=1):
        files[f"{RULES}{place:02d}.txt"] = _rules_text(book).encode()
    return files


def manifest(files: Mapping[str, bytes], origin: str, signer: Signer, verify: Verify) -> bytes:
    """The signed note with the SHA-256 of each file, in the form of `sha256sum`.

    Raises:
        InvalidInput: The signer's signature does not hold.
    """
    text = "".join(f"{sha256(content).hexdigest()}  {path}\n" for path, content in sorted(files.items()))
    public_key = signer.public_keys[0]
    note = sign_note(text, origin, public_key, signer.sign)
    if not verify(public_key, note.signatures[0].signature, text.encode()):
        raise InvalidInput("signer", got="a signature that does not hold", expected="one of its current key")
    return note.to_bytes()


def _leaves(log: SealedLog, wanted: Wanted) -> dict[int, tuple[bytes, LogEntry]]:
    """The leaves of these entries by their index, and those whose marks name the answers to the same requests.

    The mark of a change is in its first entry, which may be about another appointment or about a registration.
    """
    found, missing, requests = dict[int, tuple[bytes, LogEntry]](), set(wanted.positions), set[str]()
    at = wanted.positions | wanted.if_sealed
    for index, leaf in enumerate(log.leaves()):
        entry = entry_of(leaf)
        if entry.position in at or entry.stream in wanted.streams:
            _add(found, index, leaf, entry)
            missing.discard(entry.position)
            requests.update(filter(None, [unmarked(entry.body).get("request")]))
    if missing:
        expected = "a log that has all of them: run traffic-booking seal first"
        raise InvalidInput("log", got=f"one without {len(missing)} of the entries", expected=expected)
    if not found:
        raise InvalidInput("export", got="no entry", expected="at least one: other bounds, or another number")
    for index, leaf in enumerate(log.leaves()):
        if index not in found and _OF_ANSWERS in leaf:
            entry = entry_of(leaf)
            if requests & mark_of(entry.body).puts.get(ANSWERS.name, {}).keys():
                _add(found, index, leaf, entry)
    return dict(sorted(found.items()))


def _add(found: dict[int, tuple[bytes, LogEntry]], index: int, leaf: bytes, entry: LogEntry) -> None:
    found[index] = (leaf, entry)
    if len(found) > MOST_ENTRIES:
        raise InvalidInput("export", got=f"more than {MOST_ENTRIES} entries", expected="narrower bounds")


def _records(store: Store, entries: Sequence[LogEntry]) -> Iterator[tuple[str, Row]]:
    """The stored records that the marks of the entries name, and the wordings of answers."""
    named = dict[str, dict[str, set[str]]]()
    for entry in entries:
        for collection, puts in mark_of(entry.body).puts.items():
            for name, (_, digest) in puts.items() if collection in HANDED_OVER else ():
                named.setdefault(collection, {}).setdefault(name, set()).add(digest)
    wordings = set[str]()
    for collection, digests in sorted(named.items()):
        names = sorted(digests)
        for name, row in zip(names, _rows(store, collection, names), strict=True):
            if row is not None and digest_of(collection, row) in digests[name]:
                yield collection, row
                wordings.update(parts_of(row).wordings if collection == ANSWERS.name else ())
    for row in _rows(store, WORDINGS.name, sorted(wordings - named.get(WORDINGS.name, {}).keys())):
        if row is not None:
            yield WORDINGS.name, row


def _rows(store: Store, collection: str, names: Sequence[str]) -> Sequence[Row | None]:
    rows: Sequence[Row | None] = store.read([RecordsByKey(collection, names)])[0] if names else ()
    return rows


def _version_of(entry: LogEntry) -> str | None:
    """The version of the rulebook that decided, None for an entry that no rulebook decided."""
    version = None if entry.kind == INSTALLED_KIND else unmarked(entry.body).get("rulebook")
    return version if isinstance(version, str) else None


def _books(versions: Sequence[str], rulebooks: Mapping[str, Rulebook]) -> Iterator[Rulebook]:
    for version in versions:
        if version not in rulebooks:
            raise NotFound("rulebook version", version, reason="give the file with --rulebook")
        yield rulebooks[version]


def _rules_text(book: Rulebook) -> str:
    """The sentences of all rules of a version, in both languages."""
    until = "" if book.in_force_until is None else f" until {book.in_force_until.isoformat()} (exclusive)"
    lines = [f"rulebook {book.version}, in force from {book.in_force_from.isoformat()}{until}"]
    for rule in book.rules:
        lines += ["", rule.id, rule.statement("ar"), rule.statement("en")]
    return "\n".join(lines) + "\n"
