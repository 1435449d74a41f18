"""Hypothesis strategies for the domain's values, over all that their constructors accept."""

from datetime import UTC, date, datetime, timedelta, timezone
from string import ascii_letters, digits
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.calendar_records import RECORDS
from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    DeclareRecord,
    ExcuseNoShow,
    HoldSlot,
    MoveAppointment,
    RecordNoShow,
    ServeApplicant,
    WalkIn,
)
from traffic_booking.domain.appointments.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentCheckedIn,
    AppointmentExcused,
    AppointmentHeld,
    AppointmentMissed,
    AppointmentMoved,
    AppointmentServed,
    HoldExpired,
    HoldReleased,
    SeatRecounted,
    WalkInBooked,
)
from traffic_booking.domain.appointments.states import AppointmentState, Arrival
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.decisions.outcomes import (
    Booked,
    Cancelled,
    CheckedIn,
    Declared,
    Excused,
    Held,
    Moved,
    NoShowRecorded,
    Refused,
    Served,
    WalkedIn,
)
from traffic_booking.domain.people.actors import Clerk, Delegate, System
from traffic_booking.domain.people.applicants import Applicant, Subject
from traffic_booking.domain.people.assertions import Assertions
from traffic_booking.domain.places.services import Holder, InstructionsVersion
from traffic_booking.domain.rules.verdict import Result, Verdict
from traffic_booking.domain.schedule.entries import CalendarEntry, reason_text
from traffic_booking.domain.schedule.slots import Pool, SlotKey
from traffic_booking.testing.samples.appointments import number
from traffic_booking.testing.samples.people import made_up_person

ZONES = ("Asia/Riyadh", "UTC", "Europe/London", "Asia/Kathmandu", "Pacific/Chatham")

zones = st.one_of(
    st.just(UTC),
    st.sampled_from(ZONES).map(ZoneInfo),
    st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
instants = st.builds(datetime.combine, st.dates(date(1900, 1, 1), date(9990, 1, 1)), st.times(), tzinfo=zones).map(
    lambda moment: moment.astimezone(UTC)
)
people = st.builds(made_up_person, st.integers(0, 99_999_999), st.sampled_from(Holder))
subjects = st.text(ascii_letters + digits + "-_", min_size=22, max_size=22).map(Subject)
applicants = st.builds(Applicant, subjects, st.sampled_from(Holder))
slugs = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True)
request_ids = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=128)
counts = st.integers(1, 2**40)
numbers = st.builds(number, st.integers(0, 10**6))
texts = st.text(
    st.one_of(
        st.sampled_from("حجز موعد المرور٠١٢'\"\\\u200c\u200d😀{}"), st.characters(categories=["L", "N", "P", "S"])
    ),
    min_size=1,
    max_size=40,
).filter(str.strip)
rulebooks = st.from_regex(r"[0-9A-Za-z.]{1,20}", fullmatch=True)
instructions = st.dates(min_value=date(2000, 1, 1)).map(lambda day: InstructionsVersion(day.isoformat()))
zone_names = st.sampled_from(ZONES)

slots = st.builds(SlotKey, slugs, slugs, instants)
pools = st.none() | st.builds(Pool, slugs, st.integers(1, 240))
delegates = st.builds(
    Delegate, person=applicants, applicant=applicants, services=st.sets(slugs, min_size=1, max_size=3), until=instants
)
clerks = st.builds(Clerk, slugs, st.none() | st.sets(slugs, min_size=1, max_size=3))
actors = st.one_of(
    applicants,
    clerks,
    st.builds(System),
    delegates,
)
bilinguals = st.builds(Bilingual, texts, texts)
observations = st.one_of(st.none(), texts, st.integers(-(2**53), 2**53), instants)
results = st.sampled_from(Result)
verdicts = st.builds(
    Verdict, slugs, results, bilinguals, bilinguals, observations, observations, st.one_of(st.none(), instants)
)


def appointments_of(whose: st.SearchStrategy[Applicant]) -> st.SearchStrategy[Appointment]:
    """Appointments in any state, of these applicants."""
    return st.builds(
        Appointment,
        number=numbers,
        version=counts,
        state=st.sampled_from(AppointmentState),
        slot=slots,
        slot_ends_at=instants,
        time_zone=zone_names,
        applicant=whose,
        rulebook=rulebooks,
        changed_at=instants,
        hold_ends_at=st.one_of(st.none(), instants),
        instructions=st.one_of(st.none(), instructions),
        cancelled_by_applicant_at=st.one_of(st.none(), instants),
        moves=st.integers(0, 100),
        pool=pools,
    )


