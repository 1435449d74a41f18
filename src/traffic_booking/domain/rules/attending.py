"""Rules of the gate (checking in, serving, no-shows, appeals), of declaring calendar records, and of signing in."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from traffic_booking.domain.appointments.states import EXPECTED, AppointmentState, Arrival
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.people.actors import is_staff
from traffic_booking.domain.rules.rule import Parameter, Stricter, Use, rule
from traffic_booking.domain.rules.verdict import BROKEN, KEPT, NOT_APPLICABLE, Finding, measured

if TYPE_CHECKING:
    from traffic_booking.domain.appointments.appointment import Appointment
    from traffic_booking.domain.people.attempts import Failures, ResetCode, SignInCase
    from traffic_booking.domain.people.sign_in import ResumeCase
    from traffic_booking.domain.rules.cases import AppointmentCase, DeclarationCase, MissedCase
    from traffic_booking.domain.rules.rule import Rule

OPENS: Final = "AT-03"
"""The rule with the time before the start at which check-in opens, and from which nobody is early any more."""
CLOSES: Final = "AT-04"
"""The rule with the time after the start at which check-in ends."""


def _seen_by_staff(case: AppointmentCase) -> Appointment | None:
    appointment = case.appointment
    return appointment if appointment is not None and is_staff(case.actor, appointment.slot.branch) else None


@rule(
    "AT-01",
    {Use.CHECK_IN, Use.SERVE, Use.NO_SHOW, Use.EXCUSE},
    ar="أن يكون الموعد موجودًا، وأن يسجّل الحضورَ له أو إنجازَ خدمته أو التخلفَ عنه أو قبولَ العذر موظف مخول في فرعه.",
    en="The appointment exists, and an authorised clerk of its branch checks it in, serves it, records that it was"
    " missed, or accepts an excuse.",
    refusal=Bilingual(
        "لا يوجد موعد بهذا الرقم يحق لك إجراء ذلك له. تحقق من الرقم، أو اطلب ذلك من موظف مخول في الفرع.",
        "There is no appointment with this number for which you may do this. Check the number, or ask an authorised"
        " clerk of the branch.",
    ),
    indispensable=True,
)
def _known_and_by_staff(case: AppointmentCase, _now: datetime) -> Finding:
    return BROKEN if _seen_by_staff(case) is None else KEPT


@rule(
    "AT-02",
    {Use.CHECK_IN},
    ar="أن يكون الموعد محجوزًا، وألا يكون قد سُجّل الحضور له. فإن أبلغت بوابة لاحقًا بأنها أدخلت صاحبه، سُجّل ذلك أيضًا،"
    " ولو سُجّل حضوره أو تخلّفه قبل ذلك.",
    en="The appointment is booked and not yet checked in. If a gate reports later that it admitted the applicant, that"
    " is recorded also if they are checked in, served or recorded as missed.",
    refusal=Bilingual(
        "لا يمكن تسجيل الحضور لهذا الموعد[، فحالته: {observed}]. راجع بيانات الموعد.",
        "This appointment cannot be checked in[: its state is “{observed}”]. Look at its details.",
    ),
    after=("AT-01",),
    indispensable=True,
)
def _is_booked(case: AppointmentCase, now: datetime) -> Finding:
    again = frozenset[AppointmentState]() if case.came_at is None else EXPECTED
    return _has_state(case, now, AppointmentState.BOOKED, again)


@rule(
    "AT-03",
    {Use.CHECK_IN},
    ar="ألا يُسجَّل الحضور قبل بدء الموعد بأكثر من {minutes}، ومن حضر قبل بدئه بأكثر من {early_minutes} عُدّ مبكرًا.",
    en="Check-in opens {minutes} before the appointment starts. A person who comes more than {early_minutes} before the"
    " start is early.",
    refusal=Bilingual(
        "لم يبدأ تسجيل الحضور لهذا الموعد بعد. انتظر حتى يبدأ[ في {allowed_from}].",
        "Check-in for this appointment has not opened yet. Wait until it opens[, on {allowed_from}].",
    ),
    after=("AT-01",),
    parameters=(
        Parameter("minutes", "minutes", 0, 24 * 60, Stricter.LESS),
        Parameter("early_minutes", "minutes", 0, 24 * 60, Stricter.LESS),
    ),
)
def _not_too_early(
    case: AppointmentCase,
    now: datetime,
    minutes: timedelta,
    early_minutes: timedelta,  # noqa: ARG001 - `arrival_at` reads it
) -> Finding:
    appointment = _seen_by_staff(case)
    if appointment is None:
        return NOT_APPLICABLE
    opens_at, came_at = appointment.slot.starts_at - minutes, case.came_at or now
    return measured(opens_at <= came_at, came_at, opens_at, opens_at)


@rule(
    "AT-04",
    {Use.CHECK_IN},
    ar="ألا يُسجَّل الحضور بعد مضي أكثر من {minutes} على بدء الموعد، ومن حضر بعد بدئه عُدّ متأخرًا.",
    en="Check-in closes {minutes} after the appointment has started. A person who comes after the start is late.",
    refusal=Bilingual(
        "انتهى وقت تسجيل الحضور لهذا الموعد[ في {limit}]. احجز موعدًا جديدًا.",
        "The time for checking in ended[ on {limit}]. Book a new appointment.",
    ),
    after=("AT-01",),
    parameters=(Parameter("minutes", "minutes", 0, 24 * 60, Stricter.LESS),),
)
def _not_too_late(case: AppointmentCase, now: datetime, minutes: timedelta) -> Finding:
    appointment = _seen_by_staff(case)
    if appointment is None:
        return NOT_APPLICABLE
    closes_at, came_at = appointment.slot.starts_at + minutes, case.came_at or now
    return measured(came_at <= closes_at, came_at, closes_at)


@rule(
    "AT-05",
    {Use.SERVE},
    ar="ألا يُسجَّل إنجاز الخدمة إلا لموعد سُجّل الحضور له.",
    en="The service is recorded as done only for an appointment that is checked in.",
    refusal=Bilingual(
        "لا يمكن تسجيل إنجاز الخدمة لهذا الموعد[، فحالته: {observed}]. راجع بياناته.",
        "The service cannot be recorded as done for this appointment[: its state is “{observed}”]. Look at its"
        " details.",
    ),
    after=("AT-01",),
    indispensable=True,
)
def _is_checked_in(case: AppointmentCase, now: datetime) -> Finding:
    return _has_state(case, now, AppointmentState.CHECKED_IN)


@rule(
    "AT-06",
    {Use.NO_SHOW},
    ar="ألا يُسجَّل التخلف إلا عن موعد محجوز لم يُسجَّل الحضور له.",
    en="Only an appointment that is booked and not checked in is recorded as missed.",
    refusal=Bilingual(
        "لا يمكن تسجيل التخلف عن هذا الموعد[، فحالته: {observed}]. راجع بياناته.",
        "This appointment cannot be recorded as missed[: its state is “{observed}”]. Look at its details.",
    ),
    after=("AT-01",),
    indispensable=True,
)
def _is_still_booked(case: AppointmentCase, now: datetime) -> Finding:
    return _has_state(case, now, AppointmentState.BOOKED)


@rule(
    "AT-07",
    {Use.NO_SHOW},
    ar="ألا يُسجَّل التخلف عن الموعد قبل مضي {minutes} على بدئه.",
    en="An appointment is recorded as missed {minutes} after its start at the earliest.",
    refusal=Bilingual(
        "لم يحن وقت تسجيل التخلف عن هذا الموعد، فقد يحضر صاحبه. انتظر حتى يحين[ في {allowed_from}].",
        "It is too early to record this appointment as missed: its applicant may still come. Wait until it is time[, on"
        " {allowed_from}].",
    ),
    after=("AT-01",),
    parameters=(Parameter("minutes", "minutes", 0, 24 * 60, Stricter.MORE),),
)
def _grace_is_over(case: AppointmentCase, now: datetime, minutes: timedelta) -> Finding:
    appointment = _seen_by_staff(case)
    if appointment is None:
        return NOT_APPLICABLE
    ends_at = appointment.slot.starts_at + minutes
    return measured(ends_at <= now, now, ends_at, ends_at)


@rule(
    "AT-08",
    {Use.NO_SHOW},
    ar="ألا يُسجَّل التخلف عن موعد أغلق الفرع وقته.",
    en="An appointment whose slot staff have closed is not recorded as missed.",
    refusal=Bilingual(
        "أغلق الفرع وقت هذا الموعد، فلا يُسجَّل تخلف عنه. لا حاجة إلى أي إجراء، فهو لا يُحتسب على صاحبه.",
        "The branch has closed the slot of this appointment, so it is not recorded as missed. Nothing is to be done: it"
        " does not count against its applicant.",
    ),
    after=("AT-01",),
)
def _slot_not_closed(case: MissedCase, _now: datetime) -> Finding:
    if _seen_by_staff(case) is None:
        return NOT_APPLICABLE
    return BROKEN if case.slot_was_closed else KEPT


@rule(
    "AT-09",
    {Use.EXCUSE},
    ar="ألا يُقبل العذر إلا عن موعد سُجّل التخلف عنه.",
    en="An excuse is accepted only for an appointment that is recorded as missed.",
    refusal=Bilingual(
        "لا يُقبل العذر إلا عن موعد سُجّل التخلف عنه[، وحالة هذا الموعد: {observed}]. راجع بياناته.",
        "An excuse is accepted only for a recorded no-show[; the state of this appointment is “{observed}”]. Look at"
        " its details.",
    ),
    after=("AT-01",),
    indispensable=True,
)
def _is_no_show(case: AppointmentCase, now: datetime) -> Finding:
    return _has_state(case, now, AppointmentState.NO_SHOW)


@rule(
    "AT-10",
    {Use.EXCUSE},
    ar="أن يُقبل العذر عن التخلف خلال {days} من انتهاء الموعد.",
    en="An excuse for a no-show is accepted within {days} of the end of the appointment.",
    refusal=Bilingual(
        "انتهت مدة قبول العذر عن هذا الموعد[ في {limit}]، وهي {days} من انتهائه. احجز موعدًا جديدًا.",
        "The time for an excuse for this appointment ended[ on {limit}], {days} after its end. Book a new appointment.",
    ),
    after=("AT-01",),
    parameters=(Parameter("days", "days", 1, 366, Stricter.LESS),),
)
def _appeal_in_time(case: AppointmentCase, now: datetime, days: timedelta) -> Finding:
    appointment = _seen_by_staff(case)
    if appointment is None:
        return NOT_APPLICABLE
    until = appointment.slot_ends_at + days
    return measured(now <= until, now, until)


def _has_state(
    case: AppointmentCase,
    now: datetime,
    expected: AppointmentState,
    others: AbstractSet[AppointmentState] = frozenset(),
) -> Finding:
    appointment = _seen_by_staff(case)
    if appointment is None:
        return NOT_APPLICABLE
    state = appointment.state_at(now)
    return measured(state is expected or state in others, state.value, expected.value)


def arrival_at(opens: Rule, starts_at: datetime, came_at: datetime) -> Arrival:
    """The arrival of a person who comes at `came_at`; `opens` is the rule `OPENS` with the figures for the slot."""
    if came_at > starts_at:
        return Arrival.LATE
    early = timedelta(minutes=opens["early_minutes"])
    return Arrival.EARLY if came_at < starts_at - early else Arrival.ON_TIME


@rule(
    "CL-01",
    {Use.DECLARE},
    ar="أن يُجري تعديلات تقويم الدوام موظف مخول في الفرع المعني، أو في جميع الفروع إن شمل التعديل المملكة كلها.",
    en="The working calendar of a branch is changed by an authorised clerk of the branch, and that of the whole country"
    " by a clerk of all branches.",
    refusal=Bilingual(
        "لا يحق لك إجراء هذا التعديل في تقويم الدوام. اطلبه من موظف مخول بإجرائه.",
        "You may not make this change of the working calendar. Ask a clerk who is authorised to make it.",
    ),
    indispensable=True,
)
def _by_staff(case: DeclarationCase, _now: datetime) -> Finding:
    return KEPT if is_staff(case.actor, case.branch) else BROKEN


@rule(
    "SI-01",
    {Use.SIGN_IN},
    ar="إذا بلغ عدد محاولات تسجيل الدخول الخاطئة المتتالية {failures} من الجهاز نفسه، أُوقف تسجيل الدخول منه"
    " مدة {minutes}.",
    en="Once failed sign-ins in a row from one device reach {failures}, signing in from it is locked for {minutes}.",
    refusal=Bilingual(
        "أُوقف تسجيل الدخول من هذا الجهاز مؤقتًا، لأن المحاولات الخاطئة المتتالية بلغت الحد ({failures}). أعد"
        " المحاولة لاحقًا[، ابتداءً من {allowed_from}].",
        "Signing in from this device is locked for now, because failed attempts in a row have reached the limit"
        " ({failures}). Try again later[, from {allowed_from}].",
    ),
    parameters=(
        Parameter("failures", "failures", 1, 100, Stricter.LESS),
        Parameter("minutes", "minutes", 1, 24 * 60, Stricter.MORE),
    ),
    indispensable=True,
)
def _device_not_locked(case: SignInCase, now: datetime, failures: int, minutes: timedelta) -> Finding:
    return _not_too_soon(case.device, now, failures, minutes)


@rule(
    "SI-02",
    {Use.RESUME},
    ar="تنتهي الجلسة بعد {minutes} من تسجيل الدخول أو من آخر تجديد.",
    en="A session ends {minutes} after signing in or after its last renewal.",
    refusal=Bilingual(
        "انتهت جلستك. سجّل الدخول من جديد.",
        "Your session has ended. Sign in again.",
    ),
    parameters=(Parameter("minutes", "minutes", 1, 24 * 60, Stricter.LESS),),
    indispensable=True,
)
def _session_live(case: ResumeCase, now: datetime, minutes: timedelta) -> Finding:  # noqa: ARG001 - how long it is given
    if case.session is None:
        return NOT_APPLICABLE  # SI-05 refuses it
    return measured(case.session.started_at <= now < case.session.ends_at, now, case.session.ends_at)


@rule(
    "SI-03",
    {Use.RESET_PASSWORD},
    ar="أن يُدخَل رمز إعادة تعيين كلمة المرور خلال {minutes} من إرساله، وقبل أن يبلغ عدد المحاولات الخاطئة {attempts}.",
    en="The code to reset a password is entered within {minutes} of its sending, and before wrong attempts reach"
    " {attempts}.",
    refusal=Bilingual(
        "لم يعد رمز إعادة تعيين كلمة المرور صالحًا. اطلب رمزًا جديدًا.",
        "The code to reset the password is no longer valid. Ask for a new one.",
    ),
    parameters=(
        Parameter("minutes", "minutes", 1, 60, Stricter.LESS),
        Parameter("attempts", "attempts", 1, 10, Stricter.LESS),
    ),
    indispensable=True,
)
def _reset_code_valid(case: ResetCode, now: datetime, minutes: timedelta, attempts: int) -> Finding:
    is_valid = case.issued_at <= now < case.issued_at + minutes and case.tries < attempts
    return measured(is_valid, case.tries, attempts)


@rule(
    "SI-04",
    {Use.RESUME},
    ar="تنتهي الجلسة بعد {minutes} من تسجيل الدخول وإن جُدّدت.",
    en="A session ends {minutes} after signing in, even if it is renewed.",
    refusal=Bilingual(
        "انتهت جلستك لبلوغها أطول مدة مسموحة. سجّل الدخول من جديد.",
        "Your session has reached its longest duration. Sign in again.",
    ),
    parameters=(Parameter("minutes", "minutes", 1, 7 * 24 * 60, Stricter.LESS),),
    indispensable=True,
)
def _session_not_too_old(case: ResumeCase, now: datetime, minutes: timedelta) -> Finding:
    if case.session is None or case.session.ends_at <= now:
        return NOT_APPLICABLE  # SI-05 or SI-02 refuses it
    last_end = case.session.started_at + minutes
    return measured(now < last_end, now, last_end)


@rule(
    "SI-05",
    {Use.RESUME},
    ar="أن تكون الجلسة صادرة عن هذا النظام، وألا تكون قد أُنهيت بتسجيل الخروج أو بتغيير كلمة المرور.",
    en="The session was issued here, and was not ended by signing out or by a change of the password.",
    refusal=Bilingual(
        "هذه الجلسة غير معروفة أو أُنهيت. سجّل الدخول من جديد.",
        "This session is unknown or was ended. Sign in again.",
    ),
    indispensable=True,
)
def _session_issued(case: ResumeCase, _now: datetime) -> Finding:
    return BROKEN if case.session is None or case.ended else KEPT


@rule(
    "SI-06",
    {Use.SIGN_IN, Use.REQUEST_RESET},
    ar="إذا بلغ عدد محاولات تسجيل الدخول الخاطئة وطلبات إعادة التعيين {failures} من أجهزة لم يسبق تسجيل الدخول منها"
    " إلى الحساب، لم تُقبل منها إلا محاولة واحدة كل {minutes}.",
    en="Once failed sign-ins and reset requests from devices that never signed in to the account reach {failures},"
    " such devices may try only once every {minutes}.",
    refusal=Bilingual(
        "كثرت على هذا الحساب محاولات تسجيل الدخول الخاطئة وطلبات إعادة التعيين من أجهزة غير معروفة. أعد المحاولة"
        " لاحقًا[، ابتداءً من {allowed_from}]، أو استخدم جهازًا سبق أن سجّلت الدخول منه.",
        "There were many failed sign-ins and reset requests for this account from unknown devices. Try again later[,"
        " from {allowed_from}], or use a device from which you have signed in before.",
    ),
    parameters=(
        Parameter("failures", "failures", 1, 1_000, Stricter.LESS),
        Parameter("minutes", "minutes", 1, 24 * 60, Stricter.MORE),
    ),
    indispensable=True,
)
def _strangers_slowed_down(case: SignInCase, now: datetime, failures: int, minutes: timedelta) -> Finding:
    return NOT_APPLICABLE if case.known else _not_too_soon(case.strangers, now, failures, minutes)


def _not_too_soon(counted: Failures, now: datetime, failures: int, minutes: timedelta) -> Finding:
    """Broken within `minutes` of the last failure, if there have been `failures`."""
    free_from = None if counted.last_at is None or counted.count < failures else counted.last_at + minutes
    return measured(free_from is None or free_from <= now, counted.count, failures, free_from)
