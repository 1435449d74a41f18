"""Any input of a page: an answer is checked without an error, and every answer to one challenge has one name."""

import base64
import json
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from tests.small_town import START
from traffic_booking.adapters.altcha import LONGEST_ANSWER, AltchaCaptcha, solve
from traffic_booking.domain.people.captcha import CaptchaPassed, CaptchaRejected

CAPTCHA = AltchaCaptcha("a secret of the host, 32 bytes and more", iterations=1, most_tries=4)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=12), parts, max_size=3),
    max_leaves=8,
)


@cache
def solved():
    return solve(CAPTCHA.issue(session="browser-1", purpose="sign-in", now=START))


def verified(answer):
    return CAPTCHA.verify(answer, session="browser-1", purpose="sign-in", now=START)


def is_rejected_or_the_same(answer):
    name = verified(solved())
    assert isinstance(name, CaptchaPassed)
    found = verified(answer)
    return isinstance(found, CaptchaRejected) or found == name


def wrapped(content):
    return base64.b64encode(content).decode()


@given(st.text(max_size=LONGEST_ANSWER + 10))
def test_no_text_raises_or_passes(text):
    assert isinstance(verified(text), CaptchaRejected)


@given(st.binary(max_size=3_000))
def test_no_bytes_in_base64_raise_or_pass(content):
    assert isinstance(verified(wrapped(content)), CaptchaRejected)


@given(anything)
def test_no_json_raises_or_passes(content):
    assert isinstance(verified(wrapped(json.dumps(content).encode())), CaptchaRejected)


@given(st.data())
def test_one_changed_character_is_rejected_or_has_the_same_name(data):
    answer = solved()
    place = data.draw(st.integers(0, len(answer)))
    put, removed = data.draw(st.text(max_size=2)), data.draw(st.integers(0, 2))

    assert is_rejected_or_the_same(answer[:place] + put + answer[place + removed :])


@given(st.data())
def test_one_changed_bit_is_rejected_or_has_the_same_name(data):
    content = bytearray(base64.b64decode(solved()))
    bit = data.draw(st.integers(0, len(content) * 8 - 1))
    content[bit // 8] ^= 1 << bit % 8

    assert is_rejected_or_the_same(wrapped(bytes(content)))


@given(st.data())
def test_one_changed_value_or_further_field_is_rejected_or_has_the_same_name(data):
    sent = json.loads(base64.b64decode(solved()))
    signed = sent["challenge"]["parameters"]
    part = data.draw(st.sampled_from([sent, sent["challenge"], sent["solution"], signed, signed["data"]]))
    field = data.draw(
        st.sampled_from([*part, "expiresAt", "memoryCost", "parallelism", "__proto__"]) | st.text(max_size=8)
    )
    if data.draw(st.booleans()):
        part[field] = data.draw(anything)
    else:
        part.pop(field, None)

    assert is_rejected_or_the_same(wrapped(json.dumps(sent).encode()))


@given(
    indent=st.none() | st.integers(0, 8),
    sort_keys=st.booleans(),
    coding=st.sampled_from(["utf-8", "utf-16", "utf-32-le"]),
)
def test_another_layout_is_rejected_or_has_the_same_name(indent, sort_keys, coding):
    sent = json.loads(base64.b64decode(solved()))

    assert is_rejected_or_the_same(wrapped(json.dumps(sent, indent=indent, sort_keys=sort_keys).encode(coding)))
