"""Proofs as texts (https://c2sp.org/tlog-proof): the index of a leaf, its inclusion proof, and the checkpoint."""

import re
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Sequence
from typing import Final, NamedTuple

from traffic_booking.domain.errors import LogUnreadable
from traffic_booking.domain.sealing.proofs import LONGEST_PROOF
from traffic_booking.domain.sealing.tree import HASH_BYTES

HEADER: Final = "c2sp.org/tlog-proof@v1"
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


class ProofText(NamedTuple):
    """A proof that leaf number `leaf` is in the tree of `checkpoint`, a signed note."""

    leaf: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes


def proof_text(index: int, hashes: Sequence[bytes], checkpoint: bytes) -> bytes:
    """The proof as it is stored."""
    lines = [HEADER, f"index {index}", *(b64encode(each).decode() for each in hashes), "", ""]
    return "\n".join(lines).encode() + checkpoint


def read_proof_text(data: bytes) -> ProofText:
    """The proof in `data`; nothing is verified. Raises `LogUnreadable`."""
    head, _, checkpoint = data.partition(b"\n\n")
    header, index, *hashes = head.decode(errors="replace").split("\n") + [""] * (b"\n" not in head)
    found = _INDEX.fullmatch(index)
    if header == HEADER and found is not None and len(hashes) <= LONGEST_PROOF:
        try:
            proof = ProofText(int(found[1]), tuple(b64decode(each, validate=True) for each in hashes), checkpoint)
        except (Error, ValueError):
            proof = None
        if proof is not None and all(len(each) == HASH_BYTES for each in proof.hashes):
            return proof
    raise LogUnreadable("proof: got another text; expected the proof of an entry")
