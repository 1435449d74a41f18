"""rulebook.toml: a version, and every rule that the library knows, in the documented order, with its figures."""

from collections.abc import Mapping
from datetime import date
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, Final

from traffic_booking.adapters.data_files.provenance import provenance
from traffic_booking.adapters.data_files.tables import (
    Entries,
    Place,
    Reader,
    Shape,
    converter,
    described,
    entries,
    one_of,
    scalar,
    text,
    unknown_fields,
    whole_number,
)
from traffic_booking.adapters.data_files.toml_files import toml_table
from traffic_booking.domain.errors import Fault, InvalidCatalogue
from traffic_booking.domain.rulebook import DEFINITIONS, Rulebook
from traffic_booking.domain.rules.rule import EARLIEST_DAY, Rule, RuleDefinition, Status

_KNOWN: Final[Mapping[str, RuleDefinition]] = {definition.id: definition for definition in DEFINITIONS}

_DAY: Final = scalar(date, converter(Rule, "in_force_from"))
_STATUS: Final = one_of({status.value: status for status in Status})
_VERSION: Final = text(converter(Rulebook, "version"))
_TOP_FIELDS: Final = dict.fromkeys(("version", "in_force_from", "status", "rules", "provenance"))


def read_rulebook(file: Traversable) -> Rulebook:
    """The rulebook that `file` holds. Raises `InvalidCatalogue` with every fault."""
    faults: list[Fault] = []
    place = Place(file=file.name, faults=faults)
    table = toml_table(file, place)
    rulebook = None if table is None else _read(table, place)
    if rulebook is None:
        raise InvalidCatalogue(faults)
    return rulebook


def _read(table: Mapping[str, Any], place: Place) -> Rulebook | None:
    unknown_fields(table, _TOP_FIELDS, place)
    provenance(table, place)
    version = _required(table, "version", _VERSION, place)
    in_force_from = _required(table, "in_force_from", _DAY, place)
    status = _required(table, "status", _STATUS, place)
    rules = entries(table, "rules", _any_rule(status or Status.UNOFFICIAL, in_force_from or EARLIEST_DAY), place)
    if rules.readable:
        _all_in_order(rules, place)
    return None if place.faults else Rulebook(version=version, rules=rules.sound)


def _required(table: Mapping[str, Any], name: str, reader: Reader, place: Place) -> Any:
    if name in table:
        return reader(table[name], place.at(name))
    place.at(name).fault(got="nothing", expected="a value: the field is required")
    return None


def _any_rule(status: Status, in_force_from: date) -> Reader:
    """Read an entry as the rule that its id names; status and first day stand for those that it leaves out."""

    def read(value: object, place: Place) -> Rule | None:
        rule_id = value.get("id") if isinstance(value, dict) else None
        definition = _KNOWN.get(rule_id) if isinstance(rule_id, str) else None
        if definition is None:
            got = "nothing" if rule_id is None else described(rule_id)
            place.at("id").fault(got=got, expected=f"one of {', '.join(_KNOWN)}")
            return None
        return _rule_shape(definition, status, in_force_from)(value, place)

    return read


def _rule_shape(definition: RuleDefinition, status: Status, in_force_from: date) -> Shape[Rule]:
    def make(**fields: Any) -> Rule:
        del fields["id"]  # it named the definition
        return Rule(definition=definition, **{"status": status, "in_force_from": in_force_from, **fields})

    figures = {parameter.name: whole_number(parameter.checked) for parameter in definition.parameters}
    of_figures = {"figures": Shape(lambda **given: MappingProxyType(given), required=figures)}
    required = {"id": one_of(_KNOWN), "source": text(converter(Rule, "source"))}
    optional = {"status": _STATUS, "in_force_from": _DAY, "in_force_until": _DAY}
    return Shape(make, required | of_figures, optional) if figures else Shape(make, required, optional | of_figures)


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
