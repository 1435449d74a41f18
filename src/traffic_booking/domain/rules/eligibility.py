"""Rules about the applicant: who may use a service, and how earlier appointments and holds limit new ones."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.people.actors import Delegate
from traffic_booking.domain.rules.booking import BOTH, TAKING, fewer_than
from traffic_booking.domain.rules.rule import Parameter, Stricter, Use, rule
from traffic_booking.domain.rules.verdict import KEPT, NOT_APPLICABLE, NOT_ASSERTED, Finding, broken, kept, measured

if TYPE_CHECKING:
    from traffic_booking.domain.rules.cases import BookingCase


@rule(
    "EL-01",
    TAKING,
    ar="أن يكون المستفيد في يوم الموعد قد أتم الحد الأدنى للعمر المشترط للخدمة.",
    en="By the day of the appointment the applicant has completed the least age for the service.",
    refusal=Bilingual(
        "لن تكون قد أتممت في يوم الموعد العمر المشترط لهذه الخدمة[ (ما لا يقل عن {limit years})]. اختر يومًا"
        " بعد إتمامه.",
        "On the day of the appointment you will not have reached the least age for this service[ ({limit"
        " years})]. Choose a day after that birthday.",
    ),
    unmeasured=Bilingual(
        "لم يُتحقق من تاريخ ميلادك، ولهذه الخدمة عمر مشترط[ لا يقل عن {limit years}]. اطلب التحقق منه، ثم أعد المحاولة.",
        "Your date of birth has not been checked, and this service has a least age[ of {limit years}]. Have"
        " it checked, then try again.",
    ),
    after=("BK-02",),
)
def _old_enough(case: BookingCase, _now: datetime) -> Finding:
    least = case.service.minimum_age_years
    if least is None or case.slot is None:
        return NOT_APPLICABLE
    if case.assertions is None or case.assertions.birth_date is None:
        return broken(NOT_ASSERTED, least)
    from dateutil.relativedelta import relativedelta  # takes long to import, and few services have a least age

    age = relativedelta(case.slot.starts_at.date(), case.assertions.birth_date).years
    return measured(age >= least, age, least)


@rule(
    "EL-02",
    TAKING,
    ar="أن يقع الموعد ضمن المدة التي تُتاح فيها الخدمة قبل انتهاء سريان الوثيقة، أو بعد انتهائه.",
    en="The slot falls within the days before the document's expiry from which the service is open, or later.",
    refusal=Bilingual(
        "لم يحن وقت هذه الخدمة بعد، فهي تُتاح قبيل انتهاء سريان وثيقتك. اختر وقتًا لاحقًا[، ابتداءً من {limit}].",
        "It is too early for this service, which opens shortly before your document expires. Choose a later"
        " time[, from {limit} on].",
    ),
    unmeasured=Bilingual(
        "لم يُتحقق من تاريخ انتهاء وثيقتك، ولا تُتاح هذه الخدمة إلا قبيل انتهاء سريانها أو بعده. اطلب التحقق منه، ثم"
        " أعد المحاولة.",
        "The expiry of your document has not been checked, and this service is open only from shortly"
        " before it. Have it checked, then try again.",
    ),
    after=("BK-02",),
)
def _in_window(case: BookingCase, _now: datetime) -> Finding:
    days = case.service.window_days_before_expiry
    if days is None or case.slot is None:
        return NOT_APPLICABLE
    if case.assertions is None or case.assertions.expires_on is None:
        return broken(NOT_ASSERTED, days)
    first_day = case.assertions.expires_on - timedelta(days=days)
    opens_at = datetime.combine(first_day, time(), ZoneInfo(case.slot.time_zone)).astimezone(UTC)
    return measured(opens_at <= case.key.starts_at, case.key.starts_at, opens_at)


@rule(
    "EL-03",
    TAKING,
    ar="أن تكون شروط الخدمة مستوفاة عند تقديم الطلب، كالفحص الطبي وسداد المخالفات والتأمين والفحص الفني الدوري.",
    en="The conditions of the service are met beforehand, such as the medical check, violations settled,"
    " insurance and the periodic inspection.",
    refusal=Bilingual(
        "لم يثبت استيفاء بعض شروط هذه الخدمة[، وهي: {missing}]. استوفِها أو اطلب التحقق منها، ثم أعد المحاولة.",
        "Conditions of this service are not met, or have not been checked[: {missing}]. Meet them or have them checked,"
        " then try again.",
    ),
    for_all_slots=True,
)
def _prerequisites_met(case: BookingCase, _now: datetime) -> Finding:
    wanted = case.service.prerequisites
    if not wanted:
        return NOT_APPLICABLE
    if case.assertions is None:
        return broken(NOT_ASSERTED, ", ".join(wanted))
    met = [condition for condition in wanted if condition in case.assertions.met]
    return measured(len(met) == len(wanted), ", ".join(met) or None, ", ".join(wanted))


@rule(
    "EL-04",
    TAKING,
    ar="ألا يكون قد مضى على التحقق من بيانات المستفيد التي تتطلبها الخدمة أكثر من {minutes} عند الطلب.",
    en="The host checked the conditions of the service at most {minutes} before the request.",
    refusal=Bilingual(
        "مضى على التحقق من بياناتك أكثر من {minutes}. اطلب التحقق منها من جديد، ثم أعد المحاولة.",
        "Your details were checked more than {minutes} ago. Have them checked again, then repeat the request.",
    ),
    parameters=(Parameter("minutes", "minutes", 1, 90 * 24 * 60, Stricter.LESS),),
    for_all_slots=True,
)
def _checked_lately(case: BookingCase, now: datetime, minutes: timedelta) -> Finding:
    if case.assertions is None or not case.service.needs_assertions:
        return NOT_APPLICABLE
    return measured(now - minutes <= case.assertions.checked_at, case.assertions.checked_at, now - minutes)


PERSONAL_RULES: Final = frozenset(each.id for each in (_old_enough, _in_window, _prerequisites_met, _checked_lately))
"""The rules whose findings show personal data, such as the expiry of a document."""


@rule(
    "CD-01",
    BOTH | {Use.WALK_IN},
    ar="لا يحق لمن ألغى موعده قبل بدئه بأقل من {minutes}، وبعد انقضاء المدة التي تلي حجزه في القاعدة CN-05، أن يحجز"
    " موعدًا آخر للخدمة نفسها إلا بعد {days} من الإلغاء.",
    en="A person who cancels an appointment less than {minutes} before it starts, and not within the time of CN-05"
    " after booking it, books no other for the same service for {days}.",
    refusal=Bilingual(
        "ألغيت موعدًا لهذه الخدمة قبل بدئه بأقل من {minutes}، فلا يمكنك حجز موعد آخر لها إلا بعد {days} من"
        " الإلغاء. أعد المحاولة بعد ذلك[، أي ابتداءً من {allowed_from}].",
        "You cancelled an appointment for this service less than {minutes} before it started, so you cannot"
        " book another one for {days}. Try again after that[, from {allowed_from}].",
    ),
    after=("BK-11", "BK-17"),
    parameters=(
        Parameter("minutes", "minutes", 0, 30 * 24 * 60, Stricter.MORE, off_at_zero=True),
        Parameter("days", "days", 0, 180, Stricter.MORE, off_at_zero=True),
    ),
    looks_back="days",
    for_all_slots=True,
)
def _after_late_cancellation(case: BookingCase, now: datetime, minutes: timedelta, days: timedelta) -> Finding:
    if not case.cancelled_by_applicant:
        return KEPT
    late = [
        cancelled.at
        for cancelled in case.cancelled_by_applicant
        if cancelled.service == case.key.service and cancelled.starts_at - cancelled.at < minutes
    ]
    if not late:
        return KEPT
    free_from = max(late) + days
    return measured(free_from <= now, max(late), free_from, free_from)


@rule(
    "CD-02",
    BOTH | {Use.WALK_IN},
    ar="إذا بلغ عدد المواعيد التي تخلف المستفيد عن حضورها {missed} خلال {window_days}، أُوقف عنه الحجز مدة {days}"
    " من آخرها، وتُزاد المدة بمثلها عن كل تخلف آخر.",
    en="Once missed appointments within {window_days} reach {missed}, nothing is booked for {days} from the last of"
    " them, and for as long again with each one more.",
    refusal=Bilingual(
        "أُوقف عنك الحجز مؤقتًا، لأن عدد المواعيد التي تخلفت عن حضورها خلال {window_days} بلغ الحد ({missed})."
        " أعد المحاولة بعد انتهاء الإيقاف[، أي ابتداءً من {allowed_from}].",
        "Booking is suspended for you, because the appointments that you missed within {window_days} have"
        " reached the limit ({missed}). Try again once that is over[, from {allowed_from}].",
    ),
    after=("BK-11", "BK-17"),
    parameters=(
        Parameter("missed", "no-shows", 1, 20, Stricter.LESS),
        Parameter("window_days", "days", 1, 366, Stricter.MORE),
        Parameter("days", "days", 0, 180, Stricter.MORE, off_at_zero=True),
    ),
    looks_back="window_days",
    for_all_slots=True,
)
def _after_missed(case: BookingCase, now: datetime, missed: int, window_days: timedelta, days: timedelta) -> Finding:
    for_delegate = isinstance(case.actor, Delegate)  # who may not learn of appointments for other services
    if not case.missed:
        return kept(None if for_delegate else 0, missed)
    counted = sorted(ended for ended in case.missed if now - window_days < ended <= now)
    free_from = now if len(counted) < missed else _free_from(counted, missed, window_days, days)
    if for_delegate:
        return measured(free_from <= now, None, missed)
    if len(counted) < missed:
        return kept(len(counted), missed)
    return measured(free_from <= now, len(counted), missed, free_from)


def _free_from(counted: list[datetime], missed: int, window_days: timedelta, days: timedelta) -> datetime:
    """The instant from which a person who missed these appointments (at least `missed`, in order) may book again.

    Each further one extends the wait. Each one that leaves the window shortens it.
    """
    for gone in range(len(counted) - missed + 1):
        since = counted[gone - 1] + window_days if gone else counted[-1]
        free_from = max(since, counted[-1] + days * (len(counted) - gone - missed + 1))
        if free_from < counted[gone] + window_days:
            return free_from
    return counted[-missed] + window_days


@rule(
    "HD-01",
    {Use.HOLD, Use.HOLD_TO_MOVE},
    ar="ألا يزيد ما للمستفيد من حجوزات مؤقتة قائمة على {holds}، وألا تزيد مدة كل منها على {minutes} ولا تمتد إلى ما"
    " بعد بدء وقته.",
    en="A person has at most {holds} at a time, each for at most {minutes} and never beyond the start of its slot.",
    refusal=Bilingual(
        "{holds:لديك حجز مؤقت قائم. أكّده أو ألغِه|بلغت حجوزاتك المؤقتة القائمة الحد الأعلى، ولا يُسمح بأكثر"
        " من {holds}. أكّد أحدها أو ألغِه}[، أو أعد المحاولة ابتداءً من {allowed_from}].",
        "{holds:You already hold another slot. Book it or give it up|You have reached the limit of {holds}."
        " Book one of them or give it up}[, or try again from {allowed_from}].",
    ),
    after=("BK-11",),
    parameters=(
        Parameter("holds", "holds", 1, 10, Stricter.LESS),
        Parameter("minutes", "minutes", 1, 60, Stricter.LESS),
    ),
)
def _few_holds(case: BookingCase, _now: datetime, holds: int, minutes: timedelta) -> Finding:  # noqa: ARG001 - a hold's length
    return fewer_than(holds, [other for other in case.others if other.state is AppointmentState.HELD], case)
