"""The command that seals a store's log."""

import json
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Annotated, Any, Final

from cyclopts import Parameter

import traffic_booking as tb
from traffic_booking.cli.forms import error_form
from traffic_booking.cli.options import DEFAULTS, Flag, Options
from traffic_booking.cli.reply import DONE, NamedValues, Reply, ReplyPart, Sentence, table
from traffic_booking.cli.screen import print_error, show

A_LINE: Final = "-"

IS_NEW: Final = tb.Bilingual(
    "أُنشئ سجل جديد. إن كان لقاعدة البيانات سجل من قبل فأعده وابحث عن سبب غيابه.",
    "A new log was made. If this store had one before, put that one back, and find out why it was gone.",
)
SEALED: Final = tb.Bilingual("قيود خُتمت الآن", "sealed now")
IN_ALL: Final = tb.Bilingual("كل القيود", "entries in all")
LOG: Final = tb.Bilingual("السجل", "log")
ROOT: Final = tb.Bilingual("بصمة السجل", "root")
WITNESS: Final = tb.Bilingual("الشاهد", "witness")
FAULT: Final = tb.Bilingual("الخلل", "fault")
FAILED: Final = tb.Bilingual(
    "شهود لم تصلهم نقطة الختم. يُعاد الإرسال في المرة القادمة.",
    "Witnesses without this checkpoint. The next run sends it again.",
)


def seal(
    *,
    log: Path,
    key: Path,
    follow: Flag = False,
    witness: Annotated[tuple[str, ...], Parameter(negative=(), allow_leading_hyphen=True)] = (),
    options: Options = DEFAULTS,
) -> Reply | int:
    """Seal the log of the store: add every entry that is not in FOLDER yet, and sign a checkpoint.

    The store is only read. Exit code 0 if everything that was committed is sealed.

    Args:
        log: FOLDER of the sealed log; made if it is absent.
        key: FILE with the private key that signs; it and FILE.pub are made if they are absent. Auditors get FILE.pub.
        follow: Go on, with a checkpoint about every ten seconds, until SIGTERM or SIGINT.
        witness: Hand each checkpoint to a URL (HTTP POST) or a FOLDER; - prints it as a line. May be repeated.
    """
    from traffic_booking.adapters.witnesses import LineWitness  # noqa: PLC0415 - needed here alone

    stream = sys.stderr if options.json else sys.stdout
    printed = LineWitness(lambda line: print(line, file=stream, flush=True))
    given: list[Any] = [printed if each == A_LINE else each for each in witness]
    with tb.Sealer.open(options.store_url(read_only=True), log=log, key=key, witnesses=given) as sealer:
        if not follow:
            return _reply(sealer.seal(), options)
        with _until_stopped() as stop:
            sealer.follow(stop, report=lambda result: _show_result(result, options))
    return DONE


@contextmanager
def _until_stopped() -> Iterator[Event]:
    """An event that SIGTERM or SIGINT sets; a second signal ends the process as usual."""
    stop = Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def go_back() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def stop_once(*_: object) -> None:
        stop.set()
        go_back()

    for number in before:
        signal.signal(number, stop_once)
    try:
        yield stop
    finally:
        go_back()


def _show_result(result: tb.SealReport | tb.StoreUnavailable, options: Options) -> None:
    """Print the result of one run, unless there was nothing to do."""
    language = options.output_language
    if isinstance(result, tb.StoreUnavailable):
        _show_line(error_form(result, language)) if options.json else print_error(result.message(language), language)
    elif result.sealed or result.is_new or any(each.error for each in result.witnesses):
        reply = _reply(result, options)
        _show_line(reply.form) if options.json else show(reply)
    sys.stdout.flush()


def _show_line(form: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(form, ensure_ascii=False) + "\n")


def _reply(report: tb.SealReport, options: Options) -> Reply:
    facts = NamedValues(
        (LOG, report.checkpoint.origin),
        (SEALED, str(report.sealed)),
        (IN_ALL, str(report.checkpoint.size)),
        (ROOT, report.checkpoint.text.split("\n")[2]),
    )
    parts: tuple[ReplyPart, ...] = (facts,)
    if report.is_new:
        parts = (Sentence(IS_NEW), *parts)
    failed = [each for each in report.witnesses if each.error is not None]
    if failed:
        faults = table(
            failed,
            (WITNESS, lambda each: each.name),
            (FAULT, lambda each: "" if each.error is None else each.error(options.output_language)),
        )
        parts = (*parts, Sentence(FAILED, loud=True), faults)
    return Reply(options, {"outcome": "sealed", **tb.to_json(report)}, *parts)
