"""Signing keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Signer(Protocol):
    """Signs with the current private key of Ed25519, which it never hands out. Called from several threads at once.

    A key file does this (`SigningKeys`), or the key service of a host.
    """

    @property
    def public_keys(self) -> Sequence[bytes]:
        """Return the public keys (32 bytes each) that verify: the current one first, then those that it replaced.

        The id of a key follows from it (`key_id_of`).
        """
        ...

    def sign(self, data: bytes) -> bytes:
        """Return the signature (64 bytes) of `data` under the current key, the same each time.

        Raises `StoreUnavailable` if the service behind the port doesn't answer. The caller verifies each signature, and
        reads `public_keys` again if it fails: the key may just have been replaced.
        """
        ...
