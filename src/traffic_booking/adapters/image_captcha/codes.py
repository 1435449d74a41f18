"""Challenges of six digits, and the answers to them.

A challenge is a token and, for each language, a picture and a sound of the same digits. The server stores nothing: the
token has the nonce, the expiry, and seals of the session, the purpose and the digits, under keys of the secret. Without
the secret a seal can't be compared with a guess.

A wrong guess names its challenge too, and the gate spends it. So each challenge allows one guess of 262,144.
"""

import hmac
import re
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from secrets import choice, token_bytes
from struct import Struct
from typing import Final, NamedTuple

from traffic_booking.adapters.image_captcha.pictures import drawn
from traffic_booking.adapters.image_captcha.sounds import spoken
from traffic_booking.domain.bilingual import Language
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import instant
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.people.captcha import (
    CaptchaAnswer,
    CaptchaPassed,
    CaptchaRejected,
    CaptchaRejection,
    Challenge,
    secret_bytes,
)
from traffic_booking.domain.text_input import cleaned, compact, plain_text, visible_ascii
from traffic_booking.domain.value_input import is_a

LENGTH: Final = 6
"""The digits of a code."""
DIGITS: Final = "23456789"
"""٠ and ١ look like a dot and a stroke of the background."""
LONGEST_TYPED: Final = 64
"""In characters; a longer answer is not read."""

