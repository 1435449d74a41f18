"""J-03 to J-07: the id, the password, the code, the home page."""

from datetime import timedelta
from typing import Any, Final
from urllib.request import urlopen

from traffic_booking import Held, InvalidInput, NotSignedIn, SignedIn, SignInFault, person_id
from traffic_booking.cli.demo.walk import (
    ARABIC_DIGITS,
    GOVERNORATE,
    LANGUAGES,
    SERVICE,
    Note,
    Walk,
    described,
    expect,
    granted,
    raised,
    refused_by,
    shown,
)
from traffic_booking.domain.wording import counted

BEFORE_THE_END: Final = timedelta(minutes=5)
AFTER_THE_END: Final = timedelta(minutes=1)


def enters_id(walk: Walk) -> Note:
    """J-03: the id may have Arabic digits. A wrong digit is noticed, and no message shows the number."""
    digits = walk.applicant.reveal()
    expect(person_id(digits.translate(ARABIC_DIGITS)) == walk.applicant, "the same id from Arabic digits")
    misread = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    fault = raised(InvalidInput, lambda: person_id(misread), "a wrong check digit refused")
    expect(misread not in str(fault), "a message without the number", "one with it")
    return Note(
        f"أُدخل رقم الهوية {shown(walk.applicant)} بالأرقام العربية، ورُفض رقم غير صحيح.",
        f"The national id {walk.applicant} was typed in Arabic digits; one with a wrong digit was refused.",
    )


def enters_password(walk: Walk) -> Note:
    """J-04: only the right password of a known id passes; an unknown id gets the answer of a wrong password."""
    wrong, unknown = walk.verify(walk.applicant, walk.password[::-1]), walk.verify(walk.stranger, walk.password)
    expect(wrong == unknown == "rejected", "one answer for a wrong password and an unknown id", f"{wrong}, {unknown}")
    right = walk.verify(walk.applicant, walk.password)
    expect(right == "verified", "the right password accepted", right)
    return Note(
        "أُدخلت كلمة المرور. والرد واحد على كلمة المرور الخاطئة وعلى الهوية غير المسجلة.",
        "The password was given; a wrong one and an unknown id get the same answer.",
    )


def sees_code(walk: Walk) -> Note:
    """J-05: a challenge is issued, for this browser session, for a while: a picture and a sound in each language."""
    walk.challenge = walk.gate.challenge(session=walk.browser)
    lifetime = walk.challenge.expires_at - walk.clock.now()
    expect(lifetime > timedelta(0), "a code with time left", str(lifetime))
    minutes = lifetime // timedelta(minutes=1)
    files = []
    for language in LANGUAGES:
        form: Any = walk.challenge.content[language]
        for source, ending in (("image", "png"), ("audio", "wav")):
            with urlopen(form[source]) as opened:  # noqa: S310 - a data URI
                path = walk.folder / f"code-{language}.{ending}"
                path.write_bytes(opened.read())
                files.append(path)
    return Note(
        f"عُرض رمز تحقق مرئي من ستة أرقام مع تسجيل صوتي، وهو صالح لمدة {counted(minutes, 'minutes').ar}.",
        f"A visual code of six digits was shown, with a sound; it is good for {minutes} minutes.",
        files=tuple(files),
    )


def answers_code(walk: Walk) -> Note:
    """J-06: the answer signs in once, and in no other browser session. A wrong one uses up the code."""
    code = walk.solve(walk.challenge)
    misread = code[:-1] + ("٢" if code[-1] != "٢" else "٣")
    for typed, fault in ((misread, SignInFault.CODE_REJECTED), (code, SignInFault.CODE_USED)):
        outcome = walk.gate.sign_in(walk.applicant, walk.password, code=typed, session=walk.browser)
        expect(outcome == NotSignedIn(fault), f"no sign-in ({fault.value})", described(outcome))
    code = walk.solve(walk.gate.challenge(session=walk.browser))
    elsewhere = walk.gate.sign_in(walk.applicant, walk.password, code=code, session="another-browser")
    expect(elsewhere == NotSignedIn(SignInFault.CODE_REJECTED), "the code refused in another browser session")
    signed_in = walk.gate.sign_in(walk.applicant, walk.password, code=code, session=walk.browser)
    walk.session = granted(signed_in, SignedIn, "a sign-in").session
    again = walk.gate.sign_in(walk.applicant, walk.password, code=code, session=walk.browser)
    expect(again == NotSignedIn(SignInFault.CODE_USED), "the code refused the second time")
    return Note(
        "أُدخل الرمز بالأرقام العربية وتم تسجيل الدخول؛ ورُفض الرمز نفسه في المرة الثانية، كما رُفض رمز سبق أن أُدخل خطأً.",
        "The code was typed in Arabic digits and opened a session; it was refused a second time, and so was a code "
        "that had been misread before.",
    )


def reaches_home(walk: Walk) -> Note:
    """J-07: a session is resumed until it ends; a hold that it made is still there afterwards."""
    session = walk.session
    walk.clock.move_to(session.ends_at - BEFORE_THE_END)
    granted(walk.gate.resume(session), SignedIn, "the session resumed while it is live")
    walk.slot = walk.desk.find_slots(service=SERVICE, governorate=GOVERNORATE, limit=1)[0]
    draft = walk.desk.hold(walk.slot, applicant=walk.applicant, request_id=walk.request("draft"))
    number = granted(draft, Held, "a hold").appointment.number
    walk.clock.move_to(session.ends_at + AFTER_THE_END)
    refused_by(walk.gate.resume(session), "SI-02")
    walk.session = granted(walk.sign_in(walk.password), SignedIn, "a new sign-in").session
    kept = [appointment.number for appointment in walk.desk.appointments(walk.applicant).held]
    expect(kept == [number], "the hold still there after the session has ended", f"{len(kept)} hold(s)")
    return Note(
        "استؤنفت الجلسة حتى انتهت، وبقي الحجز المؤقت بعد انتهائها وتسجيل دخول جديد.",
        "The session was resumed until it ended; its hold was still there after a new sign-in.",
    )
