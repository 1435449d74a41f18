"""Folders of data files for tests: a small valid set as plain tables, and a writer of TOML."""

import json
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

NAME = {"ar": "اسم", "en": "name"}
PROVENANCE = {
    "title": "Made up for tests",
    "status": "unofficial",
    "as_of": date(2026, 11, 22),
    "note": "Nothing here is true.",
    "sources": [{"name": "this test", "licence": "Apache-2.0", "note": "invented"}],
}


def small_files() -> dict[str, dict[str, Any]]:
    """The five files of a valid catalogue with every possible field; a fresh copy each time."""
    return {
        "regions.toml": {"regions": [{"code": "SA-01", "name": dict(NAME)}], "provenance": _provenance()},
        "governorates.toml": {
            "governorates": [
                {
                    "id": name,
                    "region": "SA-01",
                    "name": dict(NAME),
                    "headquarters": name == "town",
                    "approximate": True,
                    "latitude": 24.7,
                    "longitude": 46,
                }
                for name in ("town", "village")
            ],
            "provenance": _provenance(),
        },
        "branches.toml": {
            "branches": [_branch("north", "001", "town"), _branch("south", "002", "village")],
            "provenance": _provenance() | {"status": "synthetic"},
        },
        "services.toml": {
            "groups": [
                {"id": "e-services", "audience": "individuals", "name": dict(NAME)},
                {"id": "traffic", "audience": "individuals", "name": dict(NAME), "parent": "e-services"},
            ],
            "general_instructions": {"version": "2026-11-21", "text": dict(NAME)},
            "services": [_service("renewal"), _service("transfer")],
            "provenance": _provenance(),
        },
        "timetables.toml": {
            "timetables": [
                {
                    "id": "full",
                    "name": dict(NAME),
                    "offers": [
                        {
                            "services": ["renewal", "transfer"],
                            "shifts": [
                                {
                                    "days": ["sunday", "monday"],
                                    "opens": "08:00",
                                    "closes": "12:00",
                                    "capacity": 2,
                                    "breaks": [{"starts": "10:00", "ends": "10:15"}],
                                },
                                {"days": ["sunday"], "opens": "22:00", "closes": "24:00", "capacity": 1},
                                {
                                    "days": ["sunday"],
                                    "opens": "10:00",
                                    "closes": "15:00",
                                    "capacity": 3,
                                    "in_force_from": date(2026, 1, 1),
                                    "in_force_until": date(2030, 1, 1),
                                    "ramadan": True,
                                    "weekends": True,
                                },
                            ],
                        }
                    ],
                }
            ],
            "provenance": _provenance(),
        },
    }


def _provenance() -> dict[str, Any]:
    return PROVENANCE | {"sources": [dict(PROVENANCE["sources"][0])]}  # type: ignore[index]


def _branch(name: str, code: str, governorate: str) -> dict[str, Any]:
    return {
        "id": name,
        "code": code,
        "governorate": governorate,
        "name": dict(NAME),
        "latitude": 24.7,
        "longitude": 46.7,
        "time_zone": "Asia/Riyadh",
        "timetable": "full",
    }


def _service(name: str) -> dict[str, Any]:
    return {
        "id": name,
        "group": "traffic",
        "name": dict(NAME),
        "duration_minutes": 15,
        "source": "invented",
        "documents": [{"id": "card", "name": dict(NAME), "holders": ["citizen", "resident"]}],
        "eligibility": {
            "holders": ["citizen", "resident"],
            "minimum_age_years": 17,
            "conditions": [{"id": "fee-paid", "text": dict(NAME)}],
        },
        "instructions": {"version": "2026-11-22", "text": dict(NAME)},
    }


def write_files(folder: Path, files: dict[str, dict[str, Any]]) -> Path:
    """Write each table as a TOML file; returns the folder."""
    folder.mkdir(exist_ok=True, parents=True)
    for name, table in files.items():
        (folder / name).write_text(toml_text(table), encoding="utf-8")
    return folder


def toml_text(table: dict[str, Any]) -> str:
    """The table as TOML, one line for each key at the top."""
    return "".join(f"{json.dumps(key)} = {_value(value)}\n" for key, value in table.items())


def _value(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value).replace("\x7f", "\\u007f")
        case int() | float():
            return repr(value)
        case datetime() | date() | time():
            return value.isoformat()
        case list():
            return f"[{', '.join(_value(item) for item in value)}]"
        case dict():
            return f"{{{', '.join(f'{json.dumps(key)} = {_value(item)}' for key, item in value.items())}}}"
        case other:
            raise TypeError(type(other).__name__)
