"""The parts of the store port that a store may leave out."""

from enum import StrEnum
from typing import Final


class Capability(StrEnum):
    """A part of the store port that a store may leave out; `lost` states the consequence for its host."""

    DURABLE = "durable"
    CROSS_PROCESS = "cross-process"
    BATCH = "batch"
    ASYNC = "async"
    ACCOUNTS = "accounts"

    @property
    def gained(self) -> str:
        """The promise to the host by a store that has it, as a sentence."""
        return _GAINED[self]

    @property
    def lost(self) -> str:
        """The consequence for the host if the store leaves it out, as a sentence."""
        return _LOST[self]


_GAINED: Final = {
    Capability.DURABLE: "what commit acknowledged is there after the process was killed and the store opened again",
    Capability.CROSS_PROCESS: "several processes serve from one store, and each sees at once what another committed",
    Capability.BATCH: "a batch, of 1,000 changes too, is one commit: a reader sees all of it or nothing",
    Capability.ASYNC: "every method is awaited, so that an event loop goes on while the store works",
    Capability.ACCOUNTS: "the embedded sign-in keeps its accounts, failed attempts and used codes in the store",
}
_LOST: Final = {
    Capability.DURABLE: "bookings end with the process: for tests and demonstrations only",
    Capability.CROSS_PROCESS: "one process serves; a second one on the same store would book seats twice",
    Capability.BATCH: "a reader may see a batch half written, and requests that are executed together save no commits",
    Capability.ASYNC: "methods block: a host with an event loop calls them from a thread",
    Capability.ACCOUNTS: "the host brings an identity provider of its own, and no account is stored",
}
