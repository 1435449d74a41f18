"""How many examples a case draws: so many, or fewer where the loaded Hypothesis profile wants fewer."""

from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import settings

Function = TypeVar("Function", bound=Callable[..., Any])

EVERYDAY = 100
"""What Hypothesis draws unless a profile says otherwise."""


def bounded(examples: int) -> Callable[[Function], Function]:
    """Draw `examples` in an everyday run, and in proportion where a profile asks for more or fewer."""

    def bound(function: Function) -> Function:
        wanted = max(1, examples * settings().max_examples // EVERYDAY)
        return settings(max_examples=wanted, deadline=None)(function)

    return bound
