"""rulebook.toml: a version of the rulebook, or several, each with every rule and its figures.

A version by itself stands at the top of the file; several stand in a list `versions`.
"""

from collections.abc import Mapping
from datetime import date
from functools import partial
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, Final

from attrs import evolve

from traffic_booking.adapters.data_files.place_files import NAME
from traffic_booking.adapters.data_files.provenance import provenance
from traffic_booking.adapters.data_files.tables import (
    Entries,
    Place,
    Reader,
    Shape,
    converter,
    described,
    entries,
    many,
    one_of,
    scalar,
    text,
    unknown_fields,
    whole_number,
)
from traffic_booking.adapters.data_files.toml_files import toml_table
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

_KNOWN: Final[Mapping[str, RuleDefinition]] = {definition.id: definition for definition in DEFINITIONS}

_DAY: Final = scalar(date, converter(Rule, "in_force_from"))
_STATUS: Final = one_of({status.value: status for status in Status})
_VERSION: Final = text(converter(Rulebook, "version"))
_FIELDS: Final = dict.fromkeys(
    ("version", "in_force_from", "in_force_until", "status", "rules", "tighten", "suspend", "provenance")
)


def read_rulebooks(file: Traversable, catalogue: Catalogue | None = None) -> Rulebooks:
    """The versions that `file` holds. Raises `InvalidCatalogue` with every fault.

    With a `catalogue`, the services and branches that a version names are looked up in it.
    """
    faults: list[Fault] = []
    place = Place(file=file.name, faults=faults)
    table = toml_table(file, place)
    books = () if table is None else _read(table, place, _names(catalogue))
    if faults:
        raise InvalidCatalogue(faults, kind="rulebook")
    return Rulebooks(books)


def _read(table: Mapping[str, Any], place: Place, names: Mapping[str, Reader]) -> tuple[Rulebook, ...]:
    provenance(table, place)
    if "versions" not in table:
        unknown_fields(table, _FIELDS, place)
        book, _ = _version(table, place, names)
        return () if book is None else (book,)
    unknown_fields(table, dict.fromkeys(("versions", "provenance")), place)
    listed = table["versions"]
    if not isinstance(listed, list):
        place.at("versions").fault(got=described(listed), expected="a list of versions")
        return ()
    found = [_listed_version(version, place, position, names) for position, version in enumerate(listed, start=1)]
    periods = [period for _, period in found if period is not None]
    if len(periods) == len(listed):
        place.faults.extend(evolve(fault, file=place.file) for fault in faults_in_periods(periods))
    return tuple(book for book, _ in found if book is not None)


def _listed_version(
    value: object, place: Place, position: int, names: Mapping[str, Reader]
) -> tuple[Rulebook | None, Period | None]:
    if not isinstance(value, dict):
        place.at("versions").item(position).fault(got=described(value), expected="a table")
        return None, None
    name = value.get("version")
    of_version = place.part_of_file(name if isinstance(name, str) and name.isprintable() else f"versions[{position}]")
    unknown_fields(value, {field: None for field in _FIELDS if field != "provenance"}, of_version)
    return _version(value, of_version, names)