_TEXTS: Final[dict[Language, dict[str, str]]] = {
    "ar": {
        "prompt": "اكتب الأرقام الستة من اليسار إلى اليمين",
        "image_text": "صورة فيها ستة أرقام. إن لم تتضح لك فاستمع إليها.",
        "audio_text": "استمع إلى الأرقام الستة",
    },
    "en": {
        "prompt": "Type the six digits",
        "image_text": "A picture of six digits. If you can't read it, listen to them.",
        "audio_text": "Listen to the six digits",
    },
}
_SEAL: Final = 16  # bytes
_SIGNED: Final = Struct(f">16sq{_SEAL}s{_SEAL}s{_SEAL}s")
_TOKEN: Final = re.compile(rf"[0-9a-f]{{{2 * (_SIGNED.size + _SEAL)}}}", re.ASCII)
_CODE: Final = re.compile(rf"[{DIGITS}]{{{LENGTH}}}", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def random_digits() -> str:
    """Six digits from 2 to 9, by the system's source of randomness."""
    return "".join(choice(DIGITS) for _ in range(LENGTH))


def answer(token: str, typed: str) -> str:
    """The text to verify, from the form's two fields: the challenge's `token` and what the person typed.

    Example: `code = answer(form["token"], form["code"])`.
    """
    return f"{plain_text(token, 'token')}.{plain_text(typed, 'code')}"


class _Signed(NamedTuple):
    """The signed part of a token; the expiry in microseconds since 1970."""

    nonce: bytes
    expires: int
    session: bytes
    purpose: bytes
    digits: bytes

    def mismatch(self, session: bytes, purpose: bytes, now: datetime) -> CaptchaRejection | None:
        """Why the challenge is none for this session, this purpose and now; both as seals."""
        if not hmac.compare_digest(self.purpose, purpose):
            return CaptchaRejection.OTHER_PURPOSE
        if not hmac.compare_digest(self.session, session):
            return CaptchaRejection.OTHER_SESSION
        return CaptchaRejection.EXPIRED if self.expires * _MICROSECOND <= now - _EPOCH else None


class ImageCaptcha:
    """A `Captcha` of six digits that a person sees or listens to, and types, for any number of threads.

    `Challenge.content` has the `token` and, under `ar` and `en`, a `prompt`, an `image` and an `audio` as data URIs,
    and their texts `image_text` and `audio_text`. The answer is `answer(token, typed)`, in digits of any script.

    Args:
        secret: 32 random bytes or more, the same in every process of a host. Challenges can be forged with it.
        lifetime_minutes: How long a challenge is valid, 1 to 1,440.
        draw: Returns the digits of a challenge; for tests, which can't read a picture.

    Raises:
        InvalidInput: If an argument is out of bounds.

    Example::

        gate = SignInGate(store=store, captcha=ImageCaptcha(secret), identity=identity)
    """

    def __init__(
        self, secret: bytes | str, *, lifetime_minutes: int = 10, draw: Callable[[], str] = random_digits
    ) -> None:
        key = secret_bytes(secret)
        minutes = bounded_number(lifetime_minutes, "lifetime_minutes", least=1, greatest=24 * 60)
        self._key = hmac.digest(key, b"image-captcha", "sha256")
        self._lifetime = timedelta(minutes=minutes)
        if not callable(draw):
            raise InvalidInput("draw", got=type(draw).__name__, expected="a function")
        self._draw = draw

    def issue(self, *, session: str, purpose: str, now: datetime) -> Challenge:
        sealed_session, sealed_purpose = self._bound_to(session, purpose)
        digits, nonce, expires_at = self._draw(), token_bytes(16), instant(now) + self._lifetime
        if not _CODE.fullmatch(digits):
            raise InvalidInput("drawn digits", got="something else", expected=f"{LENGTH} digits from 2 to 9")
        expires = (expires_at - _EPOCH) // _MICROSECOND
        signed = _SIGNED.pack(nonce, expires, sealed_session, sealed_purpose, self._sealed("digits", nonce, digits))
        token = (signed + self._sealed("token", signed)).hex()
        content = {"token": token, "ar": _shown(digits, "ar"), "en": _shown(digits, "en")}
        return Challenge(content=content, expires_at=expires_at)

    def verify(self, answer: str, *, session: str, purpose: str, now: datetime) -> CaptchaAnswer:
        sealed_session, sealed_purpose = self._bound_to(session, purpose)
        token, typed = _read(answer)
        if not token or not typed:
            return CaptchaRejected(CaptchaRejection.MALFORMED)
        content, seal = token[: _SIGNED.size], token[_SIGNED.size :]
        if not hmac.compare_digest(seal, self._sealed("token", content)):
            return CaptchaRejected(CaptchaRejection.WRONG)
        signed = _Signed(*_SIGNED.unpack(content))
        mismatch = signed.mismatch(sealed_session, sealed_purpose, instant(now))
        if mismatch is not None:
            return CaptchaRejected(mismatch)
        once = f"image:{signed.nonce.hex()}"
        if not hmac.compare_digest(signed.digits, self._sealed("digits", signed.nonce, typed)):
            return CaptchaRejected(CaptchaRejection.WRONG, once)
        return CaptchaPassed(once)

    def _bound_to(self, session: str, purpose: str) -> tuple[bytes, bytes]:
        """Seals of both, as the session's name may be the host's cookie."""
        session, purpose = visible_ascii(session, "session"), visible_ascii(purpose, "purpose")
        return self._sealed("session", session.encode()), self._sealed("purpose", purpose.encode())

    def _sealed(self, label: str, content: bytes, digits: str = "") -> bytes:
        return hmac.digest(self._key, f"{label}:{digits}:".encode() + content, "sha256")[:_SEAL]


def _shown(digits: str, language: Language) -> dict[str, str]:
    image, audio = b64encode(drawn(digits, language)).decode(), b64encode(spoken(digits, language)).decode()
    sources = {"image": f"data:image/png;base64,{image}", "audio": f"data:audio/wav;base64,{audio}"}
    return sources | _TEXTS[language]


def _read(answer: object) -> tuple[bytes, str]:
    """The token and the six digits in ASCII that the page sent; nothing for a part that is neither."""
    plain = str.__str__(answer) if is_a(answer, str) else ""
    if len(plain) > 2 * (_SIGNED.size + _SEAL) + 1 + LONGEST_TYPED:
        return b"", ""
    token, _, typed = cleaned(plain).partition(".")
    digits = [unicodedata.decimal(sign, None) for sign in compact(typed)]
    is_code = len(digits) == LENGTH and None not in digits
    return bytes.fromhex(token) if _TOKEN.fullmatch(token) else b"", "".join(map(str, digits)) if is_code else ""
