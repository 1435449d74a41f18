from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.data_folders import small_files, write_files
from traffic_booking import Fault, InvalidCatalogue
from traffic_booking.adapters.data_files import load_catalogue

Files = dict[str, dict[str, Any]]

DROP = object()
"""Instead of a value: leave the field out."""


def damaged(path: str, value: object) -> Files:
    """The small files with one value set or left out; `path` leads to it by file, keys and positions."""
    file, *steps, last = path.split("/")
    there = small_files()
    holder: Any = there[file]
    for step in steps:
        holder = holder[int(step) if isinstance(holder, list) else step]
    if value is DROP:
        del holder[last]
    elif isinstance(holder, list):
        holder.insert(int(last), value)
    else:
        holder[last] = value
    return there


def faults_of(folder: Path, there: Files) -> tuple[Fault, ...]:
    with pytest.raises(InvalidCatalogue) as caught:
        load_catalogue(write_files(folder, there))
    return caught.value.faults


def place_and_got(fault: Fault) -> str:
    return f"{fault.file}: {fault.entry}: {fault.field}: got {fault.got}"


REGION, REGIONS = "regions.toml/regions/0", "regions.toml: SA-01"
PLACE, PLACES = "governorates.toml/governorates/0", "governorates.toml: town"
BRANCH, BRANCHES = "branches.toml/branches/0", "branches.toml: north"
GROUP, GROUPS = "services.toml/groups/0", "services.toml: e-services"
SERVICE, SERVICES = "services.toml/services/0", "services.toml: renewal"
TIMETABLE, TIMETABLES = "timetables.toml/timetables/0", "timetables.toml: full"
OFFER = f"{TIMETABLE}/offers/0"
SHIFT, SHIFTS = f"{OFFER}/shifts/0", f"{TIMETABLES}: offers[1].shifts[1]"
NIGHT = f"{TIMETABLES}: offers[1].shifts: got a shift of Sunday past the opening on Monday"
SEASONAL, SEASONALS = f"{OFFER}/shifts/2", f"{TIMETABLES}: offers[1].shifts[3]"
GENERAL = "services.toml/general_instructions"
PROVENANCE = "regions.toml/provenance"

