"""Digits as speech: the clips in `voices/`, at changing speed and loudness, over softer words played backwards.

The `captcha` package mixes sound as well, but takes a quarter of a second of one core for it.
"""

import wave
from functools import cache
from io import BytesIO
from operator import add
from pathlib import Path
from secrets import SystemRandom
from typing import Final

from traffic_booking.domain.bilingual import Language

SAMPLES_A_SECOND: Final = 11_025
"""One channel, 8 bits a sample."""

_SILENCE: Final = b"\x80"
_PAUSE: Final = (0.3, 0.7)  # seconds between two digits
_SPEED: Final = (0.9, 1.1)
_VOICE, _BABBLE = 112, 12  # greatest amplitudes; together below 128, so that no sum leaves a byte


def spoken(digits: str, language: Language) -> bytes:
    """`digits`, 2 to 9, as a WAV, one after the other in words of `language`."""
    chance, clips = SystemRandom(), _clips(language)
    speech = bytearray(_pause(chance))
    for digit in digits:
        speech += _at_speed(clips[digit], chance.uniform(*_SPEED)).translate(_LEVELS[chance.randrange(len(_LEVELS))])
        speech += _pause(chance)
    babble = bytearray()
    while len(babble) < len(speech):
        babble += chance.choice(tuple(clips.values()))[::-1]
    return _wave(bytes(map(add, speech, babble.translate(_BABBLING))))


def _pause(chance: SystemRandom) -> bytes:
    return (_SILENCE * int(chance.uniform(*_PAUSE) * SAMPLES_A_SECOND)).translate(_LEVELS[0])


def _at_speed(clip: bytes, speed: float) -> bytes:
    return bytes([clip[int(place * speed)] for place in range(int(len(clip) / speed))])


def _level(amplitude: int, middle: int) -> bytes:
    """A table that maps each sample to one of at most this amplitude around `middle`."""
    return bytes(middle + round((sample - 128) * amplitude / 128) for sample in range(256))


_LEVELS: Final = [_level(amplitude, 128 - _BABBLE) for amplitude in range(_VOICE, _VOICE * 3 // 4, -4)]
_BABBLING: Final = _level(_BABBLE, _BABBLE)


@cache
def _clips(language: Language) -> dict[str, bytes]:
    folder = Path(__file__).parent / "voices" / language
    return {digit: _samples(folder / f"{digit}.wav") for digit in "23456789"}


def _samples(file: Path) -> bytes:
    with wave.open(str(file)) as clip:
        assert clip.getparams()[:3] == (1, 1, SAMPLES_A_SECOND), "a voice of another form"
        samples: bytes = clip.readframes(clip.getnframes())
        return samples


def _wave(samples: bytes) -> bytes:
    written = BytesIO()
    with wave.open(written, "wb") as file:
        file.setparams((1, 1, SAMPLES_A_SECOND, 0, "NONE", ""))
        file.writeframes(samples)
    return written.getvalue()
