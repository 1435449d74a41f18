"""rulebook.toml: a version of the rulebook, or several, each with every rule and its figures.

A version by itself stands at the top of the file; several stand in a list `versions`.
"""

from collections.abc import Mapping
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from attrs import evolve

from traffic_booking.adapters.data_files.catalogue_shapes import NAME
from traffic_booking.adapters.data_files.tables import (
    Entries,
    Faults,
    Flaw,
    Reader,
    Shape,
    Unsound,
    converter,
    described,
    entries,
    many,
    name_in,
    one_of,
    scalar,
    text,
    unknown_fields,
    whole_number,
)
from traffic_booking.adapters.data_files.toml_files import DataFile, check_top, toml_table
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.errors import Fault, InvalidCatalogue, InvalidInput
from traffic_booking.domain.places.geography import branch_id
from traffic_booking.domain.places.services import service_id
from traffic_booking.domain.rules.restrictions import Suspension, Tightening
from traffic_booking.domain.rules.rule import EARLIEST_DAY, Rule, RuleDefinition, Status, check_end
from traffic_booking.domain.rules.rulebook import (
    DEFINITIONS,
    Period,
    Rulebook,
    Rulebooks,
    faults_in_periods,
    faults_of_lapsing,
)
from traffic_booking.domain.schedule.catalogue import Catalogue

MOST_VERSIONS: Final = 500

_KNOWN: Final[Mapping[str, RuleDefinition]] = {definition.id: definition for definition in DEFINITIONS}

_DAY: Final = scalar(date, converter(Rule, "in_force_from"))
_STATUS: Final = one_of({status.value: status for status in Status})
_VERSION: Final = text(converter(Rulebook, "version"))
_FIELDS: Final = dict.fromkeys(("version", "in_force_from", "in_force_until", "status", "rules", "tighten", "suspend"))


def read_rulebook_file(file: DataFile, catalogue: Catalogue | None = None) -> Rulebooks:
    """The versions that `file` holds. Raises `InvalidCatalogue` with every fault.

    With a `catalogue`, the services and branches that a version names are looked up in it.
    """
    found: list[Fault] = []
    faults = Faults(file.name, found)
    table = toml_table(file, faults)
    books = () if table is None else _read(table, faults, _names(catalogue))
    if found:
        raise InvalidCatalogue(found, kind="rulebook")
    return Rulebooks(books)


def _read(table: Mapping[str, Any], faults: Faults, names: Mapping[str, Reader]) -> tuple[Rulebook, ...]:
    if "versions" not in table:
        check_top(table, _FIELDS, faults)
        book, _ = _version(table, faults, names)
        return () if book is None else (book,)
    check_top(table, ("versions",), faults)
    listed = table["versions"]
    if not isinstance(listed, list):
        faults.add("versions", got=described(listed), expected="a list of versions")
        return ()
    if len(listed) > MOST_VERSIONS:
        faults.add("versions", got=f"more than {MOST_VERSIONS}", expected=f"at most {MOST_VERSIONS}")
        return ()
    versions: list[tuple[Rulebook | None, Period | None]] = []
    for position, value in enumerate(listed, start=1):
        place = f"versions[{position}]"
        if not isinstance(value, dict):
            faults.add(place, got=described(value), expected="a table")
            continue
        name = name_in(value.get("version"))
        of_version = faults.of_part(name if name and name.isprintable() else place)
        of_version.add_flaws(unknown_fields(value, _FIELDS))
        versions.append(_version(value, of_version, names))
    periods = [period for _, period in versions if period is not None]
    if len(periods) == len(listed):
        faults.found.extend(evolve(fault, file=faults.file) for fault in faults_in_periods(periods))
    return tuple(book for book, _ in versions if book is not None)


def _version(
    table: Mapping[str, Any], faults: Faults, names: Mapping[str, Reader]
) -> tuple[Rulebook | None, Period | None]:
    """The version, and its period; None for what faults leave open."""
    before = len(faults.found)
    version = faults.read(table, "version", _VERSION)
    in_force_from = faults.read(table, "in_force_from", _DAY)
    in_force_until = faults.read(table, "in_force_until", _DAY, optional=True)
    if in_force_from is not None and in_force_until is not None:
        try:
            check_end("in_force_until", in_force_until, after=in_force_from)
        except InvalidInput as error:
            faults.add(error.field, got=error.got, expected=error.expected)
    period = None if len(faults.found) > before else (version, in_force_from, in_force_until)
    status = faults.read(table, "status", _STATUS)
    rules = entries(table, "rules", _any_rule(status or Status.UNOFFICIAL, in_force_from or EARLIEST_DAY), faults)
    if rules.readable:
        _check_order(rules, faults)
    for rule in rules.sound:
        for lapse in () if in_force_from is None else faults_of_lapsing(rule, in_force_from, in_force_until):
            faults.add(lapse.field, got=lapse.got, expected=lapse.expected, entry=rule.id)
    figures = {rule.id: rule for rule in rules.sound}
    tightenings = faults.read(table, "tighten", many(_tightening(figures, names)), optional=True)
    suspensions = faults.read(table, "suspend", many(_suspension(names)), optional=True)
    if len(faults.found) > before:
        return None, period
    book = Rulebook(
        version=version,
        rules=rules.sound,
        in_force_from=in_force_from,
        in_force_until=in_force_until,
        tightenings=tightenings or (),
        suspensions=suspensions or (),
    )
    return book, period


