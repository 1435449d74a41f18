"""Loads what verbs import before a fork: a child can't finish an import that a thread of its parent has begun."""

import os
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

ALSO_IMPORTED: Final = ("traffic_booking.domain.appointments", "secrets")
"""A package and a module that verbs import besides those of their own package."""


def load_before_forks(package: str) -> None:
    """Load what the verbs of `package` import before each fork of this process, if the system has forks."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=lambda: _load(package, *ALSO_IMPORTED))


def _load(*names: str) -> None:
    for name in names:
        for module in iter_modules(getattr(import_module(name), "__path__", ()), f"{name}."):
            import_module(module.name)
