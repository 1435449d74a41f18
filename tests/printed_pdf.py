"""Reads a printed ticket with poppler: its text, its pages, and a picture of it."""

import re
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from traffic_booking import Ticket, TicketLanguage
from traffic_booking.adapters.tickets import TicketBrand
from traffic_booking.adapters.tickets.content import contents_of
from traffic_booking.adapters.tickets.fitting import BREAK, ROOMS, Room
from traffic_booking.adapters.tickets.pdf import sheet_of

MARKS_OF_DIRECTION = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b"))


def run(*command: str, given: bytes = b"") -> bytes:
    """The output of a program of poppler; a test without it fails in one line."""
    if shutil.which(command[0]) is None:
        pytest.fail(f"no {command[0]}; expected it on PATH: apt-get install poppler-utils", pytrace=False)
    return subprocess.run(command, input=given, check=True, capture_output=True, timeout=120).stdout


def text_of(pdf: bytes) -> str:
    """The text without blanks and marks of direction. Poppler turns Arabic ligatures around: count the characters."""
    return "".join(run("pdftotext", "-raw", "-", "-", given=pdf).decode().translate(MARKS_OF_DIRECTION).split())


def sheet_text(ticket: Ticket, language: TicketLanguage, room: Room = ROOMS[0]) -> str:
    """The texts that the sheet of a ticket is given, a line each, if there is that much room."""
    sheet = sheet_of(ticket, contents_of(ticket, language), TicketBrand(), (room,))
    texts = [sheet["code"]["number"], *strings(sheet["variants"][0])]
    return "\n".join(texts).replace(BREAK, "").replace("\xa0", " ")


def strings(part: Any) -> Iterator[str]:
    """All texts in a sheet, without addresses of links and names of languages."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for name, each in part.items():
            if name not in {"language", "link"}:
                yield from strings(each)
    elif isinstance(part, list):
        for each in part:
            yield from strings(each)


def facts_of(pdf: bytes) -> dict[str, str]:
    """The facts of `pdfinfo`, such as the pages and the title."""
    lines = run("pdfinfo", "-", given=pdf).decode().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def picture_of(pdf: bytes, dots_per_inch: int) -> Image.Image:
    """The first page as a picture."""
    drawn = run("pdftoppm", "-r", str(dots_per_inch), "-png", "-f", "1", "-l", "1", "-", given=pdf)
    return Image.open(BytesIO(drawn)).convert("RGB")


def objects_of(pdf: bytes) -> bytes:
    """All of a PDF with its streams inflated, to look for the parts of its structure."""
    parts = [pdf]
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompress(found[1]))
        except zlib.error:
            continue
    return b"\n".join(parts)
