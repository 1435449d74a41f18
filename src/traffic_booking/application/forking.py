"""Loads what verbs import before a fork: a child can't finish an import that a thread of its parent has begun."""

import os
from importlib import import_module
from pkgutil import iter_modules


def load_before_forks(package: str) -> None:
    """Load every module of `package` before each fork of this process, if the system has forks."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=lambda: _load(package))


def _load(package: str) -> None:
    for module in iter_modules(import_module(package).__path__, f"{package}."):
        import_module(module.name)
