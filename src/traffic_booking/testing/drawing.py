"""How many examples a case draws: so many, or fewer if the loaded Hypothesis profile wants fewer."""

from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings

Function = TypeVar("Function", bound=Callable[..., Any])

EVERYDAY = 100
"""What Hypothesis draws unless a profile says otherwise."""
PHASES = tuple(phase for phase in Phase if phase is not Phase.explain)
"""Explaining traces every line, which takes a minute, and a failed case names its values itself."""


def bounded(examples: int) -> Callable[[Function], Function]:
    """Draw `examples` in an everyday run, and in proportion if a profile wants more or fewer.

    A busy machine draws slowly, which is no fault of the store: no check of speed and no deadline apply.
    """

    def bound(function: Function) -> Function:
        wanted = max(1, examples * settings().max_examples // EVERYDAY)
        return settings(
            max_examples=wanted, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=PHASES
        )(function)

    return bound
