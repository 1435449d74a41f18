"""Signing in: sessions, the count of failed attempts, and the outcomes of an attempt."""

from datetime import datetime
from enum import StrEnum

from attrs import field

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.values import frozen


@frozen(kw_only=True)
class Session:
    """The session of a signed-in `applicant`, from `started_at` (inclusive) to `ends_at` (exclusive), UTC.

    It is a value, not a secret: the host binds it to its own cookie or token.
    """

    applicant: PersonId
    started_at: datetime = field(converter=instant)
    ends_at: datetime = field(converter=instant)


@frozen(kw_only=True)
class SignInAttempts:
    """Consecutive failed sign-ins under one person id, whether or not an account exists.

    `failed_at` is the instant of the last failure (UTC), None after a sign-in.
    """

    applicant: PersonId
    version: int = 0
    failures: int = 0
    locked_until: datetime | None = None
    failed_at: datetime | None = None


class IdentityAnswer(StrEnum):
    """An identity provider's answer about an id and a password. Unknown ids and wrong passwords are both rejected."""

    VERIFIED = "verified"
    REJECTED = "rejected"
    UNAVAILABLE = "unavailable"


class SignInFault(StrEnum):
    """Why a sign-in failed."""

    CODE_REJECTED = "code-rejected"
    CODE_EXPIRED = "code-expired"
    CODE_USED = "code-used"
    CODE_UNAVAILABLE = "code-unavailable"
    WRONG_CREDENTIALS = "wrong-credentials"
    LOCKED = "locked"
    IDENTITY_UNAVAILABLE = "identity-unavailable"

    @property
    def statement(self) -> Bilingual:
        """The sentence to show, in both languages."""
        return _STATEMENTS[self]


_STATEMENTS = {
    SignInFault.CODE_REJECTED: Bilingual(
        "رمز التحقق غير صحيح. اطلب رمزًا جديدًا.", "The verification code is not right. Ask for a new one."
    ),
    SignInFault.CODE_EXPIRED: Bilingual(
        "انتهت صلاحية رمز التحقق. اطلب رمزًا جديدًا.", "The verification code has expired. Ask for a new one."
    ),
    SignInFault.CODE_USED: Bilingual(
        "سبق استخدام رمز التحقق. اطلب رمزًا جديدًا.", "The verification code has been used. Ask for a new one."
    ),
    SignInFault.CODE_UNAVAILABLE: Bilingual(
        "خدمة رمز التحقق غير متاحة الآن. حاول لاحقًا.", "The verification code can't be checked now. Try again later."
    ),
    SignInFault.WRONG_CREDENTIALS: Bilingual(
        "رقم الهوية أو الرمز السري غير صحيح.", "The id or the password is not right."
    ),
    SignInFault.LOCKED: Bilingual(
        "أوقف الدخول مؤقتًا بسبب تكرار المحاولات الخاطئة.", "Signing in is locked for a while after repeated failures."
    ),
    SignInFault.IDENTITY_UNAVAILABLE: Bilingual(
        "خدمة الدخول غير متاحة الآن. حاول لاحقًا.", "Signing in is not possible now. Try again later."
    ),
}


@frozen
class SignedIn:
    """The password and the code were right."""

    session: Session


@frozen
class NotSignedIn:
    """The sign-in failed. `allowed_from` (UTC) is set if the person id is locked until then."""

    fault: SignInFault
    allowed_from: datetime | None = None

    @property
    def statement(self) -> Bilingual:
        """The sentence to show. Call it with a language."""
        return self.fault.statement
