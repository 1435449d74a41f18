"""`traffic-booking demo`: the applicant's journey, step by step, on a real store. Each step checks what it claims."""

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from secrets import randbelow, token_hex, token_urlsafe
from tempfile import TemporaryDirectory
from typing import Final
from zoneinfo import ZoneInfo

from attrs import evolve as copy_with
from attrs import frozen
from rich.text import Text

from traffic_booking import Bilingual, BookingDesk, SignInGate
from traffic_booking.cli.demo import attending as demo_attending
from traffic_booking.cli.demo import cancelling as demo_cancelling
from traffic_booking.cli.demo import choosing as demo_choosing
from traffic_booking.cli.demo import signing_in as demo_sign_in
from traffic_booking.cli.demo.walk import Note, StepFailedError, Walk
from traffic_booking.cli.options import Options
from traffic_booking.cli.reply import Reply, Sentence
from traffic_booking.cli.screen import console_on, masked, print_error
from traffic_booking.ports.pseudonyms import Pseudonyms
from traffic_booking.testing import MovableClock, made_up_person

START: Final = datetime(2026, 11, 22, 7, 0, tzinfo=ZoneInfo("Asia/Riyadh"))
"""A Sunday, an hour before the branches open: the demo has its own clock and moves it."""

SERIALS: Final = 100_000_000
FAILED: Final = 70
FILE_SCHEME: Final = "sqlite:///"
NOT_KEPT: Final = Bilingual(
    "حُذف الملف والصفحات؛ للاحتفاظ بها: --db sqlite:///demo.db",
    "The file and the pages are gone again; --db sqlite:///demo.db keeps them.",
)

STORE_KEPT: Final = Bilingual(
    "حُذفت الصفحات، وبقي ما حُجز في المخزن.",
    "The pages are gone again; what was booked stays in the store.",
)
SERVER_SCHEME: Final = "postgresql://"

OPENING: Final = (
    Bilingual(
        f"للعرض ساعته الخاصة، وتبدأ من {START:%Y-%m-%d %H:%M} بتوقيت الرياض.",
        f"The demo has its own clock: it starts at {START:%Y-%m-%d %H:%M}, Riyadh time.",
    ),
    Bilingual(
        "المعرّفات صفوف docs/audit/journey.md: الحرف J للحجز، والحرف C للإلغاء.",
        "The ids are rows of docs/audit/journey.md: J for booking, C for cancelling.",
    ),
)

STEPS: Final[tuple[tuple[str, Callable[[Walk], Note]], ...]] = (
    ("J-03", demo_sign_in.enters_id),
    ("J-04", demo_sign_in.enters_password),
    ("J-05", demo_sign_in.sees_code),
    ("J-06", demo_sign_in.answers_code),
    ("J-07", demo_sign_in.reaches_home),
    ("J-08", demo_choosing.picks_individuals),
    ("J-09", demo_choosing.picks_traffic),
    ("J-10", demo_choosing.picks_governorate),
    ("J-11", demo_choosing.picks_branch),
    ("J-12", demo_choosing.picks_service),
    ("J-13", demo_choosing.holds_slot),
    ("J-14", demo_choosing.picks_day),
    ("J-15", demo_attending.agrees),
    ("J-16", demo_attending.sees_documents),
    ("J-17", demo_attending.prints_ticket),
    ("J-18", demo_attending.attends),
    ("C-02", demo_cancelling.comes_back),
    ("C-03", demo_cancelling.gives_credentials),
    ("C-04", demo_cancelling.checks_entries),
    ("C-05", demo_cancelling.answers_code),
    ("C-06", demo_cancelling.sees_all),
    ("C-07", demo_cancelling.opens_traffic_tab),
    ("C-08", demo_cancelling.opens_booked),
    ("C-09", demo_cancelling.chooses_cancel),
    ("C-10", demo_cancelling.confirms),
)
"""The rows of the journey that the demo walks, in order."""


@frozen
class Done:
    """A step that held."""

    step: str
    note: Note


def demo(*, options: Options | None = None) -> Reply:
    """Walk the applicant's whole journey on a SQLite file, checking every step.

    The file is temporary unless --db, and nothing else, names one; the people are made up, the clock is the demo's own.
    """
    options = options or Options()
    if options.db is not None and options.url is not None:
        folder = Path(options.db.removeprefix(FILE_SCHEME)).parent if options.db.startswith(FILE_SCHEME) else None
        if folder is not None:
            return _on_store(options.db, folder, options)
    with TemporaryDirectory(prefix="traffic-booking-demo-") as temporary:
        url = options.db or f"{FILE_SCHEME}{Path(temporary) / 'demo.db'}"
        last_word = STORE_KEPT if url.startswith(SERVER_SCHEME) else NOT_KEPT
        return _on_store(url, Path(temporary), options, last_word)


