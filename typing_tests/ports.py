"""Each shipped adapter is of the shape of its port: lines that a type checker reads and nobody runs."""

from pathlib import Path

from traffic_booking.adapters.altcha import AltchaCaptcha
from traffic_booking.adapters.clock import SystemClock
from traffic_booking.adapters.embedded_identity import EmbeddedIdentity
from traffic_booking.adapters.image_captcha import ImageCaptcha
from traffic_booking.adapters.log_folder import LogFolder, LogFolderWriter
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.numbering import RandomNumbering
from traffic_booking.adapters.observers.log import LoggingObserver
from traffic_booking.adapters.observers.metrics import OpenTelemetryObserver
from traffic_booking.adapters.postgres import AsyncCitusStore, AsyncPostgresStore
from traffic_booking.adapters.pseudonyms import PseudonymKey
from traffic_booking.adapters.signing_keys import SigningKeys
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.adapters.threaded import ThreadedStore
from traffic_booking.adapters.ticket_codes import CoseCodes
from traffic_booking.adapters.tickets import HtmlTicket, IcsTicket, PdfTicket, QrPngTicket, QrSvgTicket, TextTicket
from traffic_booking.adapters.witnesses import FolderWitness, HttpWitness, LineWitness
from traffic_booking.ports.async_store import AsyncStore
from traffic_booking.ports.captcha import Captcha
from traffic_booking.ports.clock import Clock
from traffic_booking.ports.identity import IdentityProvider
from traffic_booking.ports.numbering import Numbering
from traffic_booking.ports.observer import Observer
from traffic_booking.ports.pseudonyms import Pseudonyms
from traffic_booking.ports.sealed_log import LogFiles, LogWriter
from traffic_booking.ports.signer import Signer
from traffic_booking.ports.store import Store
from traffic_booking.ports.ticket_codes import TicketCodes
from traffic_booking.ports.tickets import TicketRenderer
from traffic_booking.ports.witness import Witness
from traffic_booking.testing import FaultyStore, MovableClock, faults_at

memory: Store = MemoryStore()
async_memory: AsyncStore = ThreadedStore(memory)
async_postgres: AsyncStore = AsyncPostgresStore("")
async_citus: AsyncStore = AsyncCitusStore("")
sqlite: Store = SqliteStore(Path("bookings.db"))
faulty: Store = FaultyStore(memory, faults_at({}))
system_clock: Clock = SystemClock()
movable_clock: Clock = MovableClock(system_clock.now())
numbering: Numbering = RandomNumbering()
signer: Signer = SigningKeys.open("tickets.key")
log_files: LogFiles = LogFolder("log")
log_writer: LogWriter = LogFolderWriter("log")
folder_witness: Witness = FolderWitness("kept")
http_witness: Witness = HttpWitness("https://witness.example/add-checkpoint")
line_witness: Witness = LineWitness(print)
codes: TicketCodes = CoseCodes()
text_ticket: TicketRenderer = TextTicket()
html_ticket: TicketRenderer = HtmlTicket()
pdf_ticket: TicketRenderer = PdfTicket()
ics_ticket: TicketRenderer = IcsTicket()
qr_png_ticket: TicketRenderer = QrPngTicket()
qr_svg_ticket: TicketRenderer = QrSvgTicket()
pseudonyms: Pseudonyms = PseudonymKey(b"")
captcha: Captcha = AltchaCaptcha(b"")
visual_code: Captcha = ImageCaptcha(b"")
identity: IdentityProvider = EmbeddedIdentity(memory)
logging_observer: Observer = LoggingObserver()
metrics_observer: Observer = OpenTelemetryObserver()
