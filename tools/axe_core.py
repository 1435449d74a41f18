"""Fetches axe-core, which looks for faults of accessibility in a page, with npm into `build/axe`.

`python -m tools.axe_core` does nothing if it is there. The version and the checksum are pinned here.
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

VERSION: Final = "4.14.1"
SHA512: Final = (
    "1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b73"
    "4f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5"
)
FILE: Final = Path(__file__).parents[1] / "build" / "axe" / f"axe-{VERSION}.min.js"


def main() -> int:
    """Return 0 if the file is there at the end."""
    if FILE.exists():
        return 0
    npm = shutil.which("npm")
    if npm is None:
        print("no npm; expected it on PATH, to fetch axe-core: apt-get install npm", file=sys.stderr)
        return 1
    with TemporaryDirectory() as folder:
        command = (npm, "pack", "--silent", f"axe-core@{VERSION}")
        made = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
        packed = next(Path(folder).glob("*.tgz"), None)
        if made.returncode or packed is None:
            print(f"npm did not fetch axe-core {VERSION}: {made.stderr.strip()[-300:]}", file=sys.stderr)
            return 1
        if hashlib.sha512(packed.read_bytes()).hexdigest() != SHA512:
            print(f"axe-core {VERSION} from npm has another checksum than the pinned one", file=sys.stderr)
            return 1
        with tarfile.open(packed) as archive:
            script = archive.extractfile("package/axe.min.js")
            assert script is not None
            FILE.parent.mkdir(parents=True, exist_ok=True)
            FILE.write_bytes(script.read())
    return 0


if __name__ == "__main__":
    sys.exit(main())
