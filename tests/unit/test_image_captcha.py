"""The visual code: its pictures and sounds, what may be typed, what the page can't learn, one guess a challenge."""

import base64
import importlib
import io
import json
import sys
import unicodedata
import wave
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.small_town import START
from traffic_booking import InvalidInput, MissingExtra
from traffic_booking.adapters.image_captcha import ImageCaptcha, answer, codes, pictures, random_digits, sounds
from traffic_booking.domain.bilingual import Language
from traffic_booking.domain.people.captcha import SHORTEST_SECRET, CaptchaPassed, CaptchaRejected, CaptchaRejection

SECRET = "a secret of the host, 32 bytes and more"
BROWSER = "browser-session-7f21"
SHOWN = "482739"
STEP = timedelta(microseconds=1)
CAPTCHA = ImageCaptcha(SECRET, draw=lambda: SHOWN)
MALFORMED = CaptchaRejected(CaptchaRejection.MALFORMED)
LANGUAGES: tuple[Language, ...] = ("ar", "en")


def issued(captcha=CAPTCHA, *, session=BROWSER, purpose="sign-in", now=START):
    return captcha.issue(session=session, purpose=purpose, now=now)


def verified(sent, captcha=CAPTCHA, *, session=BROWSER, purpose="sign-in", now=START):
    return captcha.verify(sent, session=session, purpose=purpose, now=now)


def token(challenge):
    return challenge.content["token"]


TOKEN = token(issued())
RIGHT = verified(answer(TOKEN, SHOWN))


def opened(source, kind):
    head, _, content = source.partition(",")
    assert head == f"data:{kind};base64"
    return base64.b64decode(content, validate=True)


@pytest.mark.journey("J-05")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_challenge_has_a_picture_and_a_sound_in_each_language_with_their_texts(language):
    form = issued().content[language]

    assert opened(form["image"], "image/png")
    assert opened(form["audio"], "audio/wav")
    assert set(form) == {"prompt", "image", "image_text", "audio", "audio_text"}
    is_arabic = any("ARABIC LETTER" in unicodedata.name(sign) for sign in form["prompt"])
    assert is_arabic == (language == "ar")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_picture_fits_a_phone_and_its_ink_stands_out_from_the_paper(language):
    with Image.open(io.BytesIO(pictures.drawn(SHOWN, language))) as picture:
        picture.load()
        seen = picture.convert("L")

    assert (picture.format, picture.size) == ("PNG", (280, 100))
    dark = sum(1 for shade in seen.tobytes() if shade < 90) / (280 * 100)
    light = sum(1 for shade in seen.tobytes() if shade > 200) / (280 * 100)
    assert 0.05 < dark < 0.5
    assert light > 0.4


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_digit_has_a_shape_and_a_voice_of_its_own(language):
    (font, *_) = pictures._PAINTERS[language].truefonts
    signs = codes.DIGITS.translate(str.maketrans("23456789", "٢٣٤٥٦٧٨٩")) if language == "ar" else codes.DIGITS

    assert len({bytes(font.getmask(sign)) for sign in signs}) == len(signs)
    assert len(set(sounds._clips(language).values())) == len(signs)
    assert b"" not in sounds._clips(language).values()


