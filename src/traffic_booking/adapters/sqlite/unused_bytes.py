"""The unused bytes of an SQLite file: those between the cell pointers and the cells of its pages.

When SQLite rebuilds a page it leaves there what the page had before, `secure_delete` or not. Bytes of freed pages and
freed cells are zeros. The format is that of https://sqlite.org/fileformat2.html.
"""

from collections.abc import Collection, Iterator
from typing import Final

_FILE_HEADER_BYTES: Final = 100
_PAGE_HEADER_BYTES: Final = {2: 12, 5: 12, 10: 8, 13: 8}
"""By the first byte of a page; pages with another one have no cells."""
_LARGEST_PAGE: Final = 65_536
_PAGES_AT_ONCE: Final = 1_024


def have_any(texts: Collection[str], file: bytes) -> bool:
    """True if unused bytes of an SQLite file with this content have one of the texts."""
    sought = [text.encode() for text in texts]
    return any(text in unused for unused in _unused_bytes(file) for text in sought)


def _unused_bytes(file: bytes) -> Iterator[bytes]:
    """The unused bytes of some pages at a time."""
    size = int.from_bytes(file[16:18], "big")
    size = _LARGEST_PAGE if size == 1 else size
    step = size * _PAGES_AT_ONCE
    for first in range(0, len(file), step):
        places = range(first, min(first + step, len(file)), size)
        yield b"\0".join(_unused(file, start, size, 0 if start else _FILE_HEADER_BYTES) for start in places)


def _unused(file: bytes, start: int, size: int, offset: int) -> bytes:
    """The unused bytes of the page at `start`, whose header is at `offset`."""
    at = start + offset
    header_bytes = _PAGE_HEADER_BYTES.get(file[at])
    if header_bytes is None:
        return b""
    cells = int.from_bytes(file[at + 3 : at + 5], "big")
    content = int.from_bytes(file[at + 5 : at + 7], "big") or size
    return file[at + header_bytes + 2 * cells : start + content].strip(b"\0")