def _any_rule(status: Status, in_force_from: date) -> Reader:
    """Read an entry as the rule of its id; `status` and `in_force_from` are the defaults."""

    def read(value: object) -> Rule:
        return _rule_shape(_definition(value, "id"), status, in_force_from)(value)

    return read


def _definition(value: object, name: str) -> RuleDefinition:
    rule_id = value.get(name) if isinstance(value, dict) else None
    definition = _KNOWN.get(name_in(rule_id))
    if definition is None:
        got = "nothing" if rule_id is None else described(rule_id)
        raise Unsound([Flaw(name, got, f"one of {', '.join(_KNOWN)}")])
    return definition


def _source(value: object) -> Bilingual:
    """A text, or one in both languages."""
    check = converter(Rule, "source")
    source: Bilingual = check(NAME(value)) if isinstance(value, dict) else text(check)(value)
    return source


def _rule_shape(definition: RuleDefinition, status: Status, in_force_from: date) -> Shape[Rule]:
    def make(**fields: Any) -> Rule:
        del fields["id"]  # it named the definition
        return Rule(definition=definition, **{"status": status, "in_force_from": in_force_from, **fields})

    figures = {parameter.name: whole_number(parameter.checked) for parameter in definition.parameters}
    of_figures = {"figures": Shape(lambda **given: MappingProxyType(given), required=figures)}
    required = {"id": one_of(_KNOWN), "source": _source}
    optional = {"status": _STATUS, "in_force_from": _DAY, "in_force_until": _DAY}
    return Shape(make, required | of_figures, optional) if figures else Shape(make, required, optional | of_figures)


def _tightening(rules: Mapping[str, Rule], names: Mapping[str, Reader]) -> Reader:
    """Read an entry of `tighten`; each figure is compared with that of the rule."""

    def read(value: object) -> Tightening:
        definition = _definition(value, "rule")
        rule = rules.get(definition.id)
        figures = {
            parameter.name: whole_number(
                parameter.checked  # the rule has faults of its own
                if rule is None
                else partial(parameter.tightened, rule[parameter.name])
            )
            for parameter in definition.parameters
        }
        of_figures = Shape(lambda **given: MappingProxyType(given), required={}, optional=figures)
        required: Mapping[str, Reader] = {"rule": one_of({definition.id: definition.id}), "figures": of_figures}
        return Shape(Tightening, required, names)(value)

    return read


def _suspension(names: Mapping[str, Reader]) -> Shape[Suspension]:
    required: Mapping[str, Reader] = {"service": names["service"], "from_day": _DAY, "until_day": _DAY, "reason": NAME}
    return Shape(Suspension, required, {"branch": names["branch"]})


def _names(catalogue: Catalogue | None) -> Mapping[str, Reader]:
    """How a service and a branch are read: any id, or one that `catalogue` has."""
    if catalogue is None:
        return {"service": text(service_id), "branch": text(branch_id)}
    services = {str(service.id): service.id for service in catalogue.services}
    branches = {str(branch.id): branch.id for branch in catalogue.branches}
    return {"service": _one_of_catalogue("service", services), "branch": _one_of_catalogue("branch", branches)}


def _one_of_catalogue(kind: str, known: Mapping[str, Any]) -> Reader:
    def check(name: str) -> Any:
        clean = name_in(name)
        if clean not in known:
            raise InvalidInput(kind, got=repr(name[:64]), expected=f"a {kind} of the catalogue")
        return known[clean]

    return text(check)


def _check_order(rules: Entries[Rule], faults: Faults) -> None:
    for rule_id in _KNOWN:
        if rule_id not in rules.names:
            faults.add("id", got="no entry", expected="one entry for each rule", entry=rule_id)
    found = list(dict.fromkeys(name for name in rules.names if name in _KNOWN))
    documented = [rule_id for rule_id in _KNOWN if rule_id in found]
    for got, expected in zip(found, documented, strict=True):
        if got != expected:
            found_there = f"{got} in the place of {expected}"
            faults.add("id", got=found_there, expected="the documented order", entry=got)
            return
