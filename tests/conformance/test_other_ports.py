"""The conformance kit for the shipped adapters of the smaller ports, and for an awaited store."""

from datetime import timedelta
from html.parser import HTMLParser

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from icalendar import Calendar

from tests.printed_pdf import sheet_text
from traffic_booking.adapters.altcha import AltchaCaptcha, solve
from traffic_booking.adapters.clock import SystemClock
from traffic_booking.adapters.embedded_identity import EmbeddedIdentity
from traffic_booking.adapters.image_captcha import ImageCaptcha, answer
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.numbering import RandomNumbering
from traffic_booking.adapters.observers.log import LoggingObserver
from traffic_booking.adapters.observers.metrics import OpenTelemetryObserver
from traffic_booking.adapters.signing_keys import SigningKeys
from traffic_booking.adapters.tickets import HtmlTicket, IcsTicket, PdfTicket, TextTicket
from traffic_booking.testing import (
    Capability,
    CaptchaConformance,
    ClockConformance,
    IdentityConformance,
    MovableClock,
    NumberingConformance,
    ObserverConformance,
    SignerConformance,
    StoreConformance,
    TicketConformance,
)
from traffic_booking.testing.kit.agreement import AgreementCases
from traffic_booking.testing.kit.identity_suite import give_names, open_accounts
from traffic_booking.testing.kit.suite import cases_of
from traffic_booking.testing.samples.appointments import START

DRAWN = cases_of(AgreementCases)


class TestAltcha(CaptchaConformance):
    contract_level = 1

    @pytest.fixture
    def captcha(self):
        return AltchaCaptcha("a secret of the host, 32 bytes and more", iterations=1, most_tries=4)

    @pytest.fixture
    def solve(self):
        return solve


class TestImageCaptcha(CaptchaConformance):
    contract_level = 1

    @pytest.fixture
    def captcha(self):
        return ImageCaptcha("a secret of the host, 32 bytes and more", draw=lambda: "234567")

    @pytest.fixture
    def solve(self):
        return lambda challenge: answer(challenge.content["token"], "٢٣٤٥٦٧")


class TestSystemClock(ClockConformance):
    contract_level = 1

    @pytest.fixture
    def clock(self):
        return SystemClock()


class TestMovableClock(ClockConformance):
    contract_level = 1

    @pytest.fixture
    def clock(self):
        clock = MovableClock(START)
        clock.advance(timedelta(microseconds=1))
        return clock


class OutOfMemory(PasswordHasher):
    """An Argon2 that can't get the memory it needs."""

    def verify(self, hash, password):  # noqa: A002 - the name that argon2 gave it
        raise VerificationError("Memory allocation error")


class TestEmbeddedIdentity(IdentityConformance):
    contract_level = 1

    @pytest.fixture
    def identity(self):
        identity = EmbeddedIdentity(MemoryStore(), hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        open_accounts(identity.register)
        return identity

    @pytest.fixture
    def named(self, identity):
        give_names(identity.set_user_name)
        return identity

    @pytest.fixture
    def out_of_service(self):
        identity = EmbeddedIdentity(MemoryStore(), hasher=OutOfMemory(time_cost=1, memory_cost=8, parallelism=1))
        open_accounts(identity.register)
        return identity


class TestRandomNumbering(NumberingConformance):
    contract_level = 1

    @pytest.fixture
    def numbering(self):
        return RandomNumbering()


class TestSigningKeys(SignerConformance):
    contract_level = 1

    @pytest.fixture
    def signer(self, tmp_path):
        return SigningKeys.open(tmp_path / "tickets.key")

    @pytest.fixture
    def rotated(self, signer):
        return tuple(signer.public_keys), SigningKeys.rotate(signer.path)


class TestLoggingObserver(ObserverConformance):
    contract_level = 1

    @pytest.fixture
    def observer(self):
        return LoggingObserver()


class TestOpenTelemetryObserver(ObserverConformance):
    contract_level = 1

    @pytest.fixture
    def observer(self):
        return OpenTelemetryObserver()


class TestTextTicket(TicketConformance):
    contract_level = 1
    active = ()

    @pytest.fixture
    def renderer(self):
        return TextTicket()


class Page(HTMLParser):
    """The text of a page."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.feed(page)
        self.close()

    def handle_data(self, data):
        self.text += data


class TestHtmlTicket(TicketConformance):
    contract_level = 1
    active = ("<script", "</p><")

    @pytest.fixture
    def renderer(self):
        return HtmlTicket()

    def seen(self, rendered):
        return Page(str(rendered)).text


class ReadPdf(PdfTicket):
    """Keeps the texts of each sheet that it prints: no reader of PDF has the letters of Arabic ligatures in order.

    `tests/unit/test_pdf_tickets.py` proves that the texts are on the sheet.
    """

    def __init__(self):
        super().__init__()
        self.texts = {}

    def render(self, ticket, language):
        printed = super().render(ticket, language)
        self.texts[printed.content] = sheet_text(ticket, language)
        return printed


class TestPdfTicket(TicketConformance):
    contract_level = 1
    active = ("<script", "</p><")

    @pytest.fixture
    def renderer(self):
        self.printed = ReadPdf()
        return self.printed

    def seen(self, rendered):
        return self.printed.texts[rendered.content]


class TestIcsTicket(TicketConformance):
    contract_level = 1
    active = ()  # its own tests draw hostile lines: tests/unit/test_calendar_files.py

    @pytest.fixture
    def renderer(self):
        return IcsTicket()

    def seen(self, rendered):
        event = Calendar.from_ical(rendered.content).events[0]
        return "\n".join(str(event[name]) for name in ("summary", "location", "description"))


class Awaitable:
    """The memory store, awaited."""

    def __init__(self, **options):
        self._store = MemoryStore(**options)

    def __getattr__(self, name):
        method = getattr(self._store, name)

        async def call(*arguments, **named):
            return method(*arguments, **named)

        return call


@pytest.mark.long
class TestAwaitedStore(StoreConformance):
    contract_level = 1
    promises = frozenset({Capability.ASYNC, Capability.BATCH})
    left_out = dict.fromkeys(DRAWN, "drawn at length from the same store, unawaited")

    @pytest.fixture
    def open_store(self):
        return Awaitable
