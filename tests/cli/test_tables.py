"""Tables line up with Arabic in them."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from traffic_booking import Bilingual
from traffic_booking.cli.reply import Listing, NamedValues
from traffic_booking.cli.screen import lines_of_facts, table_of

NAMES = Bilingual("الاسم", "name"), Bilingual("القاعدة", "rule"), Bilingual("ملاحظة", "note")
ROWS = (
    ("فرع المرور بالرياض", "BK-01", "[bold]not markup[/bold] :smile:"),
    ("مُوَاطِنٌ", "BK-02", "long " * 30),
    ("Riyadh", "BK-03", ""),
)


def drawn(width, *, terminal, language="ar"):
    console = Console(
        file=io.StringIO(), width=width, force_terminal=terminal, color_system=None, markup=False, emoji=False
    )
    with console.capture() as capture:
        console.print(table_of(Listing(headers=NAMES, rows=ROWS), console, language))
    return capture.get().splitlines()


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize(("width", "terminal"), [(60, True), (100, True), (10_000, False)])
def test_all_lines_are_as_wide_in_cells_as_the_first(width, terminal, language):
    lines = drawn(width, terminal=terminal, language=language)
    assert {cell_len(line) for line in lines} == {cell_len(lines[0])}
    assert cell_len(lines[0]) <= width


@pytest.mark.parametrize("width", [40, 60, 100])
def test_no_isolate_is_left_open_on_a_line(width):
    for line in drawn(width, terminal=True):
        depth = 0
        for mark in line:
            depth += (mark in "\u2066\u2067\u2068") - (mark == "\u2069")
            assert depth in {0, 1, 2}
        assert depth == 0


def test_cells_are_printed_as_they_are():
    assert any("[bold]not markup[/bold] :smile:" in line for line in drawn(10_000, terminal=False))


def test_without_a_terminal_nothing_is_wrapped_or_coloured():
    lines = drawn(10_000, terminal=False)
    assert len(lines) == 1 + len(ROWS)
    assert not any("\x1b" in line for line in lines)


def test_named_values_stand_in_one_column():
    facts = NamedValues((NAMES[0], "value"), (Bilingual("القاعدة الطويلة", "a longer rule"), "الرياض"))
    english, arabic = list(lines_of_facts(facts, "en")), list(lines_of_facts(facts, "ar"))
    assert english[0].index("value") == english[1].index("\u2068")
    assert arabic[0].index("\u2068") == arabic[1].index("\u2067")


def test_a_line_of_an_arabic_cell_runs_from_right_to_left_even_if_a_latin_word_begins_it():
    facts = NamedValues((NAMES[0], "ZMS، قبل 2026-11-23 08:00"))
    assert next(lines_of_facts(facts, "ar")).endswith("\u2067ZMS، قبل \u20662026-11-23 08:00\u2069\u2069")
