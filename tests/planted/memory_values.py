"""Faults of the memory store: keys, numbers, instants and bodies that are altered or refused."""

from datetime import datetime
from unicodedata import normalize

from tests.planted.copies import MEMORY
from tests.planted.faults import plant
from tests.planted.translating import Translating, without_offset
from traffic_booking.domain.errors import StoreError

BEYOND_16_BITS = 0x10000


@plant(MEMORY)
class DropsOffsetsOfColumns(Translating):
    """The offset of an instant that is written is dropped."""

    def written(self, value):
        return without_offset(value)


@plant(MEMORY)
class DropsOffsetsOfRanges(Translating):
    """The offset of an instant in a range is dropped."""

    def bound(self, value):
        return without_offset(value)


@plant(MEMORY)
class DropsOffsetsOfCursors(Translating):
    """The offset of an instant in a cursor is dropped."""

    def cursor(self, value):
        return without_offset(value)


@plant(MEMORY, (MEMORY, "row and (*row[:2], *map(_in_utc, row[2:]))", "row"))
class ReturnsInstantsAsTheyCame:
    """An instant is returned with the offset that it was written with."""


@plant(MEMORY)
class CutsInstantsToMilliseconds(Translating):
    """Instants are stored to the millisecond."""

    def written(self, value):
        return value.replace(microsecond=value.microsecond // 1000 * 1000) if isinstance(value, datetime) else value


@plant(MEMORY)
class FoldsKeysByNfc(Translating):
    """Keys are folded by NFC."""

    def key(self, key):
        return normalize("NFC", key)


@plant(MEMORY)
class FoldsKeysByCase(Translating):
    """Keys are compared without their case."""

    def key(self, key):
        return key.lower()


@plant(MEMORY)
class StripsKeys(Translating):
    """Blanks at the end of a key are dropped."""

    def key(self, key):
        return key.rstrip(" ")


@plant(MEMORY)
class CutsKeys(Translating):
    """Keys are cut at 64 characters."""

    def key(self, key):
        return key[:64]


@plant(MEMORY)
class LosesEmojiOfKeys(Translating):
    """Characters above U+FFFF are dropped from keys."""

    def key(self, key):
        return without_emoji(key)


@plant(MEMORY)
class LosesEmojiOfBodies(Translating):
    """Characters above U+FFFF are replaced by question marks in bodies."""

    def body(self, body):
        return without_emoji(body, "?")


@plant(MEMORY)
class LosesEmojiOfColumns(Translating):
    """Characters above U+FFFF are dropped from columns."""

    def written(self, value):
        return without_emoji(value) if isinstance(value, str) else value


@plant(MEMORY)
class RefusesLargeBodies(Translating):
    """Bodies above 64 kB are refused."""

    def body(self, body):
        if len(body.encode()) > 65_535:
            raise StoreError("the memory store: got a body above 65,535 bytes")
        return body


@plant(MEMORY)
class CutsLargeBodies(Translating):
    """Bodies are cut at 64 kB."""

    def body(self, body):
        return body.encode()[:65_535].decode(errors="ignore")


@plant(MEMORY)
class NarrowNumbers(Translating):
    """Numbers of columns wrap around at 32 bits."""

    def written(self, value):
        return (value + 2**31) % 2**32 - 2**31 if isinstance(value, int) else value


@plant(MEMORY)
class NarrowCounters(Translating):
    """The ceiling of a counter is at most that of 32 bits."""

    def commit(self, changes):
        return super().commit(
            [
                change._replace(
                    counts=tuple(one._replace(ceiling=min(one.ceiling, 2**31 - 1)) for one in change.counts)
                )
                for change in changes
            ]
        )


@plant(
    MEMORY,
    (
        MEMORY,
        "insort(index, place)",
        "insort(index, place, key=lambda each: (*each[:-1], each[-1].encode('utf-16-be')))",
    ),
)
class OrdersKeysByUtf16:
    """Records are put into an index in the order of their keys in UTF-16."""


_COUNTED = "(key, value) for key, value in self._counters[name].items() if value > 0"


@plant(MEMORY, (MEMORY, f"sorted({_COUNTED})", f"sorted(({_COUNTED}), key=lambda each: each[0].casefold())"))
class OrdersCountersByCase:
    """Counters are listed in an order of their keys that ignores case."""


_MATCH = (MEMORY, "GENERATION = 1\n", "GENERATION = 1\nfrom fnmatch import fnmatchcase as match\n")
_STREAMS = "[list(self._streams.get(stream, ())) for stream in streams]"


@plant(
    MEMORY,
    (MEMORY, _STREAMS, "[[each for each in self._log if match(each.stream, stream)] for stream in streams]"),
    _MATCH,
)
class ReadsStreamsByWildcards:
    """A star in the name of a stream stands for any characters."""


@plant(
    MEMORY,
    (MEMORY, "records.get(found) if", "next((row for at, row in records.items() if match(at, found)), None) if"),
    _MATCH,
)
class ReadsKeysByWildcards:
    """A star in a key stands for any characters."""


def without_emoji(text, instead=""):
    return "".join(each if ord(each) < BEYOND_16_BITS else instead for each in text)
