"""The unused bytes of an SQLite file: those between the cell pointers and the cells of its pages.

When SQLite rebuilds a page it leaves there what the page had before, `secure_delete` or not. Bytes of freed pages and
freed cells are zeros. The format is that of https://sqlite.org/fileformat2.html.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

_FILE_HEADER_BYTES: Final = 100
_PAGE_HEADER_BYTES: Final = {2: 12, 5: 12, 10: 8, 13: 8}
"""By the first byte of a page; pages with another one have no cells."""
_LARGEST_PAGE: Final = 65_536
_PAGES_AT_ONCE: Final = 1_024


def have_any(texts: Collection[str], file: Path) -> bool:
    """True if unused bytes of `file` have one of the texts; its write-ahead log has to be empty."""
    sought = [text.encode() for text in texts if text]
    return any(text in unused for unused in _unused_bytes(file) for text in sought) if sought else False


def _unused_bytes(file: Path) -> Iterator[bytes]:
    """The unused bytes of some pages at a time."""
    with file.open("rb") as opened:
        header = opened.read(_FILE_HEADER_BYTES)
        size = int.from_bytes(header[16:18], "big")
        size = _LARGEST_PAGE if size == 1 else size
        opened.seek(0)
        first = _FILE_HEADER_BYTES
        while pages := opened.read(size * _PAGES_AT_ONCE) if size else b"":
            yield b"\0".join(
                _unused(pages, start, size, first if start == 0 else 0) for start in range(0, len(pages), size)
            )
            first = 0


def _unused(pages: bytes, start: int, size: int, offset: int) -> bytes:
    """The unused bytes of the page at `start`, whose header is at `offset`."""
    at = start + offset
    header_bytes = _PAGE_HEADER_BYTES.get(pages[at])
    if header_bytes is None:
        return b""
    cells = int.from_bytes(pages[at + 3 : at + 5], "big")
    content = int.from_bytes(pages[at + 5 : at + 7], "big") or size
    return pages[at + header_bytes + 2 * cells : start + content].strip(b"\0")
