"""Reads the codes in a picture or a PDF, by the packages `pillow`, `pypdfium2` and `zxing-cpp`."""

import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import Final

from traffic_booking.domain.errors import InvalidInput, MissingExtra

try:
    import pypdfium2
    import zxingcpp
    from PIL import Image
except ImportError as missing:
    raise MissingExtra("reading a code from a picture or a PDF", "ticket-reader") from missing

MOST_PAGES: Final = 10
MOST_MEGAPIXELS: Final = 50
MOST_CODES: Final = 20
PDF: Final = b"%PDF-"

_FIELD: Final = "ticket file"
_EXPECTED: Final = f"a picture, or a PDF of at most {MOST_PAGES} pages, each of at most {MOST_MEGAPIXELS} megapixels"
_PDF_SCALE: Final = 3
"""216 dots an inch: seven dots and more for a module of a printed code."""


def codes_in(content: bytes) -> tuple[str, ...]:
    """The texts of the QR codes in a picture or a PDF, at most 20, without repeats; none if there is no code.

    Raises `InvalidInput` if the content can't be read, or is larger than a ticket may be.
    """
    found: dict[str, None] = {}
    try:
        for image in _pages(content) if content.startswith(PDF) else [_picture(content)]:
            codes = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
            found.update(dict.fromkeys(each.text for each in codes))
    except InvalidInput:
        raise
    except Exception as error:  # noqa: BLE001 - damaged files make these packages raise all kinds of errors
        raise InvalidInput(
            _FIELD, got=f"a file that can't be read ({type(error).__name__})", expected=_EXPECTED
        ) from None
    return tuple(found)[:MOST_CODES]


def _picture(content: bytes) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Pillow, about the number of pixels: we count them
        image = Image.open(BytesIO(content), formats=("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"))
        _check_size(image.width * image.height)
        flat = Image.new("RGB", image.size, "white")  # a transparent ground would be read as black
        shown = image.convert("RGBA")
        flat.paste(shown, mask=shown)
    return flat.convert("L")


def _pages(content: bytes) -> Iterator[Image.Image]:
    document = pypdfium2.PdfDocument(content)
    try:
        if len(document) > MOST_PAGES:
            raise InvalidInput(_FIELD, got=f"{len(document)} pages", expected=_EXPECTED)
        for page in document:
            width, height = page.get_size()
            _check_size(int(width * height) * _PDF_SCALE**2)
            yield page.render(scale=_PDF_SCALE).to_pil().convert("L")
    finally:
        document.close()


def _check_size(pixels: int) -> None:
    megapixels = pixels // 1_000_000
    if megapixels >= MOST_MEGAPIXELS:
        raise InvalidInput(_FIELD, got=f"{megapixels} megapixels", expected=_EXPECTED)