DAMAGES: list[tuple[str, object, str]] = [
    (f"{REGION}/name", DROP, f"{REGIONS}: name: got nothing"),
    (f"{REGION}/name", "Riyadh", f"{REGIONS}: name: got text 'Riyadh'"),
    (f"{REGION}/name", ["x"], f"{REGIONS}: name: got a list"),
    (f"{REGION}/name/fr", "Riyad", f"{REGIONS}: name.fr: got an unknown field"),
    (f"{REGION}/name/ar", "", f"{REGIONS}: name.ar: got nothing"),
    (f"{REGION}/name/ar", "x" * 4_001, f"{REGIONS}: name.ar: got 4001 characters"),
    (f"{REGION}/name/en", "a\u202eb", f"{REGIONS}: name.en: got an invisible character at place 2"),
    (f"{REGION}/name/en", "a\u202db", f"{REGIONS}: name.en: got an invisible character at place 2"),
    (f"{REGION}/name/en", "a\x1bb", f"{REGIONS}: name.en: got an invisible character at place 2"),
    (f"{REGION}/code", DROP, "regions.toml: regions[1]: code: got nothing"),
    (f"{REGION}/code", "SA-13", "regions.toml: SA-13: code: got 'SA-13'"),
    (f"{REGION}/capital", "Riyadh", f"{REGIONS}: capital: got an unknown field"),
    (f"{REGION}/cap\u202eital", 1, rf"{REGIONS}: 'cap\u202eital': got an unknown field"),
    (f"{PLACE}/id", "The Town", "governorates.toml: governorates[1]: id: got 'The Town'"),
    (f"{PLACE}/region", "SA-02", f"{PLACES}: region: got 'SA-02'"),
    (f"{PLACE}/latitude", 90.01, f"{PLACES}: latitude: got 90.01"),
    (f"{PLACE}/latitude", float("nan"), f"{PLACES}: latitude: got nan"),
    (f"{PLACE}/longitude", float("inf"), f"{PLACES}: longitude: got inf"),
    (f"{PLACE}/longitude", True, f"{PLACES}: longitude: got a truth value True"),
    (f"{PLACE}/headquarters", 1, f"{PLACES}: headquarters: got a whole number 1"),
    (f"{BRANCH}/code", "0I1", f"{BRANCHES}: code: got '0I1'"),
    (f"{BRANCH}/code", "002", "branches.toml: 002: code: got it 2 times"),
    (f"{BRANCH}/id", "south", "branches.toml: south: id: got it 2 times"),
    (f"{BRANCH}/governorate", "city", f"{BRANCHES}: governorate: got 'city'"),
    (f"{BRANCH}/timetable", "half", f"{BRANCHES}: timetable: got 'half'"),
    (f"{BRANCH}/time_zone", "Asia/Mekka", f"{BRANCHES}: time_zone: got 'Asia/Mekka'"),
    (f"{BRANCH}/time_zone", "../etc", f"{BRANCHES}: time_zone: got '../etc'"),
    (f"{BRANCH}/time_zone", "", f"{BRANCHES}: time_zone: got ''"),
    (f"{GROUP}/parent", "traffic", f"{GROUPS}: parent: got a ring of groups"),
    (f"{GROUP}/parent", "e-service", f"{GROUPS}: parent: got 'e-service'"),
    (f"{GROUP}/audience", "everybody", f"{GROUPS}: audience: got text 'everybody'"),
    (f"{SERVICE}/group", "vehicles", f"{SERVICES}: group: got 'vehicles'"),
    (f"{SERVICE}/duration_minutes", 4, f"{SERVICES}: duration_minutes: got 4"),
    (f"{SERVICE}/duration_minutes", 241, f"{SERVICES}: duration_minutes: got 241"),
    (f"{SERVICE}/duration_minutes", 15.0, f"{SERVICES}: duration_minutes: got a number 15.0"),
    (f"{SERVICE}/duration_minutes", 2**70, f"{SERVICES}: duration_minutes: got a whole number"),
    (f"{SERVICE}/source", "x" * 401, f"{SERVICES}: source: got 401 characters"),
    (f"{SERVICE}/documents", {}, f"{SERVICES}: documents: got a table"),
    (f"{SERVICE}/documents/0/id", "Card", f"{SERVICES}: documents[1].id: got 'Card'"),
    (f"{SERVICE}/documents/0/holders", [], f"{SERVICES}: documents[1].holders: got an empty list"),
    (f"{SERVICE}/eligibility/holders", ["guest"], f"{SERVICES}: eligibility.holders[1]: got text 'guest'"),
    (f"{SERVICE}/eligibility/holders/0", "citizen", f"{SERVICES}: eligibility.holders: got text 'citizen' 2 times"),
    (f"{SERVICE}/eligibility/minimum_age_years", 0, f"{SERVICES}: eligibility.minimum_age_years: got 0"),
    (f"{SERVICE}/instructions/version", "1", f"{SERVICES}: instructions.version: got '1'"),
    (f"{SERVICE}/instructions/version", date(2026, 11, 22), f"{SERVICES}: instructions.version: got a date 2026-11-22"),
    (GENERAL, [], "services.toml: top level: general_instructions: got a list"),
    (f"{GENERAL}/version", "1", "services.toml: top level: general_instructions.version: got '1'"),
    (f"{SHIFT}/days", ["sunday", "someday"], f"{SHIFTS}.days[2]: got text 'someday'"),
    (f"{SHIFT}/opens", "8:00", f"{SHIFTS}.opens: got '8:00'"),
    (f"{SHIFT}/closes", "24:01", f"{SHIFTS}.closes: got '24:01'"),
    (f"{SHIFT}/closes", "08:00", f"{SHIFTS}.opens, closes: got 08:00 to 08:00"),
    (
        f"{SHIFT}/closes",
        "22:01",
        f"{TIMETABLES}: offers[1].shifts: got shifts that overlap on Sunday: 08:00 to 22:01 and 22:00 to 24:00",
    ),
    (f"{SHIFT}/opens", "24:00", f"{SHIFTS}.opens, closes: got 24:00 to 36:00"),
    (
        f"{SHIFT}/closes",
        "07:30",
        f"{TIMETABLES}: offers[1].shifts: got shifts that overlap on Sunday: 08:00 to 31:30 and 22:00 to 24:00",
    ),
    (
        f"{OFFER}/shifts/1/closes",
        "08:01",
        f"{NIGHT}: 22:00 to 32:01 and 08:00 to 12:00",
    ),
    (
        f"{SEASONAL}/closes",
        "08:01",
        f"{NIGHT}: 10:00 to 32:01 and 08:00 to 12:00",
    ),
    (
        f"{OFFER}/shifts/1/breaks",
        [{"starts": "00:30", "ends": "01:00"}],
        f"{TIMETABLES}: offers[1].shifts[2].breaks: got 00:30 to 01:00",
    ),
    (f"{SHIFT}/capacity", 0, f"{SHIFTS}.capacity: got 0"),
    (f"{SHIFT}/breaks", {}, f"{SHIFTS}.breaks: got a table"),
    (f"{SHIFT}/breaks/0", "10:00", f"{SHIFTS}.breaks[1]: got text '10:00'"),
    (f"{SHIFT}/breaks/0/starts", DROP, f"{SHIFTS}.breaks[1].starts: got nothing"),
    (f"{SHIFT}/breaks/0/starts", "07:59", f"{SHIFTS}.breaks: got 07:59 to 10:15"),
    (f"{SHIFT}/breaks/0/starts", "10:15", f"{SHIFTS}.breaks[1].opens, closes: got 10:15 to 10:15"),
    (f"{SHIFT}/breaks/0/ends", "10.15", f"{SHIFTS}.breaks[1].ends: got '10.15'"),
    (f"{SHIFT}/breaks/0/minutes", 15, f"{SHIFTS}.breaks[1].minutes: got an unknown field"),
    (
        f"{SHIFT}/breaks/0",
        {"starts": "09:50", "ends": "10:01"},
        f"{SHIFTS}.breaks: got 09:50 to 10:01 and 10:00 to 10:15",
    ),
    (
        f"{SHIFT}/breaks",
        [{"starts": "08:00", "ends": "12:00"}],
        f"{SHIFTS}.breaks: got breaks all through 08:00 to 12:00",
    ),
    (f"{SEASONAL}/in_force_from", "2026-01-01", f"{SEASONALS}.in_force_from: got text '2026-01-01'"),
    (
        f"{SEASONAL}/in_force_from",
        datetime(2026, 1, 1, tzinfo=UTC),
        f"{SEASONALS}.in_force_from: got a date with a time 2026-01-01 00:00:00+00:00",
    ),
    (f"{SEASONAL}/in_force_until", date(2026, 1, 1), f"{SEASONALS}.in_force_until: got 2026-01-01"),
    (f"{SEASONAL}/ramadan", "yes", f"{SEASONALS}.ramadan: got text 'yes'"),
    (f"{SEASONAL}/weekends", 1, f"{SEASONALS}.weekends: got a whole number 1"),
    (
        f"{SEASONAL}/ramadan",
        False,
        f"{TIMETABLES}: offers[1].shifts: got shifts that overlap on Sunday: 08:00 to 12:00 and 10:00 to 15:00",
    ),
    (f"{OFFER}/shifts", [], f"{TIMETABLES}: offers[1].shifts: got an empty list"),
    (f"{OFFER}/services", [], f"{TIMETABLES}: offers[1].services: got an empty list"),
    (f"{OFFER}/services", ["renewal", "repair"], f"{TIMETABLES}: services: got 'repair'"),
    (
        f"{TIMETABLE}/offers",
        [small_files()["timetables.toml"]["timetables"][0]["offers"][0]] * 2,
        f"{TIMETABLES}: offers: got renewal twice",
    ),
    ("regions.toml/region", 1, "regions.toml: top level: region: got an unknown field"),
    ("regions.toml/regions", 1, "regions.toml: top level: regions: got a whole number 1"),
    ("regions.toml/regions", DROP, "regions.toml: top level: regions: got nothing"),
    ("regions.toml/regions/1", 1, "regions.toml: regions[2]: entry: got a whole number 1"),
    (PROVENANCE, DROP, "regions.toml: provenance: entry: got nothing"),
    (PROVENANCE, [], "regions.toml: provenance: entry: got a list"),
    (f"{PROVENANCE}/title", DROP, "regions.toml: provenance: title: got nothing"),
    (f"{PROVENANCE}/status", "official", "regions.toml: provenance: status: got text 'official'"),
    (f"{PROVENANCE}/as_of", "today", "regions.toml: provenance: as_of: got text 'today'"),
    (
        f"{PROVENANCE}/as_of",
        datetime(2026, 1, 1, tzinfo=UTC),
        "regions.toml: provenance: as_of: got a date with a time 2026-01-01 00:00:00+00:00",
    ),
    (f"{PROVENANCE}/sources", [], "regions.toml: provenance: sources: got an empty list"),
    (f"{PROVENANCE}/sources/0/licence", DROP, "regions.toml: provenance: sources[1].licence: got nothing"),
]


