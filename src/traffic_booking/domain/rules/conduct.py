"""Rules of conduct: how long somebody waits who cancelled late or didn't come.

Neither is told by anybody: a late cancellation is one that the applicant (not the branch) asked for shortly before the
start; an appointment is missed that was booked, never checked in, and is over, unless staff had closed its slot.
"""

from datetime import datetime, timedelta
from typing import Final

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.rules.booking import BOTH
from traffic_booking.domain.rules.cases import BookingCase
from traffic_booking.domain.rules.rule import Parameter, RuleDefinition, Stricter
from traffic_booking.domain.rules.verdict import KEPT, Finding


def _after_late_cancellation(case: BookingCase, now: datetime, minutes: timedelta, days: timedelta) -> Finding:
    if not minutes or not case.withdrawn:
        return KEPT
    late = [
        cancelled.at
        for cancelled in case.withdrawn
        if cancelled.service == case.key.service and cancelled.starts_at - cancelled.at < minutes
    ]
    if not late:
        return KEPT
    free_from = max(late) + days
    return free_from <= now, max(late), free_from, free_from


def _after_missed(case: BookingCase, now: datetime, missed: int, window_days: timedelta, days: timedelta) -> Finding:
    if not case.missed:
        return True, 0, missed, None
    counted = sorted(ended for ended in case.missed if now - window_days < ended <= now)
    if len(counted) < missed:
        return True, len(counted), missed, None
    free_from = _free_from(counted, missed, window_days, days)
    return free_from <= now, len(counted), missed, free_from


def _free_from(counted: list[datetime], missed: int, window_days: timedelta, days: timedelta) -> datetime:
    """When somebody who missed those appointments (at least `missed`, in order) and no others may book again.

    Each further one makes the wait longer, and each that leaves the window makes it shorter.
    """
    for gone in range(len(counted) - missed + 1):
        since = counted[gone - 1] + window_days if gone else counted[-1]
        free_from = max(since, counted[-1] + days * (len(counted) - gone - missed + 1))
        if free_from < counted[gone] + window_days:
            return free_from
    return counted[-missed] + window_days


CONDUCT_RULES: Final = (
    RuleDefinition(
        id="CD-01",
        uses=BOTH,
        statement=Bilingual(
            "من ألغى موعده قبل بدئه بأقل من {minutes} لا يحجز موعدًا آخر للخدمة نفسها خلال {days} من الإلغاء.",
            "Whoever cancels an appointment less than {minutes} before it starts books no other for the same service"
            " for {days}.",
        ),
        check=_after_late_cancellation,
        parameters=(
            Parameter("minutes", "minutes", 0, 30 * 24 * 60, Stricter.MORE, off_at_zero=True),
            Parameter("days", "days", 0, 180, Stricter.MORE, off_at_zero=True),
        ),
        looks_back="days",
    ),
    RuleDefinition(
        id="CD-02",
        uses=BOTH,
        statement=Bilingual(
            "إذا بلغ عدد المواعيد التي تخلف عنها المستفيد {missed} خلال {window_days} أوقف عنه الحجز مدة {days} من"
            " آخرها، وتزاد المدة بمثلها عن كل تخلف آخر.",
            "Once {missed} appointments have been missed within {window_days}, nothing is booked for {days} from the"
            " last of them, and for as long again with each one more.",
        ),
        check=_after_missed,
        parameters=(
            Parameter("missed", "no-shows", 1, 20, Stricter.LESS),
            Parameter("window_days", "days", 1, 366, Stricter.MORE),
            Parameter("days", "days", 0, 180, Stricter.MORE, off_at_zero=True),
        ),
        looks_back="window_days",
    ),
)
"""In the documented order of the answers."""
