"""A document to print, to send or to download, such as a ticket."""

import re
from typing import Final

from attrs import field

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.text_input import plain_text
from traffic_booking.domain.value_input import of_type
from traffic_booking.domain.values import frozen

UTF_8: Final = "; charset=utf-8"
"""The end of the media type of every textual document."""
LONGEST_NAME: Final = 100

_MEDIA_TYPE: Final = re.compile(rf"[a-z]{{1,20}}/[a-z0-9][a-z0-9.+-]{{0,80}}(?:{UTF_8})?", re.ASCII)
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)+", re.ASCII)


def _media_type(text: object) -> str:
    expected = f"such as application/pdf; text ends in {UTF_8!r}"
    plain = plain_text(text, "media_type", expected)
    if _MEDIA_TYPE.fullmatch(plain) and (plain.endswith(UTF_8) or not plain.startswith("text/")):
        return plain
    raise InvalidInput("media_type", got=repr(plain[:40]), expected=expected)


def _file_name(text: object) -> str:
    expected = f"ASCII letters, digits, '-', '_' and single dots, with an ending, at most {LONGEST_NAME} characters"
    plain = plain_text(text, "file_name", expected)
    if len(plain) <= LONGEST_NAME and _FILE_NAME.fullmatch(plain):
        return plain
    raise InvalidInput("file_name", got=repr(plain[:40]), expected=expected)


@frozen(kw_only=True)
class Document:
    """A document with its media type and a file name that is safe in a header and on any disk.

    `str(document)` is the text of a textual one. `repr` omits the content.

    Raises:
        InvalidInput: a part is malformed, a media type that starts with `text/` lacks its charset, or the content of
            a textual document is not UTF-8.

    Example::

        str(Document(media_type="text/plain; charset=utf-8", file_name="a.txt", content=b"a"))  # "a"
    """

    media_type: str = field(converter=_media_type)
    file_name: str = field(converter=_file_name)
    content: bytes = field(validator=of_type(bytes), repr=False)

    def __attrs_post_init__(self) -> None:
        if self.textual:
            self._text()

    @property
    def textual(self) -> bool:
        """True if the content is text, in UTF-8."""
        return self.media_type.endswith(UTF_8)

    def _text(self) -> str:
        try:
            return self.content.decode()
        except UnicodeDecodeError as error:
            raise InvalidInput("content", got=f"other bytes at {error.start}", expected="text in UTF-8") from None

    def __str__(self) -> str:
        if not self.textual:
            raise InvalidInput("document", got=self.media_type, expected="a textual one; write `content` as bytes")
        return self._text()
