"""Two independent readers of QR codes, and what happens to a picture on its way to them."""

from random import Random

import zxingcpp
from PIL import Image
from pyzbar import pyzbar


def read_by_both(picture: Image.Image) -> tuple[str, str]:
    """The text of the only code in a picture, as each of the readers reads it."""
    (of_zxing,) = zxingcpp.read_barcodes(picture)
    (of_zbar,) = pyzbar.decode(picture)
    return of_zxing.text, of_zbar.data.decode()


def noisy(picture: Image.Image, share: float = 0.01) -> Image.Image:
    """The picture in grey, with a share of its pixels black or white by chance."""
    chance, speckled = Random(11), picture.convert("L")
    for _ in range(int(picture.width * picture.height * share)):
        at = (chance.randrange(picture.width), chance.randrange(picture.height))
        speckled.putpixel(at, chance.choice((0, 255)))
    return speckled


def halved(picture: Image.Image) -> Image.Image:
    """The picture at half its width and height."""
    return picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.BILINEAR)
