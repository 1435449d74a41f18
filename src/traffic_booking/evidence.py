"""Evidence to hand over: a folder with entries of the sealed log, their proofs, and all that a check needs."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from traffic_booking.adapters.log_folder import LogFolder
from traffic_booking.adapters.signing_keys import SigningKeys, read_public_keys, verifies
from traffic_booking.application._sync.desk import Desk
from traffic_booking.application._sync.inquiring import Bound, period
from traffic_booking.application.evidence_check import EvidenceReport, check_files
from traffic_booking.application.evidence_files import MANIFEST, Wanted, evidence_files, manifest
from traffic_booking.application.sealed_log import SealedLog
from traffic_booking.domain.appointments.events import QuestionAsked
from traffic_booking.domain.appointments.numbers import appointment_number
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.inquiries.inquiry import AuditQuestion, Inquiry
from traffic_booking.domain.inquiries.occurrences import OccurrenceKind
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.actors import Auditor, auditor
from traffic_booking.domain.text_input import openable_path
from traffic_booking.persistence._sync.inquiry_book import InquiryBook
from traffic_booking.persistence._sync.installations import Installations
from traffic_booking.persistence.keys import stream_of_repeats
from traffic_booking.ports.signer import Signer

LARGEST_FOLDER: Final = 2**28
"""In bytes, of all files of a folder."""
MOST_FILES: Final = 100_000
_OUT: Final = "out"
_FOLDER: Final = "folder"


def export_evidence(
    desk: Desk,
    *,
    by: Auditor,
    log: str | Path,
    key: str | Path | Signer,
    out: str | Path,
    number: str | None = None,
    from_: Bound = None,
    until: Bound = None,
) -> int:
    """Write the evidence about an appointment, or about a time, to the new folder `out`; return its number of entries.

    The export is written to the log of the store. Questions of auditors are in the folder if they are sealed. `key`
    signs the manifest: the private key of the log. Bounds as in `desk.audit.refusals`.
    Example: `export_evidence(desk, by=me, log="log", key="log.key", out="case", number=number)`.

    Raises:
        InvalidInput: Neither a number nor both bounds are given, the folder exists, or entries are not sealed yet.
        NotFound: A version of the rulebook that decided was never installed, and the desk lacks it.
        LogUnreadable: The log is damaged, or the key is not the log's.
    """
    asking, first, last = auditor(by), *period(from_, until, None)
    if (number is None) is (first is None or last is None) or (number is not None and (first or last)):
        raise InvalidInput("number, from_, until", got="another choice", expected="a number, or both bounds")
    about = None if number is None else appointment_number(number)
    signer = SigningKeys.open(key) if isinstance(key, str | Path) else key
    sealed = SealedLog(LogFolder(log), signer.public_keys, verifies)
    target = _new_folder(out)
    inquiry = Inquiry(question=AuditQuestion.EXPORT, number=about, from_=first, until=last)
    book = InquiryBook(desk.store)
    end = book.log_end()
    at = instant(desk.clock.now())
    book.log_asked(QuestionAsked(at=at, actor=asking, question=inquiry.question.value, about=inquiry.about))
    found = list(book.occurrences(inquiry, after=BEGINNING, until=end))
    asked = frozenset(each.position for each in found if each.kind is OccurrenceKind.ASKED)
    streams = frozenset() if about is None else frozenset({stream_of_repeats(about)})
    wanted = Wanted(frozenset(each.position for each in found) - asked, asked, streams)
    rulebooks = Installations(desk.store).versions(desk.rulebooks)
    files = evidence_files(desk.store, sealed, wanted, rulebooks, signer.public_keys)
    signed = manifest(files, sealed.newest.origin, signer, verifies)
    _write(target, {**files, MANIFEST: signed})
    return sum(path.endswith(".tlog-proof") for path in files)


def check_evidence(folder: str | Path, *, key: str | Path | Sequence[bytes]) -> EvidenceReport:
    """Check a folder that `export_evidence` wrote, without a store. `key` is the file with the log's public keys.

    Example: `assert check_evidence("case", key="log.key.pub")`.

    Raises:
        InvalidInput: There is no such folder, it is too large, or the file has no public keys.
    """
    keys = read_public_keys(key) if isinstance(key, str | Path) else tuple(key)
    return check_files(_read(folder), keys, verifies)


def _new_folder(out: str | Path) -> Path:
    target = Path(openable_path(out, _OUT))
    if os.path.lexists(target):
        raise InvalidInput(_OUT, got=f"{target}, which exists", expected="a new folder")
    return target


def _write(target: Path, files: dict[str, bytes]) -> None:
    """Write the manifest last: a folder without one was not finished."""
    try:
        target.mkdir(mode=0o700, parents=True)
        for path, content in files.items():
            place = target / path
            place.parent.mkdir(mode=0o700, exist_ok=True)
            place.write_bytes(content)
    except OSError as error:
        expected = "a new folder that can be written"
        raise InvalidInput(_OUT, got=f"{target}: {error.strerror}", expected=expected) from error


def _read(folder: str | Path) -> dict[str, bytes]:
    """All files below a folder; a link or anything else that is no file has no content that could be right."""
    top = Path(openable_path(folder, _FOLDER))
    files, size = dict[str, bytes](), 0
    try:
        if not top.is_dir():
            raise InvalidInput(_FOLDER, got=f"{top}, no folder", expected="one that audit export wrote")
        for place in sorted(top.rglob("*")):
            if place.is_dir() and not place.is_symlink():
                continue
            content = place.read_bytes() if place.is_file() and not place.is_symlink() else b""
            files[place.relative_to(top).as_posix()] = content
            size += len(content)
            if size > LARGEST_FOLDER or len(files) > MOST_FILES:
                expected = f"at most {LARGEST_FOLDER} bytes in {MOST_FILES} files"
                raise InvalidInput(_FOLDER, got="a larger folder", expected=expected)
    except OSError as error:
        expected = "one that audit export wrote"
        raise InvalidInput(_FOLDER, got=f"{top}: {error.strerror}", expected=expected) from error
    return files
