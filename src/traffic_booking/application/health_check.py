"""Checks the health of a desk: reads a little from its store, and looks at its other parts."""

from datetime import datetime
from typing import Final

from traffic_booking.application.health import Health, HealthCheck
from traffic_booking.application.office import AsyncOffice
from traffic_booking.domain.audit.feed import BEGINNING, FeedPosition
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.persistence.installed_parts import InstalledParts

LONG_LINE: Final = 1_000
"""As many waiting requests as some batches hold: more come than the store can take."""


async def health(office: AsyncOffice) -> Health:
    """The health of the desk of `office`. Any exception of a part is reported, not raised."""
    clock, now = _clock(office)
    store, configuration, reached, installed = await _store(office)
    rulebook, version = _rulebook(configuration, now)
    waiting, catalogue = office.group_commit.waiting, configuration.catalogue
    return Health(
        checks=(
            store,
            clock,
            rulebook,
            HealthCheck(name="calendar", passed=not configuration.calendars.unreadable),
            HealthCheck(name="catalogue", passed=bool(catalogue.branches and catalogue.services)),
            HealthCheck(name="installed", passed=installed),
            HealthCheck(name="line", passed=waiting < LONG_LINE),
        ),
        store=type(office.store).__name__,
        waiting=waiting,
        at=now,
        rulebook=version,
        feed_position=reached,
    )


def _clock(office: AsyncOffice) -> tuple[HealthCheck, datetime | None]:
    try:
        return HealthCheck(name="clock", passed=True), office.now()
    except Exception as error:  # noqa: BLE001 - reported
        return HealthCheck(name="clock", passed=False, error=type(error).__name__), None


async def _store(office: AsyncOffice) -> tuple[HealthCheck, Configuration, FeedPosition | None, bool]:
    """The check of the store, the known configuration, the feed's position, and if the parts are the installed ones."""
    try:
        configuration = await office.configuration.now()
        page = await office.measured_store.feed(BEGINNING, limit=1)
        (installed,) = (await office.measured_store.read([InstalledParts.query]))[0]
        same = office.installed.are_in_use(installed)
        return HealthCheck(name="store", passed=True), configuration, page.complete_until, same
    except Exception as error:  # noqa: BLE001 - reported
        failed = HealthCheck(name="store", passed=False, error=type(error).__name__)
        return failed, office.configuration.latest_known, None, True


def _rulebook(configuration: Configuration, now: datetime | None) -> tuple[HealthCheck, str | None]:
    if now is None:
        return HealthCheck(name="rulebook", passed=False), None
    try:
        return HealthCheck(name="rulebook", passed=True), configuration.rulebook(now).version
    except InvalidInput as error:
        return HealthCheck(name="rulebook", passed=False, error=type(error).__name__), None
