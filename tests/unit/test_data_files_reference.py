"""The page that lists the fields of the data files agrees with the loader."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from traffic_booking import read_calendar
from traffic_booking.adapters.data_files.catalogue_shapes import (
    ELIGIBILITY,
    GOVERNORATE,
    GROUP,
    OFFER,
    REGION,
    SERVICE,
    SHIFT,
    TIMETABLE,
    branch_shape,
)
from traffic_booking.adapters.data_files.holiday_file import ANNOUNCEMENTS, ORDER
from traffic_booking.adapters.data_files.retention_file import LIMIT, NEVER, PERIOD
from traffic_booking.adapters.data_files.tables import Shape
from traffic_booking.adapters.data_files.toml_files import PROVENANCE
from traffic_booking.domain.rules.rulebook import DEFINITIONS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "data-files.md").read_text(encoding="utf-8")

SHAPES: dict[str, Shape[Any]] = {
    "## Every file: `[provenance]`": PROVENANCE,
    "## `regions.toml`: `regions`": REGION,
    "## `governorates.toml`: `governorates`": GOVERNORATE,
    "## `branches.toml`: `branches`": branch_shape(synthetic=False),
    "## `services.toml`: `groups`": GROUP,
    "## `services.toml`: `services`": SERVICE,
    "`eligibility`:": ELIGIBILITY,
    "## `timetables.toml`: `timetables`": TIMETABLE,
    "An offer:": OFFER,
    "A shift:": SHIFT,
    "An entry of `[[announcements]]` has the `kind` `month-start` or `closure`. A `month-start`:": ANNOUNCEMENTS[
        "month-start"
    ],
    "A `closure`:": ANNOUNCEMENTS["closure"],
    "An entry of `[[orders]]`:": ORDER,
    "## `retention.toml`: `periods`": PERIOD,
    "## `retention.toml`: `limits`": LIMIT,
    "## `retention.toml`: `kept`": NEVER,
}


def table_after(heading: str) -> list[list[str]]:
    """The cells of the first table that follows a line."""
    assert PAGE.count(f"\n{heading}\n") == 1
    lines = PAGE.split(f"\n{heading}\n")[1].splitlines()
    first = next(place for place, line in enumerate(lines) if line.startswith("|"))
    rows = []
    for line in lines[first + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


@pytest.mark.parametrize("heading", SHAPES)
def test_every_table_lists_the_fields_of_the_loader_and_marks_the_optional_ones(heading):
    names = [row[0] for row in table_after(heading)]
    optional = {name.strip("*`") for name in names if name.startswith("*")}
    required = {name.strip("`") for name in names if not name.startswith("*")}
    assert (required, optional) == (set(SHAPES[heading].required), set(SHAPES[heading].optional))


def test_the_bounds_of_the_figures_are_those_of_the_rules():
    table = table_after("The figures, with their bounds (inclusive):")
    listed = [[cell.strip("`").replace(",", "") for cell in row] for row in table]
    assert listed == [
        [
            definition.id,
            parameter.name,
            parameter.unit,
            str(parameter.least),
            str(parameter.greatest),
            parameter.stricter.value,
        ]
        for definition in DEFINITIONS
        for parameter in definition.parameters
    ], "docs/reference/data-files.md: the table has a line for each figure, in the order of the rules"


def test_the_example_of_a_file_of_announcements_is_read(tmp_path):
    file = tmp_path / "announcements.toml"
    file.write_text(PAGE.split("### Announcements of your own")[1].split("```")[1].removeprefix("toml"), "utf-8")
    assert read_calendar(announcements=file).working_day(date(2027, 3, 14)).rules[0] == "month-start.1448-09"


def test_the_longest_texts_are_named_in_the_page():
    assert re.search(r"`title` \| text, 1 to 200 characters", PAGE)
    assert re.search(r"\*`source`\* \| text, 1 to 400 characters", PAGE)