def _version(
    table: Mapping[str, Any], place: Place, names: Mapping[str, Reader]
) -> tuple[Rulebook | None, Period | None]:
    """The version, and its period; None for what can't be told because of faults."""
    before = len(place.faults)
    version = _required(table, "version", _VERSION, place)
    in_force_from = _required(table, "in_force_from", _DAY, place)
    in_force_until = _DAY(table["in_force_until"], place.at("in_force_until")) if "in_force_until" in table else None
    if in_force_from is not None and in_force_until is not None:
        try:
            check_end("in_force_until", in_force_until, after=in_force_from)
        except InvalidInput as error:
            place.at(error.field).fault(got=error.got, expected=error.expected)
    period = None if len(place.faults) > before else (version, in_force_from, in_force_until)
    status = _required(table, "status", _STATUS, place)
    rules = entries(table, "rules", _any_rule(status or Status.UNOFFICIAL, in_force_from or EARLIEST_DAY), place)
    if rules.readable:
        _all_in_order(rules, place)
    for rule in rules.sound:
        for lapse in () if in_force_from is None else faults_of_lapsing(rule, in_force_from, in_force_until):
            place.of(rule.id).at(lapse.field).fault(got=lapse.got, expected=lapse.expected)
    figures = {rule.id: rule for rule in rules.sound}
    tightenings = many(_tightening(figures, names))(table.get("tighten", []), place.at("tighten"))
    suspensions = many(_suspension(names))(table.get("suspend", []), place.at("suspend"))
    if len(place.faults) > before:
        return None, period
    parts = {"tightenings": tightenings, "suspensions": suspensions}
    days = {"in_force_from": in_force_from, "in_force_until": in_force_until}
    return Rulebook(version=version, rules=rules.sound, **days, **parts), period


def _required(table: Mapping[str, Any], name: str, reader: Reader, place: Place) -> Any:
    if name in table:
        return reader(table[name], place.at(name))
    place.at(name).fault(got="nothing", expected="a value: the field is required")
    return None


def _any_rule(status: Status, in_force_from: date) -> Reader:
    """Read an entry as the rule that its id names; status and first day stand for those that it leaves out."""

    def read(value: object, place: Place) -> Rule | None:
        definition = _definition(value, "id", place)
        return None if definition is None else _rule_shape(definition, status, in_force_from)(value, place)

    return read


def _definition(value: object, name: str, place: Place) -> RuleDefinition | None:
    rule_id = value.get(name) if isinstance(value, dict) else None
    definition = _KNOWN.get(rule_id) if isinstance(rule_id, str) else None
    if definition is None:
        got = "nothing" if rule_id is None else described(rule_id)
        place.at(name).fault(got=got, expected=f"one of {', '.join(_KNOWN)}")
    return definition


def _rule_shape(definition: RuleDefinition, status: Status, in_force_from: date) -> Shape[Rule]:
    def make(**fields: Any) -> Rule:
        del fields["id"]  # it named the definition
        return Rule(definition=definition, **{"status": status, "in_force_from": in_force_from, **fields})

    figures = {parameter.name: whole_number(parameter.checked) for parameter in definition.parameters}
    of_figures = {"figures": Shape(lambda **given: MappingProxyType(given), required=figures)}
    required = {"id": one_of(_KNOWN), "source": text(converter(Rule, "source"))}
    optional = {"status": _STATUS, "in_force_from": _DAY, "in_force_until": _DAY}
    return Shape(make, required | of_figures, optional) if figures else Shape(make, required, optional | of_figures)


def _tightening(rules: Mapping[str, Rule], names: Mapping[str, Reader]) -> Reader:
    """Read an entry of `tighten`, its figures held against those of `rules`."""

    def read(value: object, place: Place) -> Tightening | None:
        definition = _definition(value, "rule", place)
        if definition is None:
            return None
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
        required: Mapping[str, Reader] = {"rule": text(str), "figures": of_figures}
        return Shape(Tightening, required, names)(value, place)

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
        if name not in known:
            raise InvalidInput(kind, got=repr(name[:64]), expected=f"a {kind} of the catalogue")
        return known[name]

    return text(check)


def _all_in_order(rules: Entries[Rule], place: Place) -> None:
    for rule_id in _KNOWN:
        if rule_id not in rules.names:
            place.of(rule_id).at("id").fault(got="no entry", expected="one entry for each rule")
    found = list(dict.fromkeys(name for name in rules.names if name in _KNOWN))
    documented = [rule_id for rule_id in _KNOWN if rule_id in found]
    for got, expected in zip(found, documented, strict=True):
        if got != expected:
            out_of_place = place.of(got).at("id")
            out_of_place.fault(got=f"{got} in the place of {expected}", expected="the documented order")
            return
