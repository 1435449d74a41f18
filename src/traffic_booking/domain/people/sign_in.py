"""Signing in: sessions, and the outcomes of an attempt."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from attrs import field

from traffic_booking.domain.bilingual import Bilingual, Language
from traffic_booking.domain.calendars.day import instant_text
from traffic_booking.domain.instants import instant, whole_minute_from
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.values import frozen


@frozen(kw_only=True)
class Session:
    """The session of a signed-in `applicant`, from `started_at` (inclusive) to `ends_at` (exclusive), UTC.

    `token` is a secret: put it into the browser's cookie, and resume the session with it. Only the desk makes one that
    can be resumed. `repr` and comparisons leave it out.
    """

    applicant: PersonId
    started_at: datetime = field(converter=instant)
    ends_at: datetime = field(converter=instant)
    token: str = field(default="", repr=False, eq=False)


@frozen(kw_only=True)
class IssuedSession:
    """A session as it is stored: from which `device` (a hash), under which of the account's passwords.

    `ended`: somebody signed out, or the password was changed.
    """

    session: Session
    device: str
    generation: int
    version: int = 1
    ended: bool = False


@frozen(kw_only=True)
class ResumeCase:
    """The facts that the rules of sessions read: the issued session, None if the given one was never issued."""

    session: Session | None = None
    ended: bool = False


class IdentityAnswer(StrEnum):
    """An identity provider's answer about an id and a password. Unknown ids and wrong passwords are both rejected."""

    VERIFIED = "verified"
    REJECTED = "rejected"
    UNAVAILABLE = "unavailable"


class SignInFault(StrEnum):
    """Why a sign-in or the reset of a password failed."""

    CODE_REJECTED = "code-rejected"
    CODE_EXPIRED = "code-expired"
    CODE_USED = "code-used"
    CODE_UNAVAILABLE = "code-unavailable"
    WRONG_CREDENTIALS = "wrong-credentials"
    LOCKED = "locked"
    RESET_REJECTED = "reset-rejected"
    IDENTITY_UNAVAILABLE = "identity-unavailable"

    @property
    def statement(self) -> Bilingual:
        """The sentence to show, in both languages."""
        return _STATEMENTS[self]


_STATEMENTS: Final = {
    SignInFault.CODE_REJECTED: Bilingual(
        "رمز التحقق المرئي غير صحيح. أدخل الرمز الجديد.", "The visual code is not right. Enter the new one."
    ),
    SignInFault.CODE_EXPIRED: Bilingual(
        "انتهت صلاحية رمز التحقق المرئي. أدخل الرمز الجديد.", "The visual code has expired. Enter the new one."
    ),
    SignInFault.CODE_USED: Bilingual(
        "سبق استخدام رمز التحقق المرئي. أدخل الرمز الجديد.", "The visual code has been used. Enter the new one."
    ),
    SignInFault.CODE_UNAVAILABLE: Bilingual(
        "خدمة رمز التحقق المرئي غير متاحة الآن. حاول لاحقًا.", "The visual code can't be checked now. Try again later."
    ),
    SignInFault.WRONG_CREDENTIALS: Bilingual(
        "بيانات تسجيل الدخول غير صحيحة. تحقق من رقم الهوية أو اسم المستخدم، ومن كلمة المرور، ثم أعد المحاولة.",
        "The id or user name, or the password, is not right. Check them and try again.",
    ),
    SignInFault.LOCKED: Bilingual(
        "أُوقف تسجيل الدخول مؤقتًا بسبب تكرار المحاولات الخاطئة.",
        "Signing in is locked for a while after repeated failures.",
    ),
    SignInFault.RESET_REJECTED: Bilingual(
        "رمز إعادة التعيين غير صحيح أو انتهت صلاحيته. اطلب رمزًا جديدًا.",
        "The reset code is not right, or it has expired. Ask for a new one.",
    ),
    SignInFault.IDENTITY_UNAVAILABLE: Bilingual(
        "خدمة تسجيل الدخول غير متاحة الآن. حاول لاحقًا.", "Signing in is not possible now. Try again later."
    ),
}


@frozen
class SignedIn:
    """The password and the code were right."""

    session: Session


@frozen
class ResetRequested:
    """If there is an account, a reset code is on its way to its person; it is valid until `expires_at` (UTC)."""

    expires_at: datetime


@frozen
class PasswordChanged:
    """The account has the new password, and all its sessions have ended. Let the person sign in with it."""


@frozen
class NotSignedIn:
    """The attempt failed; it is falsy.

    `allowed_from` (UTC) is set if further ones from this device are refused until then.
    """

    fault: SignInFault
    allowed_from: datetime | None = None

    @property
    def statement(self) -> Bilingual:
        """The sentence to show, without an instant. Call it with a language."""
        return self.fault.statement

    def __bool__(self) -> bool:
        return False

    def message(self, language: Language) -> str:
        """The sentence to show, with the time from which the person may try again.

        Raises:
            InvalidInput: The language is neither `ar` nor `en`.
        """
        sentence = self.statement(language)
        if self.allowed_from is None:
            return sentence
        return f"{sentence} {_AGAIN(language).format(instant_text(whole_minute_from(self.allowed_from), language))}"


_AGAIN: Final = Bilingual("أعد المحاولة ابتداءً من {}.", "Try again from {}.")
