"""Rules of booking: which slot, for whom, how many. BK-06 is of booking alone; the others bind holds as well."""

from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from traffic_booking.domain.actors import Actor, may_act_for
from traffic_booking.domain.appointments import Appointment
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.identity import PersonId
from traffic_booking.domain.places import Branch
from traffic_booking.domain.rules.rule import Parameter, Rule, RuleDefinition, Use
from traffic_booking.domain.rules.verdict import Verdict
from traffic_booking.domain.services import InstructionsVersion, Service
from traffic_booking.domain.slots import Slot, SlotKey

BOTH: Final = frozenset({Use.HOLD, Use.BOOK})


@frozen(kw_only=True)
class BookingCase:
    """All that the rules of booking and holding look at.

    `slot` is None where the timetable has none at that time. `others` are the applicant's active appointments, in order
    of their start, less those that this request turns into or gives back. `taken` counts the other seats taken of the
    slot. `agreed` is the version of the instructions that the applicant agreed to, None for none. With `has_seat` the
    applicant holds a seat of the slot already.
    """

    actor: Actor
    applicant: PersonId
    branch: Branch
    service: Service
    offered: bool
    key: SlotKey
    slot: Slot | None
    taken: int
    others: tuple[Appointment, ...]
    agreed: InstructionsVersion | None
    has_seat: bool = False


def _service_offered(rule: Rule, case: BookingCase, _now: datetime) -> Verdict:
    return rule.verdict(case.offered, observed=case.service.id)


def _slot_exists(rule: Rule, case: BookingCase, _now: datetime) -> Verdict:
    return rule.verdict(case.slot is not None, observed=case.key.starts_at)


def _slot_in_future(rule: Rule, case: BookingCase, now: datetime) -> Verdict:
    return rule.verdict(now < case.key.starts_at, observed=case.key.starts_at, limit=now)


def _within_horizon(rule: Rule, case: BookingCase, now: datetime) -> Verdict:
    horizon = timedelta(days=rule["days"])
    opens_at = case.key.starts_at - horizon
    return rule.verdict(opens_at <= now, observed=case.key.starts_at, limit=now + horizon, allowed_from=opens_at)


def _seat_free(rule: Rule, case: BookingCase, _now: datetime) -> Verdict:
    if case.slot is None:
        return rule.verdict(granted=True)  # no slot, no seat: BK-02 says so
    return rule.verdict(case.has_seat or case.taken < case.slot.capacity, observed=case.taken, limit=case.slot.capacity)


def _instructions_agreed(rule: Rule, case: BookingCase, _now: datetime) -> Verdict:
    in_force = case.service.instructions.version
    return rule.verdict(case.agreed == in_force, observed=case.agreed, limit=in_force)


def _one_per_service(rule: Rule, case: BookingCase, _now: datetime) -> Verdict:
    same = [other for other in case.others if other.slot.service == case.service.id]
    return fewer_than(rule, same, rule["appointments"])


def _limit_in_all(rule: Rule, case: BookingCase, _now: datetime) -> Verdict:
    return fewer_than(rule, case.others, rule["appointments"])


def _no_overlap(rule: Rule, case: BookingCase, _now: datetime) -> Verdict:
    starts_at = case.key.starts_at
    ends_at = case.slot.ends_at if case.slot else starts_at + timedelta(minutes=case.service.duration_minutes)
    clashes = [other for other in case.others if other.slot.starts_at < ends_at and starts_at < other.slot_ends_at]
    return rule.verdict(
        not clashes,
        observed=clashes[0].number if clashes else None,
        allowed_from=_when_fewer(clashes, 1) if clashes else None,
    )


def _eligible(rule: Rule, case: BookingCase, _now: datetime) -> Verdict:
    holders = case.service.eligibility.holders
    limit = ", ".join(sorted(holders))
    return rule.verdict(case.applicant.holder in holders, observed=case.applicant.holder.value, limit=limit)


