"""`traffic-booking demo`: the applicant's journey, step by step, on a real store. Each step checks its claims."""

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from secrets import randbelow, token_hex, token_urlsafe
from tempfile import TemporaryDirectory
from typing import Final
from zoneinfo import ZoneInfo

from attrs import evolve as copy_with
from rich.text import Text

from traffic_booking import Bilingual, BookingDesk, SignInGate
from traffic_booking.cli.demo import booking, cancelling, signing_in
from traffic_booking.cli.demo.walk import ARABIC_DIGITS, Note, StepFailedError, Walk
from traffic_booking.cli.forms import Form
from traffic_booking.cli.options import DEFAULTS, Options
from traffic_booking.cli.reply import Reply, Sentence
from traffic_booking.cli.screen import console_on, ordered, print_error, show_part
from traffic_booking.domain.values import masked
from traffic_booking.ports.pseudonyms import Pseudonyms
from traffic_booking.ports.signer import Signer
from traffic_booking.testing import MovableClock, made_up_person

START: Final = datetime(2026, 11, 22, 7, 0, tzinfo=ZoneInfo("Asia/Riyadh"))
"""A Sunday, an hour before the branches open."""

SERIALS: Final = 100_000_000
FAILED: Final = 70
FILE_SCHEME: Final = "sqlite:///"
SERVER_SCHEME: Final = "postgresql://"
NOT_KEPT: Final = Bilingual(
    "حُذف الملف والصفحات؛ للاحتفاظ بها: --db sqlite:///demo.db",
    "The file and the pages are gone again; --db sqlite:///demo.db keeps them.",
)
STORE_KEPT: Final = Bilingual(
    "حُذفت الصفحات، وبقي ما حُجز في قاعدة البيانات.", "The pages are gone again; the bookings stay in the store."
)
OPENING: Final = (
    Bilingual(
        f"للعرض ساعته الخاصة، وتبدأ من {START:%Y-%m-%d %H:%M} بتوقيت السعودية.",
        f"The demo has its own clock: it starts at {START:%Y-%m-%d %H:%M}, Riyadh time.",
    ),
    Bilingual(
        "المعرّفات هي صفوف الملف docs/audit/journey.md: الحرف J للحجز، والحرف C للإلغاء.",
        "The ids are rows of docs/audit/journey.md: J for booking, C for cancelling.",
    ),
)

STEPS: Final[tuple[tuple[str, Callable[[Walk], Note]], ...]] = (
    ("J-03", signing_in.enters_id),
    ("J-04", signing_in.enters_password),
    ("J-05", signing_in.sees_code),
    ("J-06", signing_in.answers_code),
    ("J-07", signing_in.reaches_home),
    ("J-08", booking.picks_individuals),
    ("J-09", booking.picks_traffic),
    ("J-10", booking.picks_governorate),
    ("J-11", booking.picks_branch),
    ("J-12", booking.picks_service),
    ("J-13", booking.holds_slot),
    ("J-14", booking.picks_day),
    ("J-15", booking.agrees),
    ("J-16", booking.sees_documents),
    ("J-17", booking.prints_ticket),
    ("J-18", booking.attends),
    ("C-02", cancelling.comes_back),
    ("C-03", cancelling.gives_credentials),
    ("C-04", cancelling.checks_entries),
    ("C-05", cancelling.answers_code),
    ("C-06", cancelling.sees_all),
    ("C-07", cancelling.opens_traffic_tab),
    ("C-08", cancelling.opens_booked),
    ("C-09", cancelling.chooses_cancel),
    ("C-10", cancelling.confirms),
)
"""The rows of the journey, in order."""


def demo(*, options: Options = DEFAULTS) -> Reply:
    """Walk the applicant's whole journey on a SQLite file, and check every step.

    The file is temporary unless --db names one. The people are made up, and the clock is the demo's own.
    """
    from traffic_booking.adapters.signing_keys import SigningKeys  # noqa: PLC0415 - needs the extra

    with TemporaryDirectory(prefix="traffic-booking-demo-") as temporary:
        kept = options.db is not None and options.url is not None and options.db.startswith(FILE_SCHEME)
        url = options.db or f"{FILE_SCHEME}{Path(temporary) / 'demo.db'}"
        folder = Path(url.removeprefix(FILE_SCHEME)).parent if kept else Path(temporary)
        clock, signer = MovableClock(START), SigningKeys.open(Path(temporary) / "tickets.key")
        with BookingDesk.open(url, clock=clock, pseudonym_key=options.keys(), signer=signer) as desk:
            reply = demonstrate(desk, clock, signer, folder, options, kept=kept)
    removed = Sentence(STORE_KEPT if url.startswith(SERVER_SCHEME) else NOT_KEPT)
    return reply if kept or reply.exit_code else Reply(options, reply.form, *reply.parts, removed)


