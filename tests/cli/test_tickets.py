"""The shell makes the keys of tickets, signs them, verifies a ticket in a file, and lists the revoked ones."""

import io
import json
import sys

import pytest
import segno
from PIL import Image

from tests.cli.conftest import CANARY
from tests.tickets_signed import A_TICKET, SIGNER
from traffic_booking import Document
from traffic_booking.adapters.signing_keys import SigningKeys
from traffic_booking.adapters.ticket_codes import CoseCodes
from traffic_booking.adapters.tickets import TextTicket


@pytest.fixture
def key(shell, tmp_path):
    path = tmp_path / "tickets.key"
    assert shell("ticket", "keys", str(path), "--json").form["outcome"] == "made"
    return path


@pytest.fixture
def public(key):
    return f"{key}.pub"


@pytest.fixture
def code(key):
    return CoseCodes().write(A_TICKET, SigningKeys.open(key)).text


@pytest.fixture
def typed(tmp_path):
    """Writes a file, and returns its name."""

    def write(content, name="ticket.txt"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


def picture(text, kind):
    file = io.BytesIO()
    segno.make_qr(text, error="m", boost_error=False).save(file, kind=kind, scale=4)
    return file.getvalue()


def test_keys_are_made_once_and_replaced_if_that_is_asked_for(shell, key):
    made = shell("ticket", "keys", str(key), "--json").form
    assert made["outcome"] == "present"
    rotated = shell("ticket", "keys", str(key), "--rotate", "--json").form
    assert rotated["outcome"] == "rotated"
    assert rotated["keys"][1:] == made["keys"]
    assert "earlier keys, still accepted" in shell("ticket", "keys", str(key)).out


@pytest.mark.parametrize(
    ("language", "holds", "branch"),
    [("en", "The signature holds.", "Riyadh traffic branch"), ("ar", "التوقيع صحيح.", "فرع المرور بالرياض")],
)
def test_a_code_is_verified_and_shown_in_both_languages(shell, public, code, typed, language, holds, branch):
    answer = shell("ticket", "verify", typed(code + "\n"), "--key", public, "--language", language)
    assert answer.code == 0
    assert all(part in answer.out for part in (holds, branch, A_TICKET.number, "08:00–08:15", A_TICKET.ticket_id))


@pytest.mark.parametrize("kind", ["png", "pdf"])
def test_a_picture_and_a_pdf_are_read(shell, public, code, typed, kind):
    answer = shell("ticket", "verify", typed(picture(code, kind), f"ticket.{kind}"), "--key", public, "--json")
    assert answer.code == 0
    assert answer.form["outcome"] == "valid"
    assert answer.form["code"]["claims"]["number"] == A_TICKET.number


@pytest.mark.parametrize("kind", ["JPEG", "GIF", "BMP", "TIFF", "WEBP"])
def test_pictures_of_other_kinds_are_read(shell, public, code, typed, kind):
    file = io.BytesIO()
    Image.open(io.BytesIO(picture(code, "png"))).convert("RGB").save(file, kind)
    assert shell("ticket", "verify", typed(file.getvalue()), "--key", public).code == 0


def test_a_transparent_picture_is_read(shell, public, code, typed):
    file = io.BytesIO()
    segno.make_qr(code, error="m").save(file, kind="png", scale=4, light=None)
    assert shell("ticket", "verify", typed(file.getvalue()), "--key", public).code == 0


def test_standard_input_is_read(shell, public, code, monkeypatch):
    for content in (code.encode(), picture(code, "png")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        assert shell("ticket", "verify", "-", "--key", public).code == 0


def faults(code):
    forged = CoseCodes().write(A_TICKET, SIGNER).text
    return {"not-a-code": "hello", "malformed": code[:-1], "unknown-key": forged, "forged": f"{code[:-2]}00"}


@pytest.mark.parametrize("fault", ["not-a-code", "malformed", "unknown-key", "forged"])
def test_each_fault_has_its_own_words_and_exit_code_1(shell, public, code, typed, fault):
    file = typed(faults(code)[fault])
    answer = shell("ticket", "verify", file, "--key", public, "--json")
    assert (answer.code, answer.form["outcome"], answer.form["code"]["fault"]) == (1, "refused", fault)
    for language in ("ar", "en"):
        assert answer.form["code"]["message"][language] in shell(
            "ticket", "verify", file, "--key", public, "--language", language
        ).out.replace("\n", " ")


def test_a_bare_number_proves_nothing(shell, public, typed):
    answer = shell("ticket", "verify", typed(A_TICKET.number), "--key", public, "--json")
    assert (answer.code, answer.form["outcome"]) == (1, "unsigned")
    assert "It proves nothing" in shell("ticket", "verify", typed(A_TICKET.number), "--key", public).out


def test_a_picture_without_a_code_is_refused(shell, public, typed):
    file = io.BytesIO()
    Image.new("L", (50, 50), 255).save(file, "PNG")
    answer = shell("ticket", "verify", typed(file.getvalue()), "--key", public, "--json")
    assert (answer.code, answer.form["code"]["fault"]) == (1, "not-a-code")


def test_of_several_codes_the_signed_one_counts(shell, public, code, typed):
    codes = [Image.open(io.BytesIO(picture(text, "png"))) for text in ("https://example.org", A_TICKET.number, code)]
    sheet = Image.new("L", (sum(each.width for each in codes), max(each.height for each in codes)), 255)
    left = 0
    for each in codes:
        sheet.paste(each, (left, 0))
        left += each.width
    file = io.BytesIO()
    sheet.save(file, "PNG")
    assert shell("ticket", "verify", typed(file.getvalue()), "--key", public).code == 0


@pytest.mark.parametrize("content", [b"%PDF-1.7\nno", b"\x89PNG\r\n\x1a\nno", b"BM", b"RIFF0000WEBP", b"GIF89a"])
def test_a_damaged_file_is_misuse(shell, public, typed, content):
    answer = shell("ticket", "verify", typed(content), "--key", public)
    assert answer.code == 2
    assert "a file that can't be read" in answer.err


def test_a_picture_of_too_many_pixels_is_misuse(shell, public, typed):
    file = io.BytesIO()
    Image.new("1", (10_000, 10_000), 1).save(file, "PNG")
    answer = shell("ticket", "verify", typed(file.getvalue()), "--key", public)
    assert answer.code == 2
    assert "100 megapixels" in answer.err


def test_a_pdf_of_too_many_pages_is_misuse(shell, public, typed):
    pages = [Image.new("1", (10, 10), 1) for _ in range(11)]
    file = io.BytesIO()
    pages[0].save(file, "PDF", save_all=True, append_images=pages[1:])
    answer = shell("ticket", "verify", typed(file.getvalue()), "--key", public)
    assert answer.code == 2
    assert "11 pages" in answer.err


@pytest.mark.parametrize("missing", [("nowhere.txt", None), (None, "nowhere.pub")])
def test_a_missing_file_is_misuse(shell, public, code, typed, missing):
    file, keys = missing
    assert shell("ticket", "verify", file or typed(code), "--key", keys or public).code == 2


def test_the_private_key_is_no_public_one(shell, key, code, typed):
    answer = shell("ticket", "verify", typed(code), "--key", str(key))
    assert answer.code == 2
    assert "BEGIN" not in answer.err


class CodeAlone(TextTicket):
    """A form of ticket that has nothing but the code."""

    def render(self, ticket, language):
        return Document(media_type="text/plain; charset=utf-8", file_name="code.txt", content=ticket.code.text.encode())


def test_a_ticket_is_signed_verified_and_revoked(shell, slot, key, public, typed, monkeypatch):
    monkeypatch.setattr("traffic_booking.adapters.tickets.TextTicket", CodeAlone)
    number = shell("book", *slot, "--agree", "--json").form["appointment"]["number"]
    assert shell("ticket", number).out.strip() == number
    monkeypatch.setenv("TRAFFIC_BOOKING_SIGNING_KEY", str(key))
    ticket = typed(shell("ticket", number).out)
    monkeypatch.delenv("TRAFFIC_BOOKING_SIGNING_KEY")
    assert typed(shell("ticket", number, "--sign-with", str(key)).out) == ticket
    revoked = typed(shell("ticket", "revoked", "--json").out, "revoked.json")
    verify = ("ticket", "verify", ticket, "--key", public, "--revoked", revoked)
    assert "the ticket is not revoked" in shell(*verify).out
    assert shell("cancel", number, "--yes").code == 0
    assert "The signature holds" in shell(*verify).out
    listed = shell("ticket", "revoked", "--since", revoked, "--json")
    assert CANARY.reveal() not in listed.out
    typed(listed.out, "revoked.json")
    answer = shell(*verify)
    assert answer.code == 1
    assert "the appointment was cancelled" in answer.out
    assert shell(*verify, "--json").form["revoked"]["reason"] == "cancelled"
    assert "أُلغي الموعد" in shell("ticket", "revoked", "--language", "ar").out


@pytest.mark.parametrize("content", ["", "[]", "{}", "[" * 100_000, json.dumps({"tickets": 7})])
def test_a_list_with_other_content_is_misuse(shell, public, code, typed, content):
    revoked = typed(content, "revoked.json")
    assert shell("ticket", "verify", typed(code), "--key", public, "--revoked", revoked).code == 2


@pytest.mark.parametrize("content", ["[]", "{}", "no list", '{"tickets": 7}'])
def test_a_file_that_is_no_list_of_revoked_tickets_is_named_with_its_option(shell, public, code, typed, content):
    bad = typed(content, "bad.json")
    for option, ask in (
        ("--revoked", ("ticket", "verify", typed(code), "--key", public, "--revoked", bad)),
        ("--since", ("ticket", "revoked", "--since", bad)),
    ):
        answer = shell(*ask)
        assert answer.code == 2
        assert option in answer.err
        assert "bad.json" in answer.err
