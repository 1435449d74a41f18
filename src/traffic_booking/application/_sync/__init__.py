"""Made from the async modules of the folder above by `python -m tools.check_sync --write`."""
