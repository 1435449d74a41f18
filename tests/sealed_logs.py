"""Logs that are sealed without a store: a naive tree to compare with, keys, and a log in memory."""

from collections.abc import Iterable, Iterator
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from traffic_booking.domain.sealing.checkpoints import Checkpoint
from traffic_booking.domain.sealing.notes import sign_note
from traffic_booking.domain.sealing.tiles import GrowingLog

ORIGIN = "example.org/log"


def naive_root(leaves):
    """The definition of RFC 6962, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while 2 * split < len(leaves):
        split *= 2
    return sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


def key_of(seed):
    """A private key of Ed25519, the same for the same number."""
    return Ed25519PrivateKey.from_private_bytes(sha256(str(seed).encode()).digest())


def public(key):
    return key.public_key().public_bytes_raw()


def verifies(public_key, signature, data):
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def signed(size, root, key, origin=ORIGIN):
    """A signed checkpoint."""
    checkpoint = Checkpoint(origin=origin, size=size, root=root)
    return sign_note(checkpoint.text, origin, public(key), key.sign).to_bytes()


class MemoryLog:
    """The files of a log in a dictionary: `LogFiles`."""

    name = "memory"

    def __init__(self, files: dict[str, bytes], notes: Iterable[bytes]):
        self.files = files
        self.notes = list(notes)

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def checkpoint(self) -> bytes | None:
        return self.notes[-1] if self.notes else None

    def checkpoints(self) -> Iterator[bytes]:
        return iter(self.notes)


def sealed(leaves, key, stops=()):
    """A log of these leaves with a checkpoint at 0, at each of the sizes in `stops`, and at its end."""
    tree, files = GrowingLog(), dict[str, bytes]()
    notes = [signed(0, tree.root(), key)]
    for leaf in leaves:
        files.update(tree.add(leaf))
        if tree.size in stops or tree.size == len(leaves):
            files.update(tree.edge_files())
            notes.append(signed(tree.size, tree.root(), key))
    return MemoryLog(files, notes)