@pytest.mark.parametrize(("path", "value", "expected"), DAMAGES, ids=[expected for *_, expected in DAMAGES])
def test_a_fault_is_reported_at_its_file_entry_and_field_and_besides_it_only_names_that_it_leaves_unknown(
    tmp_path, path, value, expected
):
    fault, *others = faults_of(tmp_path, damaged(path, value))
    assert place_and_got(fault) == expected
    assert {other.expected for other in others} <= {"a name that is in the catalogue", "a group above"}


def test_instructions_that_are_too_long_with_the_general_ones_are_a_fault_of_every_service(tmp_path):
    faults = faults_of(tmp_path, damaged(f"{GENERAL}/text/ar", "x" * 4_000))
    got = "instructions.text: got 4004 characters"
    assert [place_and_got(fault) for fault in faults] == [
        f"services.toml: renewal: {got}",
        f"services.toml: transfer: {got}",
    ]


def test_a_name_that_a_faulty_entry_bears_is_not_reported_as_unknown(tmp_path):
    (fault,) = faults_of(tmp_path, damaged(f"{PLACE}/latitude", 91))
    assert place_and_got(fault) == f"{PLACES}: latitude: got 91"


def test_many_faults_are_all_reported_at_once_across_the_files(tmp_path):
    there = small_files()
    there["regions.toml"]["regions"][0]["capital"] = "x"
    there["governorates.toml"]["governorates"][0].update(latitude=91, longitude=181)
    first, second = there["branches.toml"]["branches"]
    first.update(code="002", governorate="nowhere", latitude="far")
    second.update(timetable="none")
    service = there["services.toml"]["services"][0]
    service.update(duration_minutes=1, group="none")
    service["documents"][0]["name"] = {}
    there["timetables.toml"]["timetables"][0]["offers"][0]["shifts"][0].update(days=[], opens="noon", capacity=0)
    del there["timetables.toml"]["provenance"]
    assert [f"{fault.file}: {fault.entry}: {fault.field}" for fault in faults_of(tmp_path, there)] == [
        "regions.toml: SA-01: capital",
        "governorates.toml: town: latitude",
        "governorates.toml: town: longitude",
        "branches.toml: north: latitude",
        "services.toml: renewal: duration_minutes",
        "services.toml: renewal: documents[1].name.ar",
        "services.toml: renewal: documents[1].name.en",
        "timetables.toml: provenance: entry",
        "timetables.toml: full: offers[1].shifts[1].days",
        "timetables.toml: full: offers[1].shifts[1].opens",
        "timetables.toml: full: offers[1].shifts[1].capacity",
        "branches.toml: south: timetable",
    ]


def test_an_id_given_twice_is_reported_once_though_one_of_the_two_has_another_fault(tmp_path):
    there = small_files()
    there["branches.toml"]["branches"][0].update(id="south", latitude=91)
    assert [place_and_got(fault) for fault in faults_of(tmp_path, there)] == [
        "branches.toml: south: latitude: got 91",
        "branches.toml: south: id: got it 2 times",
    ]


def test_the_message_has_a_line_for_each_fault(tmp_path):
    there = small_files()
    there["governorates.toml"]["governorates"][0].update(latitude=91, longitude=181)
    with pytest.raises(InvalidCatalogue) as caught:
        load_catalogue(write_files(tmp_path, there))
    assert str(caught.value).splitlines() == [
        "catalogue: got 2 fault(s); expected none",
        "  governorates.toml: town: latitude: got 91; expected -90 to 90 degrees",
        "  governorates.toml: town: longitude: got 181; expected -180 to 180 degrees",
    ]
