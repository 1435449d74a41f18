"""Rules of booking a slot. All but BK-06 apply to holds; all but BK-11 apply to moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from traffic_booking.domain.people.actors import Delegate, may_act_for
from traffic_booking.domain.rules.rule import Parameter, Stricter, Use, rule
from traffic_booking.domain.rules.verdict import BROKEN, KEPT, NOT_APPLICABLE, Finding, broken, kept, measured

if TYPE_CHECKING:
    from traffic_booking.domain.appointments.appointment import ListedAppointment
    from traffic_booking.domain.rules.cases import AnyCase, BookingCase, SlotCase

BOTH: Final = frozenset({Use.HOLD, Use.BOOK})
ANY_SLOT: Final = BOTH | {Use.MOVE}
"""The uses that take a slot: a move is decided as the booking of the new one."""
OFFERING: Final = ANY_SLOT | {Use.SEARCH}
"""The uses of rules that read the slot alone: a search offers no slot that they refuse."""


@rule("BK-01", ANY_SLOT, ar="الخدمة المطلوبة مقدمة في الفرع المختار.", en="The branch offers the service.")
def _service_offered(case: BookingCase, _now: datetime) -> Finding:
    return measured(case.offered, case.key.service, None)


@rule(
    "BK-02",
    ANY_SLOT,
    ar="الموعد المطلوب من مواعيد جدول دوام الفرع لهذه الخدمة.",
    en="The time is one of the slots in the branch's timetable for the service.",
    indispensable=True,
)
def _slot_exists(case: BookingCase, _now: datetime) -> Finding:
    return measured(case.slot is not None, case.key.starts_at, None)


@rule("BK-03", OFFERING, ar="لم يحن وقت بدء الموعد بعد.", en="The slot has not started yet.")
def _slot_in_future(case: BookingCase | SlotCase, now: datetime) -> Finding:
    return measured(now < case.key.starts_at, case.key.starts_at, now)


@rule(
    "BK-04",
    OFFERING,
    ar="يفتح الحجز قبل الموعد بمدة لا تزيد على {days}.",
    en="A slot can be booked from {days} before it starts.",
    parameters=(Parameter("days", "days", 1, 366, Stricter.LESS),),
)
def _within_horizon(case: BookingCase | SlotCase, now: datetime, days: timedelta) -> Finding:
    opens_at = case.key.starts_at - days
    return measured(opens_at <= now, case.key.starts_at, now + days, opens_at)


@rule(
    "BK-05",
    ANY_SLOT,
    ar="يوجد مقعد شاغر في الموعد.",
    en="The slot has a free seat.",
    after=("BK-02",),
    indispensable=True,
)
def _seat_free(case: BookingCase, _now: datetime) -> Finding:
    if case.slot is None:
        return NOT_APPLICABLE
    seats = case.slot.capacity
    return measured(case.held is not None or case.seats_taken < seats, case.seats_taken, seats)


@rule(
    "BK-06",
    {Use.BOOK, Use.MOVE},
    ar="وافق المستفيد على تعليمات الخدمة بنسختها السارية.",
    en="The applicant has agreed to the service's instructions in the version in force.",
    indispensable=True,
)
def _instructions_agreed(case: BookingCase, _now: datetime) -> Finding:
    in_force = case.service.instructions
    return measured(case.agreed == in_force, case.agreed, in_force)


@rule(
    "BK-07",
    ANY_SLOT,
    ar="الحد الأعلى لمواعيد المستفيد القائمة للخدمة الواحدة: {appointments}.",
    en="A person's active appointments for one service: at most {appointments}.",
    after=("BK-11",),
    parameters=(Parameter("appointments", "appointments", 1, 5, Stricter.LESS),),
)
def _one_per_service(case: BookingCase, _now: datetime, appointments: int) -> Finding:
    service = case.key.service
    return fewer_than(appointments, [other for other in case.others if other.slot.service == service])


@rule(
    "BK-08",
    ANY_SLOT,
    ar="الحد الأعلى لمواعيد المستفيد القائمة لجميع الخدمات: {appointments}.",
    en="A person's active appointments for all services together: at most {appointments}.",
    after=("BK-11",),
    parameters=(Parameter("appointments", "appointments", 1, 20, Stricter.LESS),),
)
def _limit_in_all(case: BookingCase, _now: datetime, appointments: int) -> Finding:
    return fewer_than(appointments, case.others)


@rule(
    "BK-09",
    ANY_SLOT,
    ar="لا يتعارض الموعد مع موعد قائم آخر للمستفيد نفسه.",
    en="The slot does not overlap another active appointment of the same person.",
    after=("BK-11",),
)
def _no_overlap(case: BookingCase, _now: datetime) -> Finding:
    if not case.others:
        return KEPT
    starts_at, ends_at = case.key.starts_at, case.ends_at
    clashes = [other for other in case.others if other.slot.starts_at < ends_at and starts_at < other.slot_ends_at]
    return broken(clashes[0].number, None, when_fewer(clashes, 1)) if clashes else KEPT


@rule(
    "BK-10",
    ANY_SLOT,
    ar="الخدمة متاحة لحملة نوع وثيقة المستفيد (الهوية الوطنية أو الإقامة).",
    en="The service is open to holders of the applicant's kind of identity document.",
)
def _eligible(case: BookingCase, _now: datetime) -> Finding:
    holder, holders = case.applicant.holder, case.service.holders
    return measured(holder in holders, str(holder), case.service.holders_named)


@rule(
    "BK-11",
    BOTH,
    ar="مقدم الطلب هو المستفيد نفسه أو من فوّضه أو موظف مخول.",
    en="The requester is the applicant, a delegate of theirs, or an authorised clerk.",
    indispensable=True,
)
def _own_or_clerk(case: BookingCase, _now: datetime) -> Finding:
    return KEPT if may_act_for(case.actor, case.applicant, case.key.branch) else BROKEN


@rule(
    "BK-12",
    OFFERING,
    ar="يؤخذ المقعد، حجزًا مؤقتًا أو حجزًا أو نقلًا إليه، قبل بدء الموعد بما لا يقل عن {minutes}.",
    en="A seat is taken, by a hold, a booking or a move, at least {minutes} before the slot starts.",
    parameters=(Parameter("minutes", "minutes", 0, 30 * 24 * 60, Stricter.MORE, off_at_zero=True),),
)
def _enough_notice(case: BookingCase | SlotCase, now: datetime, minutes: timedelta) -> Finding:
    if case.held is not None:
        return NOT_APPLICABLE  # the hold was in time
    return measured(now + minutes <= case.key.starts_at, case.key.starts_at, now + minutes)


@rule(
    "BK-13",
    ANY_SLOT,
    ar="الحد الأعلى لمواعيد المستفيد القائمة لخدمات المجموعة الواحدة: {appointments}.",
    en="A person's active appointments for the services of one group: at most {appointments}.",
    after=("BK-11",),
    parameters=(Parameter("appointments", "appointments", 1, 20, Stricter.LESS),),
)
def _limit_in_group(case: BookingCase, _now: datetime, appointments: int) -> Finding:
    group = case.service.beside
    return fewer_than(appointments, [other for other in case.others if other.slot.service in group])


@rule(
    "BK-14",
    ANY_SLOT,
    ar="لا تقل المدة الفاصلة بين الموعد وأي موعد قائم آخر للمستفيد نفسه عن {minutes}.",
    en="Between the slot and any other active appointment of the same person there are at least {minutes}.",
    after=("BK-11",),
    parameters=(Parameter("minutes", "minutes", 0, 7 * 24 * 60, Stricter.MORE, off_at_zero=True),),
)
def _far_enough_apart(case: BookingCase, _now: datetime, minutes: timedelta) -> Finding:
    starts_at, ends_at = case.key.starts_at, case.ends_at
    too_near = [
        other
        for other in case.others
        if ends_at <= other.slot.starts_at < ends_at + minutes or starts_at - minutes < other.slot_ends_at <= starts_at
    ]  # BK-09 refuses an overlap
    return broken(too_near[0].number, None, when_fewer(too_near, 1)) if too_near else KEPT


@rule(
    "BK-15", OFFERING, ar="الخدمة غير موقوفة في وقت الموعد.", en="The service is not suspended at the time of the slot."
)
def _not_suspended(case: BookingCase | SlotCase, _now: datetime) -> Finding:
    suspension = case.suspension
    return KEPT if suspension is None else broken(case.key.starts_at, suspension.ends_at)


@rule(
    "BK-16",
    ANY_SLOT | {Use.CANCEL},
    ar="المفوَّض يتصرف في حدود تفويضه: الخدمات المشمولة به، وقبل انتهاء مدته.",
    en="A delegate acts within the delegation: for the services that it covers, and before it ends.",
    indispensable=True,
)
def _within_delegation(case: AnyCase, now: datetime) -> Finding:
    actor = case.actor
    if not isinstance(actor, Delegate) or (slot := case.at) is None:
        return NOT_APPLICABLE
    if slot.service not in actor.services:
        return broken(slot.service, ", ".join(sorted(actor.services)))
    return measured(now < actor.until, now, actor.until)


def fewer_than(limit: int, appointments: Sequence[ListedAppointment]) -> Finding:
    """The finding of a rule that allows one more appointment if fewer than `limit` are active."""
    count = len(appointments)
    if count < limit:
        return kept(count, limit)
    return broken(count, limit, when_fewer(appointments, limit))


def when_fewer(appointments: Sequence[ListedAppointment], limit: int) -> datetime:
    """The instant from which fewer than `limit` of these are active, if no more are added."""
    ends = sorted(until for a in appointments if (until := a.active_until()) is not None)
    return ends[len(ends) - limit]
