"""C-02 to C-10: a second appointment, found in the lists and cancelled; its seat is free again."""

from datetime import timedelta
from functools import partial
from typing import Final

import traffic_booking as tb
from traffic_booking.cli.demo.walk import Note, Walk, expect, granted, raised, refused_by, shown

SCARCE_SERVICE: Final = "violation-objection"
GROUP: Final = "traffic-services"
OTHER_GROUP: Final = "driving-licences"
LATER: Final = timedelta(days=1)
MOST_SEARCHED: Final = 500


def comes_back(walk: Walk) -> Note:
    """C-02: the old session has ended."""
    first = walk.first
    walk.clock.move_to(first.ends_at + timedelta(hours=1))
    refused_by(walk.gate.resume(walk.session), "SI-02")
    return Note(
        "انتهت الجلسة السابقة، فيلزم تسجيل دخول جديد.", "The earlier session has ended: a new sign-in is needed."
    )


def gives_credentials(walk: Walk) -> Note:
    """C-03: the user name is good in capitals; a wrong password and an unknown user name get one answer."""
    refused = tb.NotSignedIn(tb.SignInFault.WRONG_CREDENTIALS)
    expect(walk.sign_in(walk.password[::-1], by=walk.user_name) == refused, "a wrong password refused")
    expect(walk.sign_in(walk.password, by=walk.user_name + "x") == refused, "an unknown user name refused alike")
    granted(walk.sign_in(walk.password, by=walk.user_name.upper()), tb.SignedIn, "a sign-in by user name")
    statement = refused.statement
    return Note(
        f"أُدخل اسم المستخدم، ورُفضت كلمة مرور خاطئة: {statement.ar}",
        f"The user name was entered; a wrong password was refused: {statement.en}",
    )


def checks_entries(walk: Walk) -> Note:
    """C-04: an error names the field, the entry and the accepted form; nothing is lost."""
    before = walk.desk.appointments(walk.applicant)
    fault = raised(tb.InvalidInput, lambda: tb.person_id("12345"), "five digits refused")
    expect(fault.field and fault.got and fault.expected, "an error that names field, got and expected")
    expect(walk.desk.appointments(walk.applicant) == before, "the appointments as they were")
    return Note(
        f"روجعت المدخلات، ورُفض رقم هوية من خمس خانات: {fault.message('ar')}",
        f"The entries were checked, and an id of five digits was refused: {fault.message('en')}",
    )


def answers_code(walk: Walk) -> Note:
    """C-05: the code, once more."""
    walk.session = granted(walk.sign_in(walk.password, by=walk.user_name), tb.SignedIn, "a sign-in").session
    return Note("أُدخل رمز تحقق مرئي جديد وتم تسجيل الدخول.", "A new code was entered and opened a session.")


def sees_all(walk: Walk) -> Note:
    """C-06: a second appointment, for a slot's only seat, is booked once its hold has run out, and listed."""
    found = walk.desk.find_slots(service=SCARCE_SERVICE, from_=walk.clock.now() + LATER, limit=MOST_SEARCHED)
    scarce = [slot for slot in found if slot.slot.capacity == 1]
    expect(scarce, "a slot with one seat", "none")
    slot = walk.slot = scarce[0]
    held = walk.desk.hold(slot, applicant=walk.applicant, request_id=walk.request("second-hold"))
    hold = granted(held, tb.Held, "a second hold").appointment
    walk.clock.move_to(hold.hold_ends_at or walk.clock.now())
    outcome = walk.desk.book(slot, applicant=walk.applicant, agreed=True, request_id=walk.request("second"))
    booked = granted(outcome, tb.Booked, "a second booking")
    expect(booked.expired_hold == hold.number, "a report that the hold had run out")
    walk.second = booked.appointment
    expect(walk.free_seats(slot.key) == 0, "the slot's only seat taken")
    mine = walk.desk.appointments(walk.applicant)
    expect([entry.number for entry in mine.upcoming] == [walk.second.number], "the second appointment upcoming")
    expect([entry.number for entry in mine.past] == [walk.first.number], "the first one past")
    return Note(
        f"موعد ثانٍ: {booked.message('ar')} القائمة: موعد قادم واحد وموعد سابق واحد.",
        f"A second appointment: {booked.message('en')} Listed: {len(mine.upcoming)} upcoming, {len(mine.past)} past.",
    )


