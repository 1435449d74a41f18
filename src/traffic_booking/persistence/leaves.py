"""The leaves of a sealed log: the form of a log entry that is hashed. Leaves are stored as they were hashed.

So nobody has to write the same JSON again to verify a leaf; `json.loads` and any other reader of JSON can read it.
"""

import re
from contextlib import suppress
from json import loads
from typing import Final

from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.errors import LogUnreadable
from traffic_booking.persistence.basic_codecs import to_json
from traffic_booking.ports.primitives import LogEntry

_START: Final = '{"body":'
_AFTER_BODY: Final = ',"generation":'
_REST: Final = re.compile(
    r'(0|[1-9]\d{0,18}),"kind":("(?:[^"\\]|\\.)*"),"place":(0|[1-9]\d{0,18}),"stream":("(?:[^"\\]|\\.)*")\}', re.ASCII
)


def leaf_of(entry: LogEntry) -> bytes:
    """The leaf of a log entry. The stored text of its body is in it, unchanged."""
    (generation, place), stream, kind, body = entry
    rest = f'{_AFTER_BODY}{generation},"kind":{to_json(kind)},"place":{place},"stream":{to_json(stream)}}}'
    return f"{_START}{body}{rest}".encode()


def entry_of(leaf: bytes) -> LogEntry:
    """The log entry of a leaf. Raises `LogUnreadable` if the leaf has another form."""
    text = leaf.decode(errors="replace")
    end = text.rfind(_AFTER_BODY)  # a text has no bare quotation mark, so the last one is ours
    found = _REST.fullmatch(text, end + len(_AFTER_BODY))
    entry = None
    if found is not None and end >= len(_START):
        generation, kind, place, stream = found.groups()
        position = FeedPosition(int(generation), int(place))
        with suppress(ValueError):  # of an escape that JSON does not have
            entry = LogEntry(position, loads(stream), loads(kind), text[len(_START) : end])
    if entry is None or leaf_of(entry) != leaf:
        raise LogUnreadable("leaf: got another form; expected that of a log entry")
    return entry
