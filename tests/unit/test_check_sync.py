"""The sync form of async code: the same logic, without a parenthesis that only `await` needs."""

import pytest

from tools.check_sync import SOURCES, sync_form

MODULE = '"""A module."""\n\n\nasync def f(self):\n    '

pytest.importorskip("ruff", reason="the tool formats with ruff, which is there for development only")


def formed(body):
    """The sync form of the body of a function."""
    form = sync_form(f"{MODULE}{body}\n", next(iter(SOURCES)))
    return form.partition("def f(self):\n    ")[2].rstrip()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return (await self.read(await self.key()))[0].name", "return self.read(self.key())[0].name"),
        ("return self.keep((await self.read()).name)", "return self.keep(self.read().name)"),
        ("return [(await each.read()).name async for each in self]", "return [each.read().name for each in self]"),
        ("return await (\n        self.read()\n    )", "return self.read()"),
    ],
)
def test_parentheses_around_an_awaited_operand_are_removed(body, expected):
    assert formed(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return a - (await b() - c)", "return a - (b() - c)"),
        ("return (await b() or c).name", "return (b() or c).name"),
        ("return (await b() if c else d).name", "return (b() if c else d).name"),
        ("return not (await b() and c)", "return not (b() and c)"),
        ("return (await b(), c)[0]", "return (b(), c)[0]"),
        ("return sorted((await b(each) for each in c), key=d)", "return sorted((b(each) for each in c), key=d)"),
    ],
)
def test_parentheses_around_more_than_that_are_kept(body, expected):
    assert formed(body) == expected
