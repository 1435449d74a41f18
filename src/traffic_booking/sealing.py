"""Assembles the sealer from the shipped adapters, in a module of its own: no desk needs it."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from time import sleep
from typing import TYPE_CHECKING, Final, Self, cast

from traffic_booking.application.sealing import LogSealer
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.text_input import path_text
from traffic_booking.domain.value_input import bounded_list, with_methods
from traffic_booking.ports.signer import Signer
from traffic_booking.ports.store import Store
from traffic_booking.ports.witness import Witness
from traffic_booking.wiring import WITHOUT_READ_ONLY, open_store

if TYPE_CHECKING:
    from traffic_booking.adapters.log_folder import LogFolderWriter

MOST_WITNESSES: Final = 16


class Sealer(LogSealer):
    """Seals the log of a store in a folder, in the open formats of https://c2sp.org/tlog-tiles.

    Run it in a process or a thread of its own; a desk needs nothing of it. One sealer has a log at a time.
    """

    def __init__(self, store: Store, files: "LogFolderWriter", signer: Signer, witnesses: Sequence[Witness]) -> None:
        from traffic_booking.adapters.signing_keys import verifies  # needs an extra

        origin = f"traffic-booking/{token_hex(8)}"
        super().__init__(store, files, signer, verifies, origin=origin, witnesses=witnesses, pause=sleep)
        self._folder = files

    @classmethod
    def open(
        cls,
        url: str,
        *,
        log: str | Path,
        key: str | Path | Signer,
        witnesses: Sequence[str | Path | Witness] = (),
    ) -> Self:
        """Open the store that `url` names, for reading alone, and a log to seal its entries in.

        Example: `with Sealer.open(url, log="log", key="log.key") as sealer: sealer.seal()`.

        Args:
            url: as in `BookingDesk.open`. No pseudonym key is needed.
            log: the folder; made, for its owner alone, if it is absent.
            key: the file of the private key that signs checkpoints, or a signer. The file, and the one with `.pub`
                behind, are made if both are absent.
            witnesses: at most 16: a URL to post checkpoints to, the path of a folder to keep them in, or an object with
                the methods of `Witness`.

        Raises:
            InvalidInput: A path, a key or a witness can't be used, or the folder has other files.
            MissingExtra: A package that the store or the keys need is not installed.
            StoreError: The store can't be opened, or another sealer has the log open.
        """
        from traffic_booking.adapters.log_folder import LogFolderWriter

        given = [witness_of(each) for each in bounded_list(witnesses, "witnesses", most=MOST_WITNESSES)]
        store = _store_to_read(url)
        try:
            files = LogFolderWriter(log)
            try:
                return cls(store, files, _signer_of(key), given)
            except BaseException:
                files.close()
                raise
        except BaseException:
            store.close()
            raise

    def close(self) -> None:
        """Close the store, and let another sealer have the log. Closing twice is fine."""
        self._folder.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def witness_of(given: str | Path | Witness) -> Witness:
    """The witness that a URL or the path of a folder names, or an object that is one. Raises `InvalidInput`."""
    with suppress(InvalidInput):
        return cast("Witness", with_methods(given, "witness", "submit"))
    from traffic_booking.adapters.witnesses import FolderWitness, HttpWitness

    plain = path_text(given, "witness")
    if plain.lower().startswith(("http://", "https://")):
        return HttpWitness(plain)
    return FolderWitness(plain)


def _signer_of(key: str | Path | Signer) -> Signer:
    with suppress(InvalidInput):
        return cast("Signer", with_methods(key, "key", "sign"))
    from traffic_booking.adapters.signing_keys import SigningKeys  # needs an extra

    return SigningKeys.open(cast("str", key))


def _store_to_read(url: str) -> Store:
    """The store of a URL, for reading alone if it can be opened so."""
    try:
        return open_store(url, read_only=True)
    except InvalidInput as error:
        if error.got != WITHOUT_READ_ONLY:
            raise
        return open_store(url)