appointments = appointments_of(applicants)
days = st.dates(date(1900, 1, 1), date(2200, 1, 1))
assertions = st.builds(
    Assertions,
    checked_at=instants,
    birth_date=st.one_of(st.none(), days),
    expires_on=st.one_of(st.none(), days),
    met=st.sets(slugs, max_size=3),
)
records = st.sampled_from(RECORDS)
entries = st.builds(
    CalendarEntry, number=counts, at=instants, actor=actors, reason=texts, request_id=request_ids, record=records
)

_asked = {"request_id": request_ids, "actor": actors}
commands = st.one_of(
    st.builds(
        HoldSlot,
        applicant=applicants,
        slot=slots,
        moving=st.one_of(st.none(), numbers),
        assertions=st.one_of(st.none(), assertions),
        **_asked,
    ),
    st.builds(
        BookSlot,
        applicant=applicants,
        slot=slots,
        agreed=st.one_of(st.booleans(), instructions),
        assertions=st.one_of(st.none(), assertions),
        **_asked,
    ),
    st.builds(
        WalkIn,
        applicant=applicants,
        branch=slugs,
        service=slugs,
        agreed=st.one_of(st.booleans(), instructions),
        assertions=st.one_of(st.none(), assertions),
        **_asked,
    ),
    st.builds(CancelAppointment, number=numbers, **_asked),
    st.builds(
        MoveAppointment,
        number=numbers,
        slot=slots,
        agreed=st.one_of(st.booleans(), instructions),
        assertions=st.one_of(st.none(), assertions),
        **_asked,
    ),
    *(st.builds(kind, number=numbers, **_asked) for kind in (CheckInApplicant, ServeApplicant, RecordNoShow)),
    st.builds(ExcuseNoShow, number=numbers, evidence=st.one_of(st.none(), texts), **_asked),
    st.builds(DeclareRecord, reason=texts.map(reason_text), record=records, **_asked),
)
outcomes = st.one_of(
    *(st.builds(kind, appointments) for kind in (Held, Booked, Cancelled, Moved, Served, NoShowRecorded, WalkedIn)),
    st.builds(CheckedIn, appointments, st.sampled_from(Arrival)),
    st.builds(Excused, appointments, st.one_of(st.none(), texts)),
    st.builds(Declared, entries),
    st.builds(Refused, st.lists(verdicts, max_size=3).map(tuple)),
)

_happened = {
    "number": numbers,
    "version": counts,
    "at": instants,
    "actor": actors,
    "rulebook": rulebooks,
    "request_id": st.one_of(st.none(), request_ids),
}
_of_slot = {
    "slot": slots,
    "slot_ends_at": instants,
    "time_zone": zone_names,
    "applicant": applicants,
    "pool": pools,
}
events = st.one_of(
    st.builds(AppointmentHeld, hold_ends_at=instants, moving=st.one_of(st.none(), numbers), **_of_slot, **_happened),
    st.builds(AppointmentBooked, instructions=instructions, **_of_slot, **_happened),
    st.builds(WalkInBooked, instructions=instructions, **_of_slot, **_happened),
    st.builds(
        AppointmentMoved,
        from_slot=slots,
        slot=slots,
        slot_ends_at=instants,
        time_zone=zone_names,
        instructions=instructions,
        slot_was_closed=st.booleans(),
        pool=pools,
        **_happened,
    ),
    st.builds(SeatRecounted, pool=pools, **_happened),
    *(st.builds(kind, **_happened) for kind in (HoldExpired, HoldReleased, AppointmentCancelled)),
    *(st.builds(kind, **_happened) for kind in (AppointmentServed, AppointmentMissed, AppointmentExcused)),
    st.builds(AppointmentCheckedIn, arrival=st.sampled_from(Arrival), **_happened),
)


DROPPED = tuple(
    chr(code) for code in (*range(0x200B, 0x2010), *range(0x202A, 0x202D), *range(0x2060, 0x206A), 0xFEFF, 0x061C)
)
"""The marks that are dropped from outside text: they steer layout, and nobody sees them."""
OUTER = (" ", "\xa0", "\u202f", "\u2003", "\n", "\r\n", "\u2028", "\t")


@st.composite
def pasted(draw, text):
    """`text` with invisible marks around and inside, and blanks and line ends around."""
    for mark in draw(st.lists(st.sampled_from(DROPPED), min_size=1, max_size=12)):
        place = draw(st.integers(0, len(text)))
        text = f"{text[:place]}{mark}{text[place:]}"
    before, after = (draw(st.lists(st.sampled_from(OUTER + DROPPED), max_size=6)) for _ in range(2))
    return "".join([*before, text, *after])
