"""The peer's side of `peers.py`, run by an interpreter that has django-appointment: JSON on standard output.

Its own functions behind the two pages of a booking are called one after another, in one process: the slots of a day,
the request's form and row, the appointment's row. The costs of HTTP, templates, sessions and mail are left out.
"""

# ruff: noqa: PLC0415 - Django's models can't be imported before it is configured

import datetime as dt
import json
import logging
import os
import sys
from collections.abc import Callable
from threading import Barrier, Thread
from time import perf_counter
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import django
from django.conf import settings

SLOT_MINUTES = 30
PATIENCE_SECONDS = 60


def configure(url: str) -> None:
    """Django with the one application, on the PostgreSQL at `url`."""
    parts = urlsplit(url)
    settings.configure(
        SECRET_KEY=os.urandom(16).hex(),
        USE_TZ=True,
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "appointment",
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts.path.lstrip("/"),
                "USER": parts.username,
                "HOST": parts.hostname or parse_qs(parts.query).get("host", [""])[0],
                "PORT": parts.port or "",
                "CONN_MAX_AGE": None,
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        LOGGING_CONFIG=None,
    )
    logging.disable(logging.CRITICAL)
    django.setup()


class Peer:
    """One member of staff, one service of half an hour, open all week from 8 to 20."""

    def __init__(self) -> None:
        from appointment.models import Service, StaffMember, WorkingHours
        from django.contrib.auth.models import User
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("migrate", run_syncdb=True, verbosity=0)  # it brings no migrations of its own
        self.service = Service.objects.create(name="Renewal", duration=dt.timedelta(minutes=SLOT_MINUTES), price=0)
        staff = User.objects.create_user(username="staff", email="staff@example.invalid")
        self.staff = StaffMember.objects.create(
            user=staff,
            slot_duration=SLOT_MINUTES,
            appointment_buffer_time=0,
            work_on_saturday=True,
            work_on_sunday=True,
        )
        self.staff.services_offered.add(self.service)
        for weekday in range(7):
            WorkingHours.objects.create(
                staff_member=self.staff, day_of_week=weekday, start_time=dt.time(8), end_time=dt.time(20)
            )
        self._people = 0

    def person(self) -> Any:
        """A new client."""
        from django.contrib.auth.models import User

        self._people += 1
        return User.objects.create_user(username=f"p{self._people}", email=f"p{self._people}@example.invalid")

    def slots(self, day: dt.date) -> list[dt.datetime]:
        """The slots of a day that it shows as free."""
        from appointment.services import get_available_slots_for_staff
        from appointment.utils.db_helpers import get_weekday_num_from_date

        weekday = get_weekday_num_from_date(day)
        return list(get_available_slots_for_staff(day, self.staff, weekday, service=self.service))

    def book(self, at: dt.datetime, client: Any) -> None:
        """A booking as its two pages make it from a form."""
        from appointment.forms import AppointmentRequestForm
        from appointment.utils.db_helpers import create_and_save_appointment

        ends = at + dt.timedelta(minutes=SLOT_MINUTES)
        form = AppointmentRequestForm(
            {
                "date": at.date(),
                "start_time": at.time(),
                "end_time": ends.time(),
                "service": self.service.pk,
                "staff_member": self.staff.pk,
            }
        )
        if not form.is_valid():
            raise ValueError(form.errors)
        wanted = {"phone": "", "want_reminder": False, "address": "", "additional_info": ""}
        create_and_save_appointment(form.save(), {"email": client.email}, wanted, SimpleNamespace(user=client))

    def race(self, day: dt.date, clients: int) -> tuple[int, float]:
        """How many of `clients` who see the same free slot at once get it, and the seconds until the last answer."""
        from django.db import connection

        people = [self.person() for _ in range(clients)]
        began, ended, got = [], [], []
        start = Barrier(clients, action=lambda: began.append(perf_counter()))

        def call(client: Any) -> None:
            try:
                slot = self.slots(day)[0]
                start.wait(PATIENCE_SECONDS)
                self.book(slot, client)
                got.append(client)
            finally:
                ended.append(perf_counter())
                connection.close()

        threads = [Thread(target=call, args=(client,)) for client in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return len(got), max(ended) - began[0]


def microseconds(work: Callable[[], object], turns: int) -> float:
    """How long one turn takes, the median of the turns."""
    times = []
    for _ in range(turns):
        began = perf_counter()
        work()
        times.append(perf_counter() - began)
    return sorted(times)[turns // 2] * 1e6


def main() -> None:
    url, turns, clients, races = sys.argv[1], *map(int, sys.argv[2:5])
    configure(url)
    peer = Peer()
    first = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2)
    free = [slot for after in range(turns) for slot in peer.slots(first + dt.timedelta(days=after))][:turns]
    bookings = iter([(slot, peer.person()) for slot in free])
    found = {
        "booking_us": microseconds(lambda: peer.book(*next(bookings)), turns),
        "slots_of_a_day_us": microseconds(lambda: peer.slots(first), turns),
    }
    days = [first + dt.timedelta(days=turns + after) for after in range(races)]
    got, seconds = zip(*(peer.race(day, clients) for day in days), strict=True)
    race_us = sorted(seconds)[races // 2] * 1e6
    json.dump(found | {"race_us": race_us, "races": races, "clients": clients, "got_the_slot": got}, sys.stdout)


if __name__ == "__main__":
    main()