def test_the_arabic_picture_has_arabic_digits():
    (arabic, *_), (latin, *_) = (pictures._PAINTERS[language].truefonts for language in LANGUAGES)

    assert arabic.getname()[0] == "Noto Sans Arabic"
    assert bytes(arabic.getmask("٤")) != bytes(arabic.getmask("4"))  # a digit that the font lacks is an empty box
    assert bytes(latin.getmask("4")) != bytes(latin.getmask("٤"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("digits", ["222222", "888888", "999999", SHOWN])
def test_a_sound_takes_a_few_seconds_and_its_words_are_louder_than_the_noise(language, digits):
    with wave.open(io.BytesIO(sounds.spoken(digits, language))) as sound:
        seconds = sound.getnframes() / sound.getframerate()
        samples = sound.readframes(sound.getnframes())

    assert sound.getparams()[:3] == (1, 1, 11_025)
    assert 3 < seconds < 15
    first, loudest = samples[: 11_025 // 4], max(abs(sample - 128) for sample in samples)
    assert loudest > 45
    assert max(abs(sample - 128) for sample in first) <= 12


def test_the_same_digits_look_and_sound_different_each_time():
    made = [issued().content for _ in range(3)]

    for language in LANGUAGES:
        for part in ("image", "audio"):
            assert len({content[language][part] for content in made}) == 3


def test_digits_are_drawn_from_2_to_9_and_each_of_them_comes_up():
    drawn = [random_digits() for _ in range(200)]

    assert {len(digits) for digits in drawn} == {6}
    assert set("".join(drawn)) == set("23456789")
    assert len(set(drawn)) > 150


@pytest.mark.journey("J-05")
def test_the_content_shows_neither_the_digits_nor_the_session_nor_the_secret():
    challenge = issued()
    readable = json.dumps(dict(challenge.content)) + bytes.fromhex(token(challenge)).decode("latin-1")
    files = b"".join(
        opened(challenge.content[language][part], kind)
        for language in LANGUAGES
        for part, kind in (("image", "image/png"), ("audio", "audio/wav"))
    )

    for hidden in (BROWSER, SECRET):
        assert hidden not in f"{readable} {CAPTCHA!r} {challenge!r}"
    texts = json.dumps([challenge.content[language]["image_text"] for language in LANGUAGES])
    assert SHOWN not in texts + token(challenge)
    assert SHOWN.encode() not in files


def test_two_challenges_of_the_same_digits_share_no_seal_of_them():
    first, second = (codes._SIGNED.unpack(bytes.fromhex(token(issued()))[:72]) for _ in range(2))

    assert first[4] != second[4]


@pytest.mark.journey("J-06")
@pytest.mark.parametrize(
    "typed",
    [
        SHOWN,
        "٤٨٢٧٣٩",
        "۴۸۲۷۳۹",
        "４８２７３９",
        "٤8۲７٣9",
        " 482 739 ",
        "4-8-2-7-3-9",
        "482–739",
        "\u200f٤٨٢\u00a0٧٣٩\u200e",
        "\u2067482739\u2069\n",
    ],
)
def test_the_digits_may_be_typed_in_any_script_with_blanks_and_hyphens(typed):
    assert verified(answer(TOKEN, typed)) == RIGHT
    assert isinstance(RIGHT, CaptchaPassed)


@pytest.mark.parametrize(
    "typed",
    ["", "4", "48273", "4827390", "48273x", "482.739", "4827３", "²82739", "IV2739", "\u202e482739", "482\u202d739"],
)
def test_an_entry_that_is_not_six_digits_is_malformed_and_spends_nothing(typed):
    assert verified(answer(TOKEN, typed)) == MALFORMED


@pytest.mark.parametrize(
    "sent",
    [
        "",
        ".",
        SHOWN,
        TOKEN,
        f".{SHOWN}",
        f"{TOKEN}{SHOWN}",
        f"{TOKEN}.\x00{SHOWN}",
        f"{TOKEN}.{SHOWN}\ud800",
        f"{TOKEN}.{' ' * 100}{SHOWN}",
        f"{TOKEN}..{SHOWN}",
        f"{TOKEN[:-2]}.{SHOWN}",
        f"{TOKEN}00.{SHOWN}",
        f"\u202e{TOKEN}.{SHOWN}",
        f"{TOKEN.upper()}.{SHOWN}",
        f"{TOKEN[:-1]}\n.{SHOWN}",
        f"{TOKEN[:-1]}٤.{SHOWN}",
        "\ud800" * 183,
        "\x00" * 183,
        "9" * 1_000_000,
        None,
        7,
        b"bytes",
        [TOKEN, SHOWN],
    ],
)
def test_an_input_that_is_no_answer_is_malformed(sent):
    assert verified(sent) == MALFORMED


@given(st.text(max_size=300), st.text(max_size=70))
def test_no_text_raises_or_passes(text, typed):
    assert isinstance(verified(text), CaptchaRejected)
    assert isinstance(verified(answer(text, SHOWN)), CaptchaRejected)
    assert verified(answer(TOKEN, typed)) in {MALFORMED, CaptchaRejected(CaptchaRejection.WRONG, RIGHT.once)}


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("0123456789abcdef"))
def test_a_changed_token_is_wrong_and_names_no_challenge(place, sign):
    changed = TOKEN[:place] + sign + TOKEN[place + 1 :]

    found = verified(answer(changed, SHOWN))

    assert found == (RIGHT if changed == TOKEN else CaptchaRejected(CaptchaRejection.WRONG))


@given(st.text("0123456789", min_size=6, max_size=6))
def test_a_wrong_guess_names_the_challenge_that_it_spends(digits):
    found = verified(answer(TOKEN, digits))

    assert found == (RIGHT if digits == SHOWN else CaptchaRejected(CaptchaRejection.WRONG, RIGHT.once))


def test_a_challenge_made_with_another_secret_is_wrong_and_any_process_with_the_secret_may_verify():
    other = ImageCaptcha("x" * SHORTEST_SECRET, draw=lambda: SHOWN)

    assert verified(answer(TOKEN, SHOWN), other) == CaptchaRejected(CaptchaRejection.WRONG)
    assert verified(answer(TOKEN, SHOWN), ImageCaptcha(SECRET.encode())) == RIGHT


@pytest.mark.journey("J-06")
def test_a_guess_in_another_session_or_for_another_purpose_spends_nothing():
    for typed in (SHOWN, "222222"):
        sent = answer(TOKEN, typed)
        assert verified(sent, session="another") == CaptchaRejected(CaptchaRejection.OTHER_SESSION)
        assert verified(sent, purpose="booking") == CaptchaRejected(CaptchaRejection.OTHER_PURPOSE)


@pytest.mark.journey("J-06")
@pytest.mark.parametrize("now", [START, datetime(1969, 7, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)])
def test_a_code_expires_by_the_clock_it_is_given_and_no_other(now):
    captcha = ImageCaptcha(SECRET, lifetime_minutes=10, draw=lambda: SHOWN)
    challenge = issued(captcha, now=now)
    sent, end = answer(token(challenge), SHOWN), now + timedelta(minutes=10)

    assert challenge.expires_at == end
    assert isinstance(verified(sent, now=end - STEP), CaptchaPassed)
    for late in (end, end + STEP, end + timedelta(days=365)):
        assert verified(sent, now=late) == CaptchaRejected(CaptchaRejection.EXPIRED)


@pytest.mark.parametrize("name", ["", "x" * 129, "two words", "رمز", "li\nne", "\u202eline", None])
def test_a_session_or_purpose_must_be_visible_ascii_and_is_not_shown(name):
    for names in ({"session": name}, {"purpose": name}):
        with pytest.raises(InvalidInput) as of_issue:
            issued(**names)
        with pytest.raises(InvalidInput) as of_verify:
            verified("", **names)
        for error in (of_issue, of_verify):
            assert not name or name not in str(error.value)


@pytest.mark.parametrize("length", [0, SHORTEST_SECRET - 1])
def test_a_shorter_secret_is_refused_and_not_shown(length):
    with pytest.raises(InvalidInput, match=f"got {length} bytes; expected at least 32") as error:
        ImageCaptcha("k" * length)
    assert "k" * 8 not in str(error.value)


@pytest.mark.parametrize("minutes", [0, 24 * 60 + 1, True, 1.5])
def test_a_lifetime_out_of_bounds_is_named(minutes):
    with pytest.raises(InvalidInput, match="lifetime_minutes"):
        ImageCaptcha(SECRET, lifetime_minutes=minutes)


@pytest.mark.parametrize("digits", ["", "48273", "482730", "٤٨٢٧٣٩", "482739\n"])
def test_digits_that_can_not_be_shown_are_refused_and_not_shown(digits):
    with pytest.raises(InvalidInput, match="expected 6 digits from 2 to 9") as error:
        issued(ImageCaptcha(SECRET, draw=lambda: digits))
    assert not digits or digits not in str(error.value)


def test_without_the_package_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "captcha.image", None)
    for name in [each for each in sys.modules if each.startswith("traffic_booking.adapters.image_captcha")]:
        monkeypatch.delitem(sys.modules, name)

    with pytest.raises(MissingExtra, match=r"traffic-booking\[image-captcha\]"):
        importlib.import_module("traffic_booking.adapters.image_captcha")
