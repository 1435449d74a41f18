"""Rules of booking a slot. All but BK-06 apply to holds, all but BK-11 to moves; to a hold for a move, all but both.

A walk-in has no rule of notice or horizon, and rules of its own, BK-17 and BK-18.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.people.actors import Delegate, is_staff, may_act_for
from traffic_booking.domain.rules.rule import Parameter, Stricter, Use, rule
from traffic_booking.domain.rules.verdict import BROKEN, KEPT, NOT_APPLICABLE, Finding, broken, kept, measured

if TYPE_CHECKING:
    from traffic_booking.domain.appointments.appointment import ListedAppointment
    from traffic_booking.domain.places.services import ServiceId
    from traffic_booking.domain.rules.cases import AnyCase, BookingCase
    from traffic_booking.domain.rules.restrictions import SlotCase

BOTH: Final = frozenset({Use.HOLD, Use.BOOK})
ANY_SLOT: Final = BOTH | {Use.MOVE, Use.HOLD_TO_MOVE}
"""The uses that take a slot: a move is decided as the booking of the new one, and a hold for a move as its hold."""
TAKING: Final = ANY_SLOT | {Use.WALK_IN}
"""The uses of rules that apply to a person who books ahead, and to one who is already at the branch."""
OFFERING: Final = ANY_SLOT | {Use.SEARCH}
"""The uses of rules that read the slot alone: a search offers no slot that they refuse."""


@rule(
    "BK-01",
    TAKING,
    ar="أن تكون الخدمة المطلوبة مقدمة في الفرع المختار.",
    en="The branch offers the service.",
    refusal=Bilingual(
        "هذا الفرع لا يقدّم الخدمة المطلوبة. اختر فرعًا آخر يقدّمها.",
        "This branch does not offer the service. Choose a branch that does.",
    ),
)
def _service_offered(case: BookingCase, _now: datetime) -> Finding:
    return measured(case.offered, case.key.service, None)


@rule(
    "BK-02",
    TAKING,
    ar="أن يكون الوقت المطلوب من الأوقات المتاحة للخدمة في جدول الفرع.",
    en="The time is one of the slots in the branch's timetable for the service.",
    refusal=Bilingual(
        "الوقت المطلوب ليس من أوقات هذه الخدمة في جدول الفرع. اختر وقتًا من الأوقات المتاحة.",
        "The branch's timetable has no slot for this service at that time. Choose one of the available times.",
    ),
    indispensable=True,
)
def _slot_exists(case: BookingCase, _now: datetime) -> Finding:
    return measured(case.slot is not None, case.key.starts_at, None)


@rule(
    "BK-03",
    OFFERING,
    ar="أن يكون وقت الموعد لاحقًا لوقت الطلب.",
    en="The slot has not started yet.",
    refusal=Bilingual(
        "بدأ هذا الوقت أو مضى. اختر وقتًا لاحقًا.",
        "This time has begun or passed. Choose a later one.",
    ),
)
def _slot_in_future(case: BookingCase | SlotCase, now: datetime) -> Finding:
    return measured(now < case.key.starts_at, case.key.starts_at, now)


@rule(
    "BK-04",
    OFFERING,
    ar="ألا يبعد الموعد عن وقت الطلب أكثر من {days}.",
    en="A slot can be booked from {days} before it starts.",
    refusal=Bilingual(
        "لم يُفتح الحجز لهذا الوقت بعد، إذ لا يُفتح الحجز قبل الموعد بأكثر من {days}. اختر وقتًا أقرب[، أو احجز هذا"
        " الوقت ابتداءً من {allowed_from}].",
        "This time cannot be booked yet: a slot opens {days} before it starts. Choose an earlier time[, or"
        " book this one from {allowed_from}].",
    ),
    parameters=(Parameter("days", "days", 1, 366, Stricter.LESS),),
)
def _within_horizon(case: BookingCase | SlotCase, now: datetime, days: timedelta) -> Finding:
    starts_at, last = case.key.starts_at, now + days
    return kept(starts_at, last) if starts_at <= last else broken(starts_at, last, starts_at - days)


@rule(
    "BK-05",
    TAKING,
    ar="أن يكون في الموعد مقعد شاغر.",
    en="The slot has a free seat.",
    refusal=Bilingual(
        "هذا الوقت لم يعد متاحًا. اختر وقتًا آخر.",
        "This time is no longer free. Choose another one.",
    ),
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
    {Use.BOOK, Use.MOVE, Use.WALK_IN},
    ar="أن يوافق المستفيد على تعليمات الخدمة بنسختها السارية.",
    en="The applicant has agreed to the service's instructions in the version in force.",
    refusal=Bilingual(
        "لم تُسجَّل موافقتك على تعليمات الخدمة. اقرأها ثم اضغط «موافق».",
        "Your agreement to the service's instructions is not recorded. Read them, then press “Agree”.",
    ),
    indispensable=True,
)
def _instructions_agreed(case: BookingCase, _now: datetime) -> Finding:
    in_force = case.service.instructions
    return measured(case.agreed == in_force, case.agreed, in_force)


@rule(
    "BK-07",
    TAKING,
    ar="ألا يزيد ما للمستفيد من مواعيد قائمة للخدمة الواحدة على {appointments}.",
    en="For one service, a person has at most {appointments} at a time.",
    refusal=Bilingual(
        "{appointments:لديك موعد قائم لهذه الخدمة. ألغِه أو انقله|بلغت مواعيدك القائمة لهذه الخدمة الحد"
        " الأعلى، ولا يُسمح بأكثر من {appointments}. ألغِ أحدها أو انقله}[، أو احجز"
        " {appointments:بعد انتهائه|بعد انتهاء أحدها} في {allowed_from}].",
        "{appointments:You already have an appointment for this service. Cancel or move it|You have reached"
        " the limit of {appointments} for this service. Cancel or move one of them}[, or book after"
        " {appointments:it|one of them} ends, on {allowed_from}].",
    ),
    after=("BK-11", "BK-17"),
    parameters=(Parameter("appointments", "appointments", 1, 5, Stricter.LESS),),
    for_all_slots=True,
)
def _one_per_service(case: BookingCase, _now: datetime, appointments: int) -> Finding:
    service = case.key.service
    return fewer_than(appointments, [other for other in case.others if other.slot.service == service], case, {service})


@rule(
    "BK-08",
    TAKING,
    ar="ألا يزيد ما للمستفيد من مواعيد قائمة لجميع الخدمات على {appointments}.",
    en="For all services together, a person has at most {appointments} at a time.",
    refusal=Bilingual(
        "{appointments:لديك موعد قائم، ولا يُسمح بأكثر من موعد واحد لجميع الخدمات. ألغِه|بلغت مواعيدك القائمة"
        " الحد الأعلى، ولا يُسمح بأكثر من {appointments} لجميع الخدمات. ألغِ أحدها}[، أو احجز ابتداءً من"
        " {allowed_from}].",
        "{appointments:You already have an appointment, and may have only one for all services together. Cancel it|"
        "You have reached the limit of {appointments} for all services together. Cancel one of them}[, or book from"
        " {allowed_from}].",
    ),
    after=("BK-11", "BK-17"),
    parameters=(Parameter("appointments", "appointments", 1, 20, Stricter.LESS),),
    for_all_slots=True,
)
def _limit_in_all(case: BookingCase, _now: datetime, appointments: int) -> Finding:
    return fewer_than(appointments, case.others, case)


@rule(
    "BK-09",
    TAKING,
    ar="ألا يتعارض الموعد مع موعد قائم آخر للمستفيد نفسه.",
    en="The slot does not overlap another active appointment of the same person.",
    refusal=Bilingual(
        "يتعارض هذا الوقت مع موعد قائم لك[ رقمه {observed}]. اختر وقتًا آخر، أو ألغِ ذلك الموعد أولًا.",
        "This time overlaps an appointment that you have[, number {observed}]. Choose another time, or cancel"
        " that appointment first.",
    ),
    after=("BK-11", "BK-17"),
)
def _no_overlap(case: BookingCase, _now: datetime) -> Finding:
    if not case.others:
        return KEPT
    starts_at, ends_at = case.key.starts_at, case.ends_at
    clashes = [other for other in case.others if other.slot.starts_at < ends_at and starts_at < other.slot_ends_at]
    return beside(clashes, case) if clashes else KEPT


@rule(
    "BK-10",
    TAKING,
    ar="أن تكون الخدمة متاحة لفئة المستفيد (مواطن أو مقيم).",
    en="The service is open to holders of the applicant's kind of identity document.",
    refusal=Bilingual(
        "هذه الخدمة غير متاحة لفئتك[ ({observed})، وهي متاحة لفئة: {limit}]. اختر خدمة أخرى.",
        "This service is not open to your group[ ({observed}); it is open to: {limit}]. Choose another service.",
    ),
    for_all_slots=True,
)
def _eligible(case: BookingCase, _now: datetime) -> Finding:
    holder, holders = case.applicant.holder, case.service.holders
    return measured(holder in holders, str(holder), case.service.holders_named)


@rule(
    "BK-11",
    BOTH,
    ar="أن يكون مقدم الطلب هو المستفيد نفسه أو من فوّضه أو موظفًا مخولًا في الفرع.",
    en="The requester is the applicant, a delegate of theirs, or an authorised clerk of the branch.",
    refusal=Bilingual(
        "لا يحق لك الحجز لهذا المستفيد. يحجز المستفيد بنفسه، أو من فوّضه، أو موظف مخول في الفرع.",
        "You may not book for this person. They can book themselves, or through their delegate or an authorised clerk"
        " of the branch.",
    ),
    indispensable=True,
)
def _own_or_clerk(case: BookingCase, _now: datetime) -> Finding:
    return KEPT if may_act_for(case.actor, case.applicant, case.key.branch) else BROKEN


@rule(
    "BK-12",
    OFFERING,
    ar="أن يسبق الطلبُ بدءَ الموعد بمدة لا تقل عن {minutes}.",
    en="A seat is taken, by a hold, a booking or a move, at least {minutes} before the slot starts.",
    refusal=Bilingual(
        "فات أوان حجز هذا الوقت، إذ يجب أن يسبق الحجزُ بدءَ الموعد بمدة لا تقل عن {minutes}. اختر وقتًا لاحقًا.",
        "It is too late to book this time: booking closes {minutes} before the start. Choose a later time.",
    ),
    parameters=(Parameter("minutes", "minutes", 0, 30 * 24 * 60, Stricter.MORE, off_at_zero=True),),
)
def _enough_notice(case: BookingCase | SlotCase, now: datetime, minutes: timedelta) -> Finding:
    if case.held is not None:
        return NOT_APPLICABLE  # the hold was in time
    return measured(now + minutes <= case.key.starts_at, case.key.starts_at, now + minutes)


@rule(
    "BK-13",
    TAKING,
    ar="ألا يزيد ما للمستفيد من مواعيد قائمة لخدمات المجموعة الواحدة على {appointments}.",
    en="For the services of one group, a person has at most {appointments} at a time.",
    refusal=Bilingual(
        "{appointments:لديك موعد قائم لإحدى خدمات هذه المجموعة، ولا يُسمح لها بأكثر من موعد واحد. ألغِه|بلغت"
        " مواعيدك القائمة لخدمات هذه المجموعة الحد الأعلى، ولا يُسمح بأكثر من {appointments}. ألغِ أحدها}[،"
        " أو احجز ابتداءً من {allowed_from}].",
        "{appointments:You already have an appointment for a service of this group, and may have only one at"
        " a time. Cancel it|You have reached the limit of {appointments} for the services of this group."
        " Cancel one of them}[, or book from {allowed_from}].",
    ),
    after=("BK-11", "BK-17"),
    parameters=(Parameter("appointments", "appointments", 1, 20, Stricter.LESS),),
    for_all_slots=True,
)
def _limit_in_group(case: BookingCase, _now: datetime, appointments: int) -> Finding:
    group = case.service.beside
    return fewer_than(appointments, [other for other in case.others if other.slot.service in group], case, group)


@rule(
    "BK-14",
    TAKING,
    ar="ألا تقل المدة الفاصلة بين الموعد وأي موعد قائم آخر للمستفيد نفسه عن {minutes}.",
    en="Between the slot and any other active appointment of the same person there are at least {minutes}.",
    refusal=Bilingual(
        "بين هذا الوقت وموعد قائم لك[ رقمه {observed}] مدة تقل عن {minutes}. اختر وقتًا أبعد عنه.",
        "This time is less than {minutes} away from an appointment that you have[, number {observed}]. Choose"
        " a time further away from it.",
    ),
    after=("BK-11", "BK-17"),
    parameters=(Parameter("minutes", "minutes", 0, 7 * 24 * 60, Stricter.MORE, off_at_zero=True),),
)
def _far_enough_apart(case: BookingCase, _now: datetime, minutes: timedelta) -> Finding:
    starts_at, ends_at = case.key.starts_at, case.ends_at
    too_near = [
        other
        for other in case.others
        if ends_at <= other.slot.starts_at < ends_at + minutes or starts_at - minutes < other.slot_ends_at <= starts_at
    ]  # BK-09 refuses an overlap
    return beside(too_near, case) if too_near else KEPT


@rule(
    "BK-15",
    OFFERING | {Use.WALK_IN},
    ar="ألا تكون الخدمة موقوفة في وقت الموعد.",
    en="The service is not suspended at the time of the slot.",
    refusal=Bilingual(
        "الخدمة موقوفة في هذا الوقت[، وتُستأنف في {limit}]. اختر وقتًا بعد استئنافها.",
        "The service is suspended at this time[ and resumes on {limit}]. Choose a time after it resumes.",
    ),
)
def _not_suspended(case: BookingCase | SlotCase, _now: datetime) -> Finding:
    suspension = case.suspension
    return KEPT if suspension is None else broken(case.key.starts_at, suspension.ends_at)


@rule(
    "BK-16",
    ANY_SLOT | {Use.CANCEL, Use.STAY},
    ar="أن يتصرف المفوَّض في حدود تفويضه: في الخدمات المشمولة به، وقبل انتهاء مدته.",
    en="A delegate acts within the delegation: for the services that it covers, and before it ends.",
    refusal=Bilingual(
        "انتهت مدة تفويضك[ في {limit}]. اطلب من المستفيد تفويضًا جديدًا، أو أن يقدّم الطلب بنفسه.",
        "Your delegation ended[ on {limit}]. Ask the applicant for a new one, or to make the request themselves.",
    ),
    unmeasured=Bilingual(
        "لا يشمل تفويضك هذه الخدمة. اطلب من المستفيد تفويضًا يشملها، أو أن يقدّم الطلب بنفسه.",
        "Your delegation does not cover this service. Ask the applicant for one that does, or to make the"
        " request themselves.",
    ),
    indispensable=True,
    for_all_slots=True,
)
def _within_delegation(case: AnyCase, now: datetime) -> Finding:
    actor = case.actor
    if not isinstance(actor, Delegate) or (slot := case.at) is None:
        return NOT_APPLICABLE
    if slot.service not in actor.services:
        return broken(slot.service, ", ".join(sorted(actor.services)))
    return measured(now < actor.until, now, actor.until)


@rule(
    "BK-17",
    {Use.WALK_IN},
    ar="أن يستقبل المراجعَ بلا موعد موظف مخول في الفرع.",
    en="A person without an appointment is received by an authorised clerk of the branch.",
    refusal=Bilingual(
        "لا يحق لك استقبال مراجع بلا موعد. اطلب ذلك من موظف مخول في الفرع.",
        "You may not receive a person without an appointment. Ask an authorised clerk of the branch.",
    ),
    indispensable=True,
)
def _received_by_staff(case: BookingCase, _now: datetime) -> Finding:
    return KEPT if is_staff(case.actor, case.key.branch) else BROKEN


@rule(
    "BK-18",
    {Use.WALK_IN},
    ar="ألا يُعطى المراجعُ بلا موعد إلا وقتًا جاريًا، أو وقتًا يبدأ خلال {minutes}.",
    en="A person without an appointment gets a slot that is under way, or one that starts within {minutes}.",
    refusal=Bilingual(
        "لا يوجد الآن لهذه الخدمة وقت جارٍ أو وقت يبدأ قريبًا. احجز موعدًا[، أو عُد ابتداءً من {allowed_from}].",
        "No slot for this service is under way or about to start. Book an appointment[, or come back from"
        " {allowed_from}].",
    ),
    after=("BK-02",),
    parameters=(Parameter("minutes", "minutes", 0, 24 * 60, Stricter.LESS),),
    indispensable=True,
)
def _under_way_or_next(case: BookingCase, now: datetime, minutes: timedelta) -> Finding:
    if case.slot is None:
        return NOT_APPLICABLE
    if case.ends_at <= now:
        return broken(now, case.ends_at)
    opens_at = case.key.starts_at - minutes
    return measured(opens_at <= now, now, opens_at, opens_at)


def fewer_than(
    limit: int, appointments: Sequence[ListedAppointment], case: BookingCase, of: AbstractSet[ServiceId] | None = None
) -> Finding:
    """The finding of a rule that allows one more appointment if fewer than `limit` are active.

    `of` contains the services whose appointments count, None: all services. A delegate who may not see all of them
    learns neither their count nor their ends: not that there are none, either.
    """
    count, actor = len(appointments), case.actor
    if count < limit:
        counted = not isinstance(actor, Delegate) or (of is not None and of <= actor.services)
        return kept(count if counted else None, limit)
    shown = case.may_show(appointments)
    return broken(count, limit, when_fewer(appointments, limit)) if shown else broken(None, limit)


def beside(appointments: Sequence[ListedAppointment], case: BookingCase) -> Finding:
    """The finding of a rule that `appointments` break: the number of the first, unless a delegate may not see them."""
    return broken(appointments[0].number, None, when_fewer(appointments, 1)) if case.may_show(appointments) else BROKEN


def when_fewer(appointments: Sequence[ListedAppointment], limit: int) -> datetime:
    """The instant from which fewer than `limit` of these are active, if no more are added."""
    ends = sorted(until for a in appointments if (until := a.active_until()) is not None)
    return ends[len(ends) - limit]
