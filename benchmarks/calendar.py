"""The costs of dates and working days. Run it with `--json`; `_calendar_ratios.py` explains what is measured.

This file has the name of a module of the standard library. Python searches the folder of a script first, so other
benchmarks and their imports get this file from `import calendar`. It then provides the module of the standard library.
"""

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent

if __name__ == "__main__":
    sys.path[0] = str(HERE.parent)
    from benchmarks._calendar_ratios import main

    main()
else:
    spec = PathFinder.find_spec("calendar", [folder for folder in sys.path if Path(folder).resolve() != HERE])
    assert spec is not None
    assert spec.loader is not None
    sys.modules[__name__] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules[__name__])
