import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.desks import open_desk
from traffic_booking import Booked, Document, InvalidInput
from traffic_booking.adapters.tickets import HtmlTicket, TextTicket
from traffic_booking.testing import made_up_person

PLAIN = "text/plain; charset=utf-8"

DOTS = ("", "a", ".txt", "..", "a..txt", "../a.txt", "a" * 97 + ".txt", None)
NO_FILE_NAMES = (*DOTS, "a/b.txt", "a\\b.txt", "تذكرة.txt", 'a".txt', "a\n.txt", "a.txt\n")


def document(media_type=PLAIN, file_name="a.txt", content=b""):
    return Document(media_type=media_type, file_name=file_name, content=content)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_textual_document_has_its_text_as_bytes_in_utf_8(text):
    made = document(content=text.encode())
    assert made.textual
    assert str(made) == f"{made}" == text


def test_a_binary_document_has_bytes_and_no_text():
    made = document("application/pdf", "ticket.pdf", b"%PDF\xff")
    assert not made.textual
    with pytest.raises(InvalidInput, match=r"^document: got application/pdf; expected a textual one"):
        str(made)


def test_the_repr_omits_the_content():
    assert repr(document(content=b"secret")) == f"Document(media_type='{PLAIN}', file_name='a.txt')"


@pytest.mark.parametrize(
    "media_type",
    [
        "",
        "text/plain",
        "text/html; charset=windows-1256",
        "Text/plain",
        "application/pdf\r\nX: y",
        None,
        b"a/b",
        "a" * 999,
    ],
)
def test_a_media_type_is_bounded_and_text_names_its_charset(media_type):
    with pytest.raises(InvalidInput, match=r"^media_type: "):
        document(media_type)


@pytest.mark.parametrize("name", NO_FILE_NAMES)
def test_a_file_name_is_safe_in_a_header_and_on_a_disk(name):
    with pytest.raises(InvalidInput, match=r"^file_name: "):
        document(file_name=name)


def test_the_content_is_bytes_and_text_is_utf_8():
    with pytest.raises(InvalidInput, match=r"^content: got str"):
        document(content="text")
    with pytest.raises(InvalidInput, match=r"^content: got other bytes at 1"):
        document(content=b"a\xff")


@pytest.mark.parametrize(("form", "ending", "kind"), [("text", "txt", "plain"), ("html", "html", "html")])
def test_a_ticket_is_one_that_is_named_after_its_appointment(form, ending, kind):
    desk, me = open_desk(tickets={"text": TextTicket(), "html": HtmlTicket()}), made_up_person(1)
    booked = desk.book(desk.find_slots(service="renewal")[0], applicant=me, agreed=True, request_id="1")
    assert isinstance(booked, Booked)
    ticket = desk.ticket(booked.appointment.number, by=me, form=form)
    assert ticket.file_name == f"ticket-{booked.appointment.number}.{ending}"
    assert ticket.media_type == f"text/{kind}; charset=utf-8"
    assert str(ticket).encode() == ticket.content