def _on_store(url: str, folder: Path, options: Options, last_word: Bilingual | None = None) -> Reply:
    """The demo on that store; its pages are not kept where it has a last word about that."""
    clock = MovableClock(START)
    with BookingDesk.open(url, clock=clock, pseudonym_key=options.keys()) as desk:
        reply = demonstrate(desk, clock, folder, options, kept=last_word is None)
    if last_word is None or reply.exit_code:
        return reply
    return copy_with(reply, parts=(*reply.parts, Sentence(last_word)))


def demonstrate(desk: BookingDesk, clock: MovableClock, folder: Path, options: Options, *, kept: bool = True) -> Reply:
    """Take every step at `desk`, telling each as it is done; exit code 70 and the step's id where one does not hold."""
    walk, done = _begun(desk, clock, folder, options.keys()), list[Done]()
    if not options.json:
        for line in OPENING:
            console_on(sys.stdout).print(Text(line(options.spoken)), soft_wrap=True)
    for step, take in STEPS:
        try:
            note = take(walk)
        except StepFailedError as failure:
            return _failed(options, done, step, failure)
        except Exception as error:  # noqa: BLE001 - whatever a step meets, the demo names the step and what was raised
            return _failed(options, done, step, StepFailedError("no error", f"{type(error).__name__}: {error}"))
        done.append(Done(step, note if kept else copy_with(note, files=())))
        if not options.json:
            _tell(done[-1], options)
    held = Bilingual(f"{len(done)} خطوة، كلها صحيحة.", f"{len(done)} steps, all held.")
    form = {"held": True, "steps": [_form(entry) for entry in done], "failed": None}
    return Reply(options, form, (Sentence(held, loud=True),))


def _begun(desk: BookingDesk, clock: MovableClock, folder: Path, keys: Sequence[Pseudonyms | None]) -> Walk:
    from traffic_booking.adapters.altcha import AltchaCaptcha, solve  # noqa: PLC0415 - the demo alone needs the extra
    from traffic_booking.adapters.embedded_identity import EmbeddedIdentity  # noqa: PLC0415 - the same

    serial = randbelow(SERIALS - 1)
    applicant, password = made_up_person(serial), token_urlsafe(12)
    identity = EmbeddedIdentity(desk.store, pseudonym_key=keys)
    identity.register(applicant, password)
    captcha = AltchaCaptcha(token_hex())
    gate = SignInGate(
        store=desk.store, identity=identity, captcha=captcha, clock=clock, rulebook=desk.rulebook, pseudonym_key=keys
    )
    return Walk(
        desk=desk,
        clock=clock,
        gate=gate,
        verify=lambda person, typed: identity.verify(person, typed).value,
        solve=solve,
        folder=folder,
        applicant=applicant,
        stranger=made_up_person(serial + 1),
        password=password,
        request_prefix=f"demo-{token_hex(8)}",
    )


def _tell(done: Done, options: Options) -> None:
    console = console_on(sys.stdout)
    note = done.note
    lines = (note.ar, note.en) if options.spoken == "ar" else (note.en, note.ar)
    console.print(Text.assemble((f"{done.step}  ", "bold green"), lines[0]), soft_wrap=True)
    console.print(Text(f"      {lines[1]}", style="dim"), soft_wrap=True)
    for _, ticket in note.tickets if options.spoken == "ar" else reversed(note.tickets):
        console.print()
        console.print(Text(ticket.rstrip("\n"), style="cyan"), soft_wrap=True)
    if note.tickets:
        console.print()
    for path in note.files:
        console.print(Text(f"      {path}", style="dim"), soft_wrap=True)


def _failed(options: Options, done: list[Done], step: str, failure: StepFailedError) -> Reply:
    expected, got = masked(failure.expected), masked(failure.got)
    if not options.json:
        print_error(f"demo: step {step} does not hold: expected {expected}; got {got}")
    form = {
        "held": False,
        "steps": [_form(entry) for entry in done],
        "failed": {"id": step, "expected": expected, "got": got},
    }
    return Reply(options, form, exit_code=FAILED)


def _form(done: Done) -> dict[str, object]:
    note = done.note
    return {
        "id": done.step,
        "did": {"ar": note.ar, "en": note.en},
        "tickets": dict(note.tickets),
        "files": [str(path) for path in note.files],
    }
