"""Failed attempts to sign in, by device, and codes with which a password is reset: the facts of their rules."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from attrs import evolve as copy_with
from attrs import field

from traffic_booking.domain.people.user_names import Account
from traffic_booking.domain.values import frozen

FORGOTTEN_AFTER: Final = timedelta(days=1)
"""How long after its last failure a count begins again. No lock is longer (SI-01, SI-06)."""


@frozen
class Failures:
    """A count of failures; `last_at` is the instant of the last one (UTC), None if there is none."""

    count: int = 0
    last_at: datetime | None = None

    def at(self, now: datetime) -> "Failures":
        """The count that is in force at `now`: none if the last failure is a day ago."""
        return NO_FAILURES if self.last_at is None or now - self.last_at >= FORGOTTEN_AFTER else self

    def and_one(self, now: datetime, *, of: int | None = None) -> "Failures":
        """The count after a failure at `now`; a count that has reached `of` begins again."""
        before = self.at(now).count
        return Failures(1 if of is not None and before >= of else before + 1, now)


NO_FAILURES: Final = Failures()


def _latest(*instants: datetime | None) -> datetime | None:
    return max((each for each in instants if each is not None), default=None)


@frozen(kw_only=True)
class ResetCode:
    """A code that was sent to the person at `issued_at` (UTC), as a salted hash, with the number of wrong `tries`."""

    hashed: str
    issued_at: datetime
    tries: int = 0


@frozen(kw_only=True)
class DeviceAttempts:
    """The attempts from one device.

    `proven_at` is the instant (UTC) at which a code was entered there that had been sent to the person.
    """

    failures: Failures = NO_FAILURES
    reset: ResetCode | None = None
    proven_at: datetime | None = None

    def is_needed(self, now: datetime) -> bool:
        """False if nothing of it counts any more."""
        return self.last_at is not None and now - self.last_at < FORGOTTEN_AFTER

    @property
    def last_at(self) -> datetime | None:
        """The instant of the last attempt that counts, None if there is none."""
        issued_at = None if self.reset is None else self.reset.issued_at
        return _latest(self.failures.last_at, issued_at, self.proven_at)


def _read_only(devices: Mapping[str, DeviceAttempts]) -> Mapping[str, DeviceAttempts]:
    return MappingProxyType(dict(devices))


@frozen(kw_only=True)
class SignInAttempts:
    """The attempts under one id or user name, whether or not an account exists.

    `strangers` counts the failures from all devices that the account does not know. `devices` has the attempts from
    each device, by a hash of its name.
    """

    account: Account
    version: int = 0
    strangers: Failures = NO_FAILURES
    devices: Mapping[str, DeviceAttempts] = field(factory=dict, converter=_read_only)

    def of(self, device: str) -> DeviceAttempts:
        """The attempts from one device."""
        return self.devices.get(device, NO_ATTEMPTS)

    def followed(self, now: datetime, device: str, attempts: DeviceAttempts, strangers: Failures) -> "SignInAttempts":
        """The next version, with these attempts from one device, without devices of which nothing counts any more."""
        devices = {name: each for name, each in {**self.devices, device: attempts}.items() if each.is_needed(now)}
        return copy_with(self, version=self.version + 1, strangers=strangers.at(now), devices=devices)

    @property
    def last_at(self) -> datetime | None:
        """The instant of the last attempt that counts, None if there is none."""
        return _latest(self.strangers.last_at, *(each.last_at for each in self.devices.values()))


NO_ATTEMPTS: Final = DeviceAttempts()


@frozen(kw_only=True)
class SignInFacts:
    """The facts of an attempt from one `device` (a hash of its name).

    `known`: somebody has signed in from it with the account's present password. `generation` counts the changes of that
    password.
    """

    attempts: SignInAttempts
    device: str
    known: bool = False
    generation: int = 0

    def is_known(self, now: datetime) -> bool:
        """True if the device is known, or was proven a short while ago by a code that was sent to the person."""
        proven_at = self.attempts.of(self.device).proven_at
        return self.known or (proven_at is not None and now - proven_at < FORGOTTEN_AFTER)


@frozen(kw_only=True)
class SignInCase:
    """The facts that the rules of signing in read: the failures from this `device` and from all `strangers`."""

    device: Failures
    strangers: Failures
    known: bool