def opens_traffic_tab(walk: Walk) -> Note:
    """C-07: the list by group of services."""
    first, second = walk.first, walk.second
    traffic = {entry.number for entry in walk.desk.appointments(walk.applicant, group=GROUP)}
    licences = {entry.number for entry in walk.desk.appointments(walk.applicant, group=OTHER_GROUP)}
    expect({first.number, second.number} <= traffic, "both appointments in the traffic tab")
    expect(first.number in licences and second.number not in licences, "the first alone among the licences")
    names = walk.desk.catalogue.group(GROUP).name, walk.desk.catalogue.group(OTHER_GROUP).name
    return Note(
        f"{names[0].ar}: {len(traffic)}، منها في {names[1].ar}: {len(licences)}.",
        f"{names[0].en}: {len(traffic)}, of them in {names[1].en}: {len(licences)}.",
    )


def opens_booked(walk: Walk) -> Note:
    """C-08: the booked appointments."""
    booked = [e for e in walk.desk.appointments(walk.applicant).upcoming if e.state is tb.AppointmentState.BOOKED]
    expect(booked == [walk.second], "the second appointment alone booked", f"{len(booked)} booked")
    day = booked[0].day
    return Note(f"المواعيد المحجوزة: {day.text('ar')}.", f"Booked appointments: {day.text('en')}.")


def chooses_cancel(walk: Walk) -> Note:
    """C-09: until when it may be cancelled. Nobody else can see it, cancel it or take its seat."""
    second, slot = walk.second, walk.slot
    until = walk.desk.may_cancel(second.number, by=walk.applicant).until or walk.clock.now()
    expect(until > walk.clock.now(), "time left to cancel", "none")
    looks = partial(walk.desk.appointment, second.number, by=walk.stranger)
    raised(tb.AppointmentNotFound, looks, "somebody else's appointment hidden")
    theirs = walk.desk.cancel(second.number, by=walk.stranger, request_id=walk.request("theirs"))
    refused_by(theirs, "CN-01")
    taken = walk.desk.book(slot, applicant=walk.stranger, agreed=True, request_id=walk.request("taken"))
    refused_by(taken, "BK-05")
    return Note(
        f"يمكن الإلغاء قبل {tb.instant_text(until, 'ar')}؛ ولا يلغيه غير صاحبه ({shown('CN-01')}).",
        f"It may be cancelled before {tb.instant_text(until, 'en')}, and by nobody else (CN-01).",
    )


def confirms(walk: Walk) -> Note:
    """C-10: cancelled, with a proof; the seat is free again at once, and another person books it."""
    second, slot = walk.second, walk.slot
    outcome = walk.desk.cancel(second.number, by=walk.applicant, request_id=walk.request("cancel"))
    cancelled = granted(outcome, tb.Cancelled, "a cancellation").appointment
    again = walk.desk.cancel(second.number, by=walk.applicant, request_id=walk.request("cancel"))
    expect(again == outcome, "the first answer for the same request again")
    listed = {entry.number for entry in walk.desk.appointments(walk.applicant).cancelled}
    expect(cancelled.number in listed, "the appointment listed as cancelled")
    tickets = walk.tickets(second.number)
    free = walk.free_seats(slot.key)
    expect(free == 1, "the seat free again after the cancellation", f"{free} free")
    taken = walk.desk.book(slot, applicant=walk.stranger, agreed=True, request_id=walk.request("anew"))
    granted(taken, tb.Booked, "the seat booked by another person after the cancellation")
    return Note(
        "أُلغي الموعد؛ عاد مقعده شاغرًا في الحال، وحجزه مستفيد آخر.",
        "Cancelled; the seat was free again at once, and another applicant booked it.",
        tickets,
    )