def demonstrate(
    desk: BookingDesk, clock: MovableClock, signer: Signer, folder: Path, options: Options, *, kept: bool = True
) -> Reply:
    """Take every step at `desk`, which signs with `signer`, and print each when it is done.

    If a step fails, the exit code is 70.
    """
    walk, forms = _begun(desk, clock, signer, folder, options.keys()), list[Form]()
    if not options.json:
        for line in OPENING:
            show_part(Sentence(line), console_on(sys.stdout), options.output_language)
    for step, take in STEPS:
        try:
            note = take(walk)
        except StepFailedError as failure:
            return _failed(options, forms, step, failure)
        except Exception as error:  # noqa: BLE001 - whatever a step raises, the demo names the step and the error
            return _failed(options, forms, step, StepFailedError("no error", f"{type(error).__name__}: {error}"))
        files = note.files if kept else ()
        did, printed = {"ar": note.ar, "en": note.en}, list(map(str, files))
        forms.append({"id": step, "did": did, "tickets": dict(note.tickets), "files": printed})
        if not options.json:
            _print_step(step, copy_with(note, files=files), options)
    held = Bilingual(f"عدد الخطوات: {len(forms)}، وكلها صحيحة.", f"{len(forms)} steps, all held.")
    return Reply(options, {"held": True, "steps": forms, "failed": None}, Sentence(held, loud=True))


def _begun(
    desk: BookingDesk, clock: MovableClock, signer: Signer, folder: Path, keys: Sequence[Pseudonyms | None]
) -> Walk:
    from traffic_booking.adapters.embedded_identity import EmbeddedIdentity  # noqa: PLC0415 - needed by the demo alone
    from traffic_booking.adapters.image_captcha import ImageCaptcha, answer, random_digits  # noqa: PLC0415 - the same

    serial = randbelow(SERIALS - 1)
    applicant, password, user_name = made_up_person(serial), token_urlsafe(12), f"demo-{token_hex(4)}"
    identity = EmbeddedIdentity(desk.store, pseudonym_key=keys)
    identity.register(applicant, password, user_name=user_name)
    shown = [random_digits()]  # what the person sees: the digits of the last picture

    def draw() -> str:
        shown[0] = random_digits()
        return shown[0]

    captcha = ImageCaptcha(token_hex(), draw=draw)
    gate = SignInGate(
        store=desk.store, identity=identity, captcha=captcha, clock=clock, rulebook=desk.rulebook, pseudonym_key=keys
    )
    return Walk(
        desk=desk,
        clock=clock,
        gate=gate,
        verify=lambda person, typed: identity.verify(person, typed).value,
        solve=lambda challenge: answer(str(challenge.content["token"]), shown[0].translate(ARABIC_DIGITS)),
        signer=signer,
        folder=folder,
        applicant=applicant,
        stranger=made_up_person(serial + 1),
        password=password,
        user_name=user_name,
        request_prefix=f"demo-{token_hex(8)}",
    )


def _print_step(step: str, note: Note, options: Options) -> None:
    console = console_on(sys.stdout)
    is_arabic = options.output_language == "ar"
    arabic = ordered(note.ar, "ar")
    first, second = (arabic, note.en) if is_arabic else (note.en, arabic)
    console.print(Text.assemble((f"{step}  ", "bold green"), first), soft_wrap=True)
    console.print(Text(f"      {second}", style="dim"), soft_wrap=True)
    for _, ticket in note.tickets if is_arabic else reversed(note.tickets):
        console.print()
        console.print(Text(ticket.rstrip("\n"), style="cyan"), soft_wrap=True)
    if note.tickets:
        console.print()
    for path in note.files:
        console.print(Text(f"      {path}", style="dim"), soft_wrap=True)


def _failed(options: Options, steps: list[Form], step: str, failure: StepFailedError) -> Reply:
    expected, got = masked(failure.expected), masked(failure.got)
    if not options.json:
        print_error(f"demo: step {step} does not hold: expected {expected}; got {got}")
    form = {"held": False, "steps": steps, "failed": {"id": step, "expected": expected, "got": got}}
    return Reply(options, form, exit_code=FAILED)
