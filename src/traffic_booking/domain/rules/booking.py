"""Rules of booking: which slot, for whom, how many. All but BK-06 bind holds, all but BK-11 (MV-01 says it) moves."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from traffic_booking.domain.appointments.appointment import AppointmentState, ListedAppointment
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.people.actors import Delegate, may_act_for
from traffic_booking.domain.rules.cases import AnyCase, BookingCase
from traffic_booking.domain.rules.rule import Parameter, RuleDefinition, Stricter, Use
from traffic_booking.domain.rules.verdict import BROKEN, KEPT, Finding

BOTH: Final = frozenset({Use.HOLD, Use.BOOK})
ANY_SLOT: Final = BOTH | {Use.MOVE}
"""What takes a slot: a move is decided as the booking of the new one."""


def _service_offered(case: BookingCase, _now: datetime) -> Finding:
    return case.offered, case.key.service, None, None


def _slot_exists(case: BookingCase, _now: datetime) -> Finding:
    return case.slot is not None, case.key.starts_at, None, None


def _slot_in_future(case: BookingCase, now: datetime) -> Finding:
    return now < case.key.starts_at, case.key.starts_at, now, None


def _within_horizon(case: BookingCase, now: datetime, days: timedelta) -> Finding:
    opens_at = case.key.starts_at - days
    return opens_at <= now, case.key.starts_at, now + days, opens_at


def _seat_free(case: BookingCase, _now: datetime) -> Finding:
    if case.slot is None:
        return KEPT  # no slot, no seat: BK-02 says so
    return case.held is not None or case.seats_taken < case.slot.capacity, case.seats_taken, case.slot.capacity, None


def _instructions_agreed(case: BookingCase, _now: datetime) -> Finding:
    in_force = case.service.instructions
    return case.agreed == in_force, case.agreed, in_force, None


def _one_per_service(case: BookingCase, _now: datetime, appointments: int) -> Finding:
    return fewer_than(appointments, [other for other in case.others if other.slot.service == case.key.service])


def _limit_in_all(case: BookingCase, _now: datetime, appointments: int) -> Finding:
    return fewer_than(appointments, case.others)


def _no_overlap(case: BookingCase, _now: datetime) -> Finding:
    if not case.others:
        return KEPT
    starts_at, ends_at = case.key.starts_at, case.ends_at
    clashes = [other for other in case.others if other.slot.starts_at < ends_at and starts_at < other.slot_ends_at]
    return (False, clashes[0].number, None, when_fewer(clashes, 1)) if clashes else KEPT


def _eligible(case: BookingCase, _now: datetime) -> Finding:
    holder, holders = case.applicant.holder, case.service.holders
    return holder in holders, holder.value, case.service.holders_named, None


def _own_or_clerk(case: BookingCase, _now: datetime) -> Finding:
    return KEPT if may_act_for(case.actor, case.applicant) else BROKEN


def _enough_notice(case: BookingCase, now: datetime, minutes: timedelta) -> Finding:
    if case.held is not None:
        return KEPT  # the notice was given when the slot was held
    return not minutes or now + minutes <= case.key.starts_at, case.key.starts_at, now + minutes, None


def _limit_in_group(case: BookingCase, _now: datetime, appointments: int) -> Finding:
    group = case.service.beside
    return fewer_than(appointments, [other for other in case.others if other.slot.service in group])


def _far_enough_apart(case: BookingCase, _now: datetime, minutes: timedelta) -> Finding:
    if not minutes:
        return KEPT
    starts_at, ends_at = case.key.starts_at, case.ends_at
    too_near = [
        other
        for other in case.others
        if ends_at <= other.slot.starts_at < ends_at + minutes or starts_at - minutes < other.slot_ends_at <= starts_at
    ]  # those that overlap are BK-09's
    return (False, too_near[0].number, None, when_fewer(too_near, 1)) if too_near else KEPT


def _not_suspended(case: BookingCase, _now: datetime) -> Finding:
    suspension = case.suspension
    return KEPT if suspension is None else (False, case.key.starts_at, suspension.ends_at, None)


def _within_delegation(case: AnyCase, now: datetime) -> Finding:
    actor, slot = case.actor, case.at
    if not isinstance(actor, Delegate) or slot is None:
        return KEPT
    if slot.service not in actor.services:
        return False, slot.service, ", ".join(sorted(actor.services)), None
    return now < actor.until, now, actor.until, None


def fewer_than(limit: int, appointments: Sequence[ListedAppointment]) -> Finding:
    """The finding of a rule that lets a person have one more while they have fewer than `limit` active ones."""
    count = len(appointments)
    if count < limit:
        return True, count, limit, None
    return False, count, limit, when_fewer(appointments, limit)


def when_fewer(appointments: Sequence[ListedAppointment], limit: int) -> datetime:
    """The instant from which fewer than `limit` of these are active, if no more come."""
    ends = sorted(until for a in appointments if (until := a.active_until()) is not None)
    return ends[len(ends) - limit]


BOOKING_RULES: Final = (
    RuleDefinition(
        id="BK-01",
        uses=ANY_SLOT,
        statement=Bilingual("الخدمة المطلوبة مقدمة في الفرع المختار.", "The branch offers the service."),
        check=_service_offered,
    ),
    RuleDefinition(
        id="BK-02",
        uses=ANY_SLOT,
        statement=Bilingual(
            "الموعد المطلوب من مواعيد جدول دوام الفرع لهذه الخدمة.",
            "The time is one of the slots in the branch's timetable for the service.",
        ),
        check=_slot_exists,
        indispensable=True,
    ),
    RuleDefinition(
        id="BK-03",
        uses=ANY_SLOT,
        statement=Bilingual("لم يحن وقت بدء الموعد بعد.", "The slot has not started yet."),
        check=_slot_in_future,
    ),
    RuleDefinition(
        id="BK-04",
        uses=ANY_SLOT,
        statement=Bilingual(
            "يفتح الحجز قبل الموعد بمدة لا تزيد على {days}.",
            "A slot can be booked from {days} before it starts.",
        ),
        check=_within_horizon,
        parameters=(Parameter("days", "days", 1, 366, Stricter.LESS),),
    ),
    RuleDefinition(
        id="BK-05",
        uses=ANY_SLOT,
        statement=Bilingual("يوجد مقعد شاغر في الموعد.", "The slot has a free seat."),
        check=_seat_free,
        indispensable=True,
    ),
    RuleDefinition(
        id="BK-06",
        uses=frozenset({Use.BOOK, Use.MOVE}),
        statement=Bilingual(
            "وافق المستفيد على تعليمات الخدمة بنسختها السارية.",
            "The applicant has agreed to the service's instructions in the version in force.",
        ),
        check=_instructions_agreed,
        indispensable=True,
    ),
    RuleDefinition(
        id="BK-07",
        uses=ANY_SLOT,
        statement=Bilingual(
            "الحد الأعلى لمواعيد المستفيد القائمة للخدمة الواحدة: {appointments}.",
            "A person's active appointments for one service: at most {appointments}.",
        ),
        check=_one_per_service,
        parameters=(Parameter("appointments", "appointments", 1, 5, Stricter.LESS),),
    ),
    RuleDefinition(
        id="BK-08",
        uses=ANY_SLOT,
        statement=Bilingual(
            "الحد الأعلى لمواعيد المستفيد القائمة لجميع الخدمات: {appointments}.",
            "A person's active appointments for all services together: at most {appointments}.",
        ),
        check=_limit_in_all,
        parameters=(Parameter("appointments", "appointments", 1, 20, Stricter.LESS),),
    ),
    RuleDefinition(
        id="BK-09",
        uses=ANY_SLOT,
        statement=Bilingual(
            "لا يتعارض الموعد مع موعد قائم آخر للمستفيد نفسه.",
            "The slot does not overlap another active appointment of the same person.",
        ),
        check=_no_overlap,
    ),
    RuleDefinition(
        id="BK-10",
        uses=ANY_SLOT,
        statement=Bilingual(
            "الخدمة متاحة لحملة نوع وثيقة المستفيد (الهوية الوطنية أو الإقامة).",
            "The service is open to holders of the applicant's kind of identity document.",
        ),
        check=_eligible,
    ),
    RuleDefinition(
        id="BK-11",
        uses=BOTH,
        statement=Bilingual(
            "مقدم الطلب هو المستفيد نفسه أو من فوّضه أو موظف مخول.",
            "Whoever asks is the applicant, a delegate of theirs, or an authorised clerk.",
        ),
        check=_own_or_clerk,
        indispensable=True,
    ),
    RuleDefinition(
        id="BK-12",
        uses=ANY_SLOT,
        statement=Bilingual(
            "يؤخذ المقعد، حجزًا مؤقتًا أو حجزًا أو نقلًا إليه، قبل بدء الموعد بما لا يقل عن {minutes}.",
            "A seat is taken, by a hold, a booking or a move, at least {minutes} before the slot starts.",
        ),
        check=_enough_notice,
        parameters=(Parameter("minutes", "minutes", 0, 30 * 24 * 60, Stricter.MORE, off_at_zero=True),),
    ),
    RuleDefinition(
        id="BK-13",
        uses=ANY_SLOT,
        statement=Bilingual(
            "الحد الأعلى لمواعيد المستفيد القائمة لخدمات المجموعة الواحدة: {appointments}.",
            "A person's active appointments for the services of one group: at most {appointments}.",
        ),
        check=_limit_in_group,
        parameters=(Parameter("appointments", "appointments", 1, 20, Stricter.LESS),),
    ),
    RuleDefinition(
        id="BK-14",
        uses=ANY_SLOT,
        statement=Bilingual(
            "لا تقل المدة الفاصلة بين الموعد وأي موعد قائم آخر للمستفيد نفسه عن {minutes}.",
            "Between the slot and any other active appointment of the same person there are at least {minutes}.",
        ),
        check=_far_enough_apart,
        parameters=(Parameter("minutes", "minutes", 0, 7 * 24 * 60, Stricter.MORE, off_at_zero=True),),
    ),
    RuleDefinition(
        id="BK-15",
        uses=ANY_SLOT,
        statement=Bilingual(
            "الخدمة غير موقوفة في وقت الموعد.",
            "The service is not suspended at the time of the slot.",
        ),
        check=_not_suspended,
    ),
    RuleDefinition(
        id="BK-16",
        uses=ANY_SLOT | {Use.CANCEL},
        statement=Bilingual(
            "المفوَّض يتصرف في حدود تفويضه: الخدمات المشمولة به، وقبل انتهاء مدته.",
            "A delegate acts within the delegation: for the services that it covers, and before it ends.",
        ),
        check=_within_delegation,
        indispensable=True,
    ),
)
"""In the documented order of the answers."""


def _few_holds(case: BookingCase, _now: datetime, holds: int, minutes: timedelta) -> Finding:  # noqa: ARG001 - a hold's length
    return fewer_than(holds, [other for other in case.others if other.state is AppointmentState.HELD])


HOLDING_RULES: Final = (
    RuleDefinition(
        id="HD-01",
        uses=frozenset({Use.HOLD}),
        statement=Bilingual(
            "الحد الأعلى للحجوزات المؤقتة القائمة للمستفيد: {holds}، ولا تتجاوز مدة كل منها {minutes}.",
            "A person's live holds: at most {holds}, each for {minutes}.",
        ),
        check=_few_holds,
        parameters=(
            Parameter("holds", "holds", 1, 10, Stricter.LESS),
            Parameter("minutes", "minutes", 1, 60, Stricter.LESS),
        ),
    ),
)
"""In the documented order of the answers."""
