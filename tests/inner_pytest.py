"""Runs of pytest within a test: faster than a process, and a plugin can observe them."""

from collections.abc import Sequence
from pathlib import Path

import pytest

SETTINGS = "[pytest]\naddopts = --import-mode=importlib\nfilterwarnings = error\n"
WITHOUT = [part for name in ("cacheprovider", "faulthandler", "xdist") for part in ("-p", f"no:{name}")]


def run_inner(folder: Path, arguments: Sequence[str], plugins: Sequence[object]) -> int:
    """The exit code of pytest with those arguments; its settings are put into `folder`."""
    settings = folder / "pytest.ini"
    settings.write_text(SETTINGS, encoding="utf-8")
    return pytest.main(
        [*arguments, *WITHOUT, "--capture=no", "--noconftest", f"--config-file={settings}"], plugins=[*plugins]
    )
