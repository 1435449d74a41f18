"""The committed file of a store that has one answer of every form, and the command that writes it anew.

    python -m tests.stored_forms --write

A store in use has such records. If a record, a counter or a log entry of the file changes, today's code writes another
form than the stores have. Then the stores need a migration, or the code has to read the earlier form as well. If
`explained` changes, the past is explained in another way. Add new requests at the end of the day: numbers, subjects and
salts count up, so a new request changes those of all later requests.
"""

import argparse
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from tests.maintained import log_of, rows_of, seats_of
from tests.stored_day import STAFF, StoredDay
from traffic_booking.persistence.schema import SCHEMA, SEATS
from traffic_booking.ports.collections import Collection, Kind
from traffic_booking.ports.primitives import Append, Count, Put, Row, StoreChange
from traffic_booking.ports.store import Store

FILE: Final = Path(__file__).parent / "data" / "stored_records.json"


def forms_of(day: StoredDay) -> dict[str, Any]:
    """The contents of the store of a day, and the explanations of its decisions, as JSON data."""
    rows = rows_of(day.store)
    return {
        "records": {
            each.name: [_named(each, row) for _, row in sorted(rows[each.name].items())] for each in SCHEMA.collections
        },
        "seats": seats_of(day.store),
        "log": [list(entry) for entry in log_of(day.store)],
        "explained": explained(day.desk, day.sent),
    }


def explained(desk: Any, requests: Any) -> dict[str, Any]:
    """The evaluated rules of each request: id, result, observed, limit."""
    found = {}
    for request_id in requests:
        verdicts = desk.explain(request_id=request_id, by=STAFF)[0].verdicts
        found[request_id] = [
            [each.rule_id, each.result, _plain(each.observed), _plain(each.limit)] for each in verdicts
        ]
    return found


def text_of(forms: Mapping[str, Any]) -> str:
    """The text of the file: a line for each record, so that a change shows the record."""
    parts = []
    for section, given in forms.items():
        parts.append(f'"{section}": {_lines(given, deep=section == "records")}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def filled(store: Store, forms: Mapping[str, Any]) -> None:
    """Put all records, seats and log entries of the file into an empty store, with their versions."""
    for collection in SCHEMA.collections:
        for found in forms["records"][collection.name]:
            columns = tuple(_value(each.kind, found[each.name]) for each in collection.columns)
            for version in range(found["version"]):
                put = Put(collection.name, found[collection.key], version, columns, found["body"])
                _committed(store, StoreChange(puts=(put,)))
    for key, seats in forms["seats"].items():
        _committed(store, StoreChange(counts=(Count(SEATS.name, key, seats, seats),)))
    for stream, kind, body in forms["log"]:
        _committed(store, StoreChange(entries=(Append(stream, kind, body),)))


def _committed(store: Store, change: StoreChange) -> None:
    assert store.commit([change]) == [None]


def _named(collection: Collection, row: Row) -> dict[str, Any]:
    names = [collection.key, "version", *(each.name for each in collection.columns), "body"]
    return {name: _plain(value) for name, value in zip(names, row, strict=True)}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _value(kind: Kind, value: Any) -> Any:
    return datetime.fromisoformat(value) if kind is Kind.INSTANT and value is not None else value


def _lines(given: Any, *, deep: bool = False) -> str:
    def text(value: Any) -> str:
        return _lines(value) if deep else json.dumps(value, ensure_ascii=False)

    if not given:
        return json.dumps(given)
    if isinstance(given, dict):
        return "{\n" + ",\n".join(f"{json.dumps(key)}: {text(value)}" for key, value in given.items()) + "\n}"
    return "[\n" + ",\n".join(map(text, given)) + "\n]"


def main() -> None:
    """Write the file anew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", required=True, help=f"write {FILE.name} anew")
    parser.parse_args()
    FILE.write_text(text_of(forms_of(StoredDay())), encoding="utf-8")


if __name__ == "__main__":
    main()
