"""The command `audit`: compares a whole store with its sealed log, and reports to a reader without Python."""

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from traffic_booking import (
    BrokenInvariant,
    Clerk,
    InvalidInput,
    Language,
    LogToAudit,
    StoreRestored,
    Verification,
    read_log,
    to_json,
)
from traffic_booking.cli import audit_words, rule_words, words
from traffic_booking.cli.options import RECORD_DEFAULTS, RecordOptions
from traffic_booking.cli.reply import DONE, LEGAL_TIME, REFUSED, Listing, NamedValues, Reply, ReplyPart, Sentence
from traffic_booking.cli.screen import console_on
from traffic_booking.domain.values import masked

Limit = Annotated[int, Parameter(help="List at most so many broken places, 1 to 1,000,000; all of them are counted.")]
LogFolder = Annotated[Path | None, Parameter(help="The FOLDER of the sealed log. Without it no log is compared.")]
PublicKey = Annotated[
    Path | None, Parameter(help="FILE with the public keys that may have signed the log, such as log.key.pub.")
]
KeptCheckpoint = Annotated[
    tuple[Path, ...],
    Parameter(
        help="FILE with checkpoints that were kept elsewhere, such as those of a witness; may be given several times.",
        negative=(),
        show_default=False,
    ),
]


def add_to(commands: App) -> None:
    """Make this the command of the group without a further name."""
    commands.default(audit)


def audit(
    *,
    log: LogFolder = None,
    key: PublicKey = None,
    checkpoint: KeptCheckpoint = (),
    limit: Limit = 1_000,
    options: RecordOptions = RECORD_DEFAULTS,
) -> Reply:
    """Check that a store is sound and as its sealed log has it (exit code 1 if not); nothing is written or repaired."""
    language = options.output_language
    given = _log(log, key, checkpoint)
    with (
        _rare_collections(),
        options.audited_desk() as desk,
        _bar(visible=not options.json, language=language) as progress,
    ):
        result = desk.audit.verify(log=given, progress=progress, limit=limit)
    form = to_json(result)
    form["broken"] = [each | {"where": masked(each["where"])} for each in form["broken"]]
    sound = bool(result) and not result.unknown_versions
    verdict = Sentence(rule_words.SOUND if sound else rule_words.NOT_SOUND, loud=not sound)
    return Reply(options, form, verdict, *_report(result, language), exit_code=DONE if sound else REFUSED)


def _log(log: Path | None, key: Path | None, checkpoints: tuple[Path, ...]) -> LogToAudit | None:
    if (log is None) is not (key is None):
        raise InvalidInput("--log, --key", got="one of them", expected="both, or neither")
    if log is None or key is None:
        if checkpoints:
            raise InvalidInput("--checkpoint", got="one without a log", expected="--log and --key with it")
        return None
    return read_log(log, key=key, checkpoints=checkpoints)


def _report(result: Verification, language: Language) -> Iterator[ReplyPart]:
    counts = [(label, str(getattr(result, name))) for name, label in rule_words.AUDITED.items()]
    if result.has_log:
        counts += [(label, str(getattr(result, name))) for name, label in audit_words.SEALED.items()]
    counts.append((rule_words.UNKNOWN_VERSIONS, words.listed(result.unknown_versions, language) or "0"))
    is_inspected = bool(result.not_evidence)  # each store that can inspect its tables names some
    left_out = (frozenset() if result.has_log else audit_words.LOG) | (frozenset() if is_inspected else {"tables"})
    checked = [label for name, label in rule_words.INVARIANTS.items() if name not in left_out]
    counts.append((rule_words.COMPARED, words.listed([label(language) for label in checked], language)))
    counts.append((rule_words.BROKEN_PLACES, str(result.broken_count)))
    yield NamedValues(*counts)
    if result.broken:
        yield Listing(
            headers=(
                rule_words.INVARIANT,
                rule_words.WHERE,
                rule_words.FOUND,
                rule_words.EXPECTED,
                audit_words.WHAT_TO_DO,
            ),
            rows=[_row(each, language) for each in result.broken],
        )
    if result.restores:
        yield Listing(
            headers=(*audit_words.RESTORED, words.BY),
            rows=[_gap(each) for each in result.restores],
        )
    if not result.has_log:
        yield Sentence(audit_words.NO_LOG)
    if result.not_sealed:
        yield Sentence(audit_words.NOT_SEALED)
    if result.without_key:
        yield Sentence(audit_words.WITHOUT_KEY)
    if is_inspected:
        yield NamedValues(
            *((audit_words.NOT_EVIDENCE, audit_words.not_evidence(each, language)) for each in result.not_evidence)
        )
    else:
        yield Sentence(audit_words.NOT_INSPECTED)


def _gap(restored: StoreRestored) -> tuple[str, ...]:
    places = ("/".join(map(str, position)) for position in (restored.after, restored.until))
    by = restored.actor.id if isinstance(restored.actor, Clerk) else "system"
    return (f"{restored.at.astimezone(LEGAL_TIME):%Y-%m-%d %H:%M:%S}", *places, str(restored.leaves), by)


def _row(broken: BrokenInvariant, language: Language) -> tuple[str, ...]:
    return (
        rule_words.INVARIANTS[broken.invariant.value](language),
        audit_words.place_in(masked(broken.where), language),
        audit_words.finding_in(broken.found, language),
        audit_words.finding_in(broken.expected, language),
        audit_words.ACTIONS[broken.invariant.value](language),
    )


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Collect garbage rarely: an audit makes many values and few cycles, and a tenth of its time was collecting."""
    before = gc.get_threshold()
    gc.set_threshold(100_000)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _bar(*, visible: bool, language: Language) -> Iterator[Callable[[Verification], None]]:
    """A callback that shows progress on standard error, if that is a terminal. The total is unknown."""
    console = console_on(sys.stderr)
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    shows = visible and sys.stderr.isatty()
    with Progress(*columns, console=console, transient=True, disable=not shows) as progress:
        task = progress.add_task(rule_words.READING(language), total=None)

        def show(done: Verification) -> None:
            counts = [f"{label(language)} {getattr(done, name)}" for name, label in rule_words.AUDITED.items()]
            progress.update(task, description=words.listed(counts, language))

        yield show
