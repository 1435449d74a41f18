"""The check of an evidence folder: without a store, from its files and the public keys of the log alone."""

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from json import loads
from typing import Final

from traffic_booking.application.evidence_files import (
    CHECKPOINT,
    ENTRIES,
    HANDED_OVER,
    LEAF,
    MANIFEST,
    PROOF,
    RECORDS,
    VERIFIERS,
)
from traffic_booking.domain.bilingual import Bilingual, Language
from traffic_booking.domain.errors import LogUnreadable
from traffic_booking.domain.sealing.checkpoints import Checkpoint, read_checkpoint
from traffic_booking.domain.sealing.notes import Verify, read_note, verified_keys, verifier_key
from traffic_booking.domain.sealing.proof_texts import read_proof_text
from traffic_booking.domain.sealing.proofs import includes
from traffic_booking.domain.sealing.tree import leaf_hash
from traffic_booking.domain.values import frozen
from traffic_booking.persistence.leaves import entry_of
from traffic_booking.persistence.marks import mark_of, text_digest
from traffic_booking.persistence.schema import WORDINGS
from traffic_booking.persistence.wording_codec import checked_text

_LINE: Final = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9./_-]{1,200})", re.ASCII)
_LEAF: Final = re.compile(rf"{ENTRIES}(\d{{12,19}}){re.escape(LEAF)}", re.ASCII)


def _fault(ar: str, en: str) -> Bilingual:
    return Bilingual(ar, en)


@frozen(kw_only=True)
class EvidenceReport:
    """The result of checking a folder; truthy if everything in it holds.

    `entries` are proved to be in the log `origin` when it had `size` entries. `records` are those that these entries
    name; `left_out` names are without a record. `faults` has a sentence for each thing that does not hold.
    """

    origin: str = ""
    size: int = 0
    entries: int = 0
    records: int = 0
    left_out: int = 0
    faults: tuple[Bilingual, ...] = ()

    def __bool__(self) -> bool:
        return not self.faults

    def lines(self, language: Language) -> list[str]:
        """Sentences about everything that holds; or the faults."""
        if self.faults:
            return [fault(language) for fault in self.faults]
        values = {"origin": self.origin, "size": self.size, "entries": self.entries, "records": self.records}
        return [each(language).format(**values, left_out=self.left_out) for each in _HOLDS]


_HOLDS: Final = (
    Bilingual(
        "الملفات هي التي وقّع عليها صاحب المفتاح، ولم يُضف إليها ملف ولم ينقص.",
        "The files are those that the holder of the key has signed; none was added and none is missing.",
    ),
    Bilingual(
        "كل القيود ({entries}) موجودة في السجل {origin} حين كان فيه {size} من القيود.",
        "All {entries} entries are in the log {origin} as of {size} entries.",
    ),
    Bilingual(
        "كل السجلات ({records}) هي التي تذكرها هذه القيود.", "All {records} records are those that these entries name."
    ),
    Bilingual(
        "سجلات تذكرها القيود وليست في المجلد: {left_out}. كُتبت نسخة بعدها، أو حُذفت، أو فيها بيانات شخصية.",
        "Records that entries name and the folder does not have: {left_out}. They were replaced later, were removed, or"
        " contain personal data.",
    ),
)


def check_files(files: Mapping[str, bytes], public_keys: Sequence[bytes], verify: Verify) -> EvidenceReport:
    """The result of checking the files of a folder, by their paths, under the public keys of the log."""
    checkpoint, faults = _checkpoint(files, public_keys, verify)
    if checkpoint is None:
        return EvidenceReport(faults=tuple(faults))
    faults += _manifest_faults(files, checkpoint, public_keys, verify)
    leaves = {int(found[1]): files[path] for path in sorted(files) if (found := _LEAF.fullmatch(path)) is not None}
    faults += [fault for index, leaf in leaves.items() for fault in _proof_faults(files, checkpoint, index, leaf)]
    named, unreadable = _named(leaves)
    faults += unreadable
    records = {path: content for path, content in files.items() if path.startswith(RECORDS)}
    held = set[tuple[str, str]]()
    for path, content in sorted(records.items()):
        record = _record(content)
        if record is None or not (record in named or _is_wording(content)):
            faults.append(_fault(f"السجل {path} لا يذكره أي قيد من هذه القيود.", f"No entry names the record {path}."))
        else:
            held.add(record)
    return EvidenceReport(
        origin=checkpoint.origin,
        size=checkpoint.size,
        entries=len(leaves),
        records=len(records),
        left_out=len(named - held),
        faults=tuple(faults),
    )


