"""The commands `audit export` and `audit check`: evidence to hand over, and its check without a store."""

from pathlib import Path
from typing import Annotated, Final

from attrs import frozen
from cyclopts import App, Parameter

from traffic_booking import Auditor, Bilingual, InvalidInput
from traffic_booking.cli.inquiries import LOGGED, From, Until
from traffic_booking.cli.options import CATALOGUE_DEFAULTS, CatalogueOptions, RecordOptions
from traffic_booking.cli.reply import DONE, REFUSED, NamedValues, Reply, Sentence
from traffic_booking.cli.typed_values import bound_of, impersonal
from traffic_booking.domain.instants import LEGAL_TIME

ENTRIES: Final = Bilingual("القيود", "entries")
FOLDER: Final = Bilingual("المجلد", "folder")
WRITTEN: Final = Bilingual(
    "كُتب الدليل. سلّمه مع الملف KEY.pub بطريقين مختلفين.",
    "The evidence is written. Hand it over, and KEY.pub by another way.",
)
HOLDS: Final = Bilingual("الدليل صحيح.", "The evidence holds.")
DOES_NOT: Final = Bilingual("الدليل غير صحيح.", "The evidence does not hold.")


@Parameter(name="*")
@frozen(kw_only=True)
class ExportOptions(RecordOptions):
    """The options of an export."""

    auditor: Annotated[
        str,
        Parameter(help="The auditor who gets it: a name of lower-case letters, digits and hyphens. The log keeps it."),
    ]


def export(
    *,
    log: Path,
    key: Path,
    out: Path,
    number: str | None = None,
    from_: From = None,
    until: Until = None,
    options: ExportOptions,
) -> Reply:
    """Write the evidence about an appointment, or about a time, to a new folder: entries, proofs, records, rules.

    Args:
        log: FOLDER of the sealed log; seal it first.
        key: FILE with the private key of the log, which signs the list of files.
        out: The new FOLDER.
        number: The appointment's number; or give --from and --until.
    """
    from traffic_booking.evidence import export_evidence  # noqa: PLC0415 - needs the extra of the keys

    if (number is None) is (from_ is None or until is None) or (number is not None and (from_ or until)):
        raise InvalidInput("--number, --from, --until", got="another choice", expected="a number, or both bounds")
    asking = Auditor(impersonal(options.auditor, "auditor"))
    first = None if from_ is None else bound_of(from_, "--from", LEGAL_TIME)
    last = None if until is None else bound_of(until, "--until", LEGAL_TIME)
    with options.desk(read_only=False) as desk:
        entries = export_evidence(desk, by=asking, log=log, key=key, out=out, number=number, from_=first, until=last)
    facts = NamedValues((FOLDER, str(out)), (ENTRIES, str(entries)), (LOGGED, asking.id))
    form = {"outcome": "exported", "folder": str(out), "entries": entries}
    return Reply(options, form, Sentence(WRITTEN, loud=True), facts)


def check(folder: Path, /, *, key: Path, options: CatalogueOptions = CATALOGUE_DEFAULTS) -> Reply:
    """Check a folder that `audit export` wrote, without a store: exit code 0 if everything in it holds, 1 if not.

    Args:
        folder: The folder.
        key: FILE with the public keys of the log, such as log.key.pub.
    """
    from traffic_booking.evidence import check_evidence  # noqa: PLC0415 - needs the extra of the keys

    report = check_evidence(folder, key=key)
    language = options.output_language
    form = {
        "outcome": "holds" if report else "does-not-hold",
        **{name: getattr(report, name) for name in ("origin", "size", "entries", "records", "left_out")},
        "faults": [{"ar": each.ar, "en": each.en} for each in report.faults],
    }
    lines = "\n".join(f"- {line}" for line in report.lines(language))
    outcome = Sentence(HOLDS if report else DOES_NOT, loud=True)
    return Reply(options, form, outcome, lines, exit_code=DONE if report else REFUSED)


def add_to(commands: App) -> None:
    """Add both to the group of the audit."""
    for command in (export, check):
        commands.command(command, name=command.__name__)
