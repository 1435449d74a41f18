"""The port through which checkpoints leave the house.

An operator who can write the store and the log can make another log with other entries, and sign it. Only a checkpoint
that somebody else has kept shows it.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from traffic_booking.domain.sealing.checkpoints import Checkpoint


class Witness(Protocol):
    """Keeps checkpoints out of the reach of those who write the log."""

    @property
    def name(self) -> str:
        """Return the name of the witness in reports, without secrets."""
        ...

    def submit(self, checkpoint: Checkpoint, note: bytes, proof_from: Callable[[int], Sequence[bytes]]) -> None:
        """Keep `note`, the signed note of `checkpoint`. The same one may be submitted again.

        `proof_from(size)` returns the proof that the log extends its first `size` entries. Bound the time that this
        takes: sealing waits for it.

        Raises:
            StoreUnavailable: The witness does not have it, but may have it later.
            LogUnreadable: The witness has a checkpoint that contradicts this one.
        """
        ...