def _own_or_clerk(rule: Rule, case: BookingCase, _now: datetime) -> Verdict:
    return rule.verdict(may_act_for(case.actor, case.applicant))


def fewer_than(rule: Rule, appointments: tuple[Appointment, ...] | list[Appointment], limit: int) -> Verdict:
    """The verdict of a rule that lets a person have one more while they have fewer than `limit` active ones."""
    count = len(appointments)
    frees_at = _when_fewer(appointments, limit) if count >= limit else None
    return rule.verdict(count < limit, observed=count, limit=limit, allowed_from=frees_at)


def _when_fewer(appointments: tuple[Appointment, ...] | list[Appointment], limit: int) -> datetime:
    ends = sorted(until for a in appointments if (until := a.active_until()) is not None)
    return ends[len(ends) - limit]


BOOKING_RULES: Final = (
    RuleDefinition(
        id="BK-01",
        uses=BOTH,
        statement=Bilingual("الخدمة المطلوبة مقدمة في الفرع المختار.", "The branch offers the service."),
        check=_service_offered,
    ),
    RuleDefinition(
        id="BK-02",
        uses=BOTH,
        statement=Bilingual(
            "الموعد المطلوب من مواعيد جدول دوام الفرع لهذه الخدمة.",
            "The time is one of the slots in the branch's timetable for the service.",
        ),
        check=_slot_exists,
        indispensable=True,
    ),
    RuleDefinition(
        id="BK-03",
        uses=BOTH,
        statement=Bilingual("لم يحن وقت بدء الموعد بعد.", "The slot has not started yet."),
        check=_slot_in_future,
    ),
    RuleDefinition(
        id="BK-04",
        uses=BOTH,
        statement=Bilingual(
            "يفتح الحجز قبل الموعد بمدة لا تزيد على {days}.",
            "A slot can be booked from {days} before it starts.",
        ),
        check=_within_horizon,
        parameters=(Parameter("days", "days", 1, 366),),
    ),
    RuleDefinition(
        id="BK-05",
        uses=BOTH,
        statement=Bilingual("يوجد مقعد شاغر في الموعد.", "The slot has a free seat."),
        check=_seat_free,
        indispensable=True,
    ),
    RuleDefinition(
        id="BK-06",
        uses=frozenset({Use.BOOK}),
        statement=Bilingual(
            "وافق المستفيد على تعليمات الخدمة بنسختها السارية.",
            "The applicant has agreed to the service's instructions in the version in force.",
        ),
        check=_instructions_agreed,
        indispensable=True,
    ),
    RuleDefinition(
        id="BK-07",
        uses=BOTH,
        statement=Bilingual(
            "الحد الأعلى لمواعيد المستفيد القائمة للخدمة الواحدة: {appointments}.",
            "A person's active appointments for one service: at most {appointments}.",
        ),
        check=_one_per_service,
        parameters=(Parameter("appointments", "appointments", 1, 5),),
    ),
    RuleDefinition(
        id="BK-08",
        uses=BOTH,
        statement=Bilingual(
            "الحد الأعلى لمواعيد المستفيد القائمة لجميع الخدمات: {appointments}.",
            "A person's active appointments for all services together: at most {appointments}.",
        ),
        check=_limit_in_all,
        parameters=(Parameter("appointments", "appointments", 1, 20),),
    ),
    RuleDefinition(
        id="BK-09",
        uses=BOTH,
        statement=Bilingual(
            "لا يتعارض الموعد مع موعد قائم آخر للمستفيد نفسه.",
            "The slot does not overlap another active appointment of the same person.",
        ),
        check=_no_overlap,
    ),
    RuleDefinition(
        id="BK-10",
        uses=BOTH,
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
            "مقدم الطلب هو المستفيد نفسه أو موظف مخول.",
            "Whoever asks is the applicant or an authorised clerk.",
        ),
        check=_own_or_clerk,
        indispensable=True,
    ),
)
"""In the documented order of the answers."""
