"""The check of prose refuses each habit, and passes the plain sentence that stands for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import check_prose

HERE = Path(__file__).parents[2]
PAGE = Path("docs/how-to/page.md")
MODULE = Path("src/traffic_booking/domain/module.py")

REFUSED_AND_PLAIN = [
    ("Raises `InvalidInput` where the text is empty.", "Raises `InvalidInput` if the text is empty."),
    ("The version; the latest where left out.", "The version; the latest if left out."),
    ("None, where there is none.", "None if there is none."),
    ("Where a month is shorter, its last day counts.", "The page names the column where the id is stored."),
    ("Where 32 or more wait, a second batch begins.", "Show where to go. Where is the id?"),
    ("The rule hears the case.", "The rule evaluates the case."),
    ("`agreed` is false, and it says so.", "`agreed` is false, and the ticket shows it."),
    ("The desk never asks twice.", "The applicant asks twice."),
    ("An error that says what is wrong.", "An error with the reason. Threads that ask wait."),
    ("The number tells nothing.", "Tell the applicant when to come."),
    ("The first request is told of it.", "You are told of it. The host may tell people."),
    ("A move is heard like a booking.", "A move is evaluated like a booking."),
    ("The missed visit is judged by old figures.", "The missed visit is evaluated with old figures."),
    ("Days are remembered by the year.", "Days are cached by the year."),
    ("A late cancellation is held against them.", "A late cancellation counts for their limits."),
    ("The kit holds a store against another.", "The desk holds a seat. It is compared with another."),
    ("All requests are settled at once.", "All requests are executed at once. Are violations settled?"),
    ("The gathering serves them.", "The batch serves them. The server is gathering statistics."),
    ("Two rounds are under way.", "Two round trips are under way, rounded to seconds."),
    ("It never sells a seat twice.", "It never books a seat twice."),
    ("Time alone doesn't change its word.", "Time alone doesn't change the result. Words of a rule."),
    ("It is the word of the department.", "It is the decision of the department."),
    ("The closure hits ten people.", "The closure affects ten people. A cache hit is fast."),
    ("The two sets are apart.", "The two sets are disjoint, apart from one."),
    ("What is taken is counted.", "What is a slot?"),
    ("Whoever met a newer fact waits.", "A request that met a newer fact waits."),
    ("It is over. Whom a closure affects is listed.", "It is over. Whether one is affected is listed."),
    (f"A {'very ' * 35}long sentence.", f"A {'very ' * 25}long sentence."),
]


def found(text, path=PAGE):
    return [(line, what, instead) for _, line, what, instead in check_prose.findings(path, text)]


@pytest.mark.parametrize(("refused", "plain"), REFUSED_AND_PLAIN)
def test_a_habit_is_refused_and_the_plain_sentence_is_not(refused, plain):
    assert found(refused)
    assert found(plain) == []


def test_every_pattern_has_a_sentence_that_it_refuses():
    refused = " \n\n".join(refused for refused, _ in REFUSED_AND_PLAIN)
    reported = {instead for _, _, instead in found(refused)}
    assert reported == {instead for _, instead, _ in check_prose.SPOKEN} | {
        "one idea a sentence, twenty words are plenty"
    }


def test_a_finding_has_the_line_of_its_match():
    page = "# A title\n\nA sentence with\n`code` on two\nlines and where it is.\n\n- An item that says so.\n"
    assert [(line, what) for line, what, _ in found(page)] == [(5, "“where”"), (7, "“item that says”")]


def test_code_headings_links_and_heads_of_tables_are_no_prose():
    page = (
        "# What is heard\n\n```python\nrules.judge()  # where it is heard\n```\n\n`desk.hear(…)` and"
        " [a page](where/heard.md).\n\n| What is heard |\n| --- |\n| a plain cell |\n"
    )
    assert found(page) == []
    assert found(page.replace("a plain cell", "heard for a hold"))


def test_docstrings_comments_and_messages_of_a_module_are_read():
    module = '''"""It is heard."""
NAME = 1
"""Where it is missing, 1."""


def name(value):
    # The rule says
    # so, and nobody hears it.
    return f"the {value} where it is not given"  # remembered
'''
    assert [line for line, _, _ in found(module, MODULE)] == [1, 3, 7, 8, 9, 9]


def test_messages_in_tests_queries_and_styles_are_free_but_docstrings_of_tests_are_not():
    module = '"""It is heard."""\nTEXT = "None where there is none at all"\n'
    assert [line for line, _, _ in found(module, Path("tests/unit/test_it.py"))] == [1]
    assert found('QUERY = "SELECT number FROM seats, where it is not taken"\n', MODULE) == []
    assert found('STYLE = "text { fill: blue } the part where it is heard"\n', MODULE) == []


def test_figures_are_refused_in_prose_of_explanations_alone():
    page = "It takes 1.5 ms here.\n\n| It | takes |\n| --- | --- |\n| it | 1.5 ms |\n"
    assert [line for line, _, _ in found(page, Path("docs/explanation/page.md"))] == [1]
    assert found(page) == []


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        ("class StandingTerms: ...", True),
        ("def settle_together(): ...", True),
        ("_round = 1", True),
        ("round(1.5)", False),
        ("from a.outside_text import name", True),
        ("def taken(slot): ...", True),
        ("taken = 1", False),
        ("import wiring", False),
        ("class PersonState: ...", False),
    ],
)
def test_old_names_are_refused_in_the_library_alone(code, refused):
    assert bool(found(code, MODULE)) is refused
    assert found(code, Path("tools/some.py")) == []


def test_a_public_verb_needs_its_errors_and_an_example():
    def verb(docstring):
        return f'class Desk:\n    def book(self, slot):\n        """{docstring}"""\n'

    whole = (
        "Book.\n\n        Raises:\n            NotFound: the branch is unknown.\n\n        `desk.book(slot)`\n        "
    )
    assert found(verb(whole), MODULE) == []
    assert [instead for _, _, instead in found(verb("Book."), MODULE)] == [
        "add Raises: and conditions",
        "add a call as example",
    ]
    assert found("class Desk:\n    def close(self): ...\n    def _book(self, slot): ...\n", MODULE) == []


def test_a_module_that_is_made_from_another_is_not_read():
    assert found('"""The awaited form.\n\nMade from `a` by `b`: change that.\n"""\n', MODULE) == []


def test_the_command_prints_so_many_findings_and_ends_with_1(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("It is heard.\n\nIt is remembered.\n", encoding="utf-8")
    command = [sys.executable, "-m", "tools.check_prose", "--most", "1", str(tmp_path)]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"{page}:1: “heard” → evaluate, evaluated, evaluation",
        "2 findings in 1 files",
    ]
    page.write_text("It is evaluated.\n", encoding="utf-8")
    assert subprocess.run(command, cwd=HERE, capture_output=True, check=False).returncode == 0