def _checkpoint(
    files: Mapping[str, bytes], public_keys: Sequence[bytes], verify: Verify
) -> tuple[Checkpoint | None, list[Bilingual]]:
    if CHECKPOINT not in files or MANIFEST not in files:
        name = CHECKPOINT if MANIFEST in files else MANIFEST
        return None, [_missing(name)]
    try:
        return read_checkpoint(files[CHECKPOINT], public_keys, verify), []
    except LogUnreadable as error:
        return None, [Bilingual(error.message("ar"), error.message("en"))]


def _manifest_faults(
    files: Mapping[str, bytes], checkpoint: Checkpoint, public_keys: Sequence[bytes], verify: Verify
) -> Iterator[Bilingual]:
    try:
        note = read_note(files[MANIFEST])
        verified_keys(note, checkpoint.origin, public_keys, verify)
    except LogUnreadable:
        note = None
    lines = [] if note is None else [_LINE.fullmatch(each) for each in note.text.split("\n")[:-1]]
    if note is None or note.to_bytes() != files[MANIFEST] or len(note.signatures) != 1 or not all(lines):
        yield _fault(
            "الملف manifest ليس كما وقّع عليه صاحب المفتاح.", "The manifest is not as the holder of the key signed it."
        )
        return
    listed = {each[2]: each[1] for each in lines if each is not None}
    for path in sorted(listed.keys() | files.keys() - {MANIFEST}):
        if path not in files:
            yield _missing(path)
        elif path not in listed:
            yield _fault(
                f"الملف {path} مضاف: لا يذكره manifest.", f"The file {path} was added: the manifest does not name it."
            )
        elif sha256(files[path]).hexdigest() != listed[path]:
            yield _fault(f"الملف {path} تغيّر.", f"The file {path} was changed.")
    expected = {verifier_key(checkpoint.origin, each) for each in public_keys}
    if VERIFIERS in files and not expected & {*files[VERIFIERS].decode(errors="replace").split("\n")}:
        yield _fault("المفاتيح في المجلد غير مفتاحك.", "The keys in the folder are not yours.")


def _proof_faults(files: Mapping[str, bytes], checkpoint: Checkpoint, index: int, leaf: bytes) -> Iterator[Bilingual]:
    path = f"{ENTRIES}{index:012d}{PROOF}"
    if path not in files:
        yield _missing(path)
        return
    try:
        proof = read_proof_text(files[path])
    except LogUnreadable:
        proof = None
    if (
        proof is None
        or proof.leaf != index
        or proof.checkpoint != files[CHECKPOINT]
        or not includes(checkpoint.root, checkpoint.size, index, leaf_hash(leaf), proof.hashes)
    ):
        yield _fault(
            f"القيد {index} ليس في السجل: البرهان {path} لا يصح.",
            f"Entry {index} is not in the log: {path} does not hold.",
        )


def _named(leaves: Mapping[int, bytes]) -> tuple[set[tuple[str, str]], list[Bilingual]]:
    """The collections and digests that the marks of the entries name."""
    named, faults = set[tuple[str, str]](), list[Bilingual]()
    for index, leaf in leaves.items():
        try:
            puts = mark_of(entry_of(leaf).body).puts
        except (LogUnreadable, ValueError):
            faults.append(_fault(f"تعذرت قراءة القيد {index}.", f"Entry {index} can't be read."))
            continue
        for collection, records in puts.items():
            named |= {(collection, digest) for _, digest in records.values()}
    return named, faults


def _record(content: bytes) -> tuple[str, str] | None:
    """The collection and the digest of a record, None if it is none."""
    try:
        collection = loads(content)[0]
    except (ValueError, LookupError, TypeError):
        return None
    return (collection, text_digest(content)) if collection in HANDED_OVER else None


def _is_wording(content: bytes) -> bool:
    """True for a text of an answer under the hash of the text."""
    try:
        collection, *row = loads(content)
        return bool(collection == WORDINGS.name and checked_text(tuple(row)))
    except Exception:  # noqa: BLE001 - the file may be anything
        return False


def _missing(path: str) -> Bilingual:
    return _fault(f"الملف {path} غير موجود.", f"The file {path} is missing.")
