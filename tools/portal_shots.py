"""Makes the pictures of the reference portal in docs/pictures: Chromium opens its pages behind a clock that stands.

`make shots` runs it. The pictures have few colours, so that they stay small.
"""

import io
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.portal_host import DESKTOP, PHONE, portal_host
from tests.portal_pages import pages, show
from tests.portal_steps import sign_in

PICTURES: Final = Path("docs/pictures")
COLOURS: Final = 64


class Picture(NamedTuple):
    """One page on one device."""

    page: str
    device: str
    language: str

    @property
    def name(self) -> str:
        """The name of its file, without the ending."""
        return f"portal-{self.page}-{self.device}-{self.language}"


SHOTS: Final = (
    Picture("sign-in", "phone", "ar"),
    Picture("branches", "phone", "ar"),
    Picture("month", "phone", "ar"),
    Picture("instructions", "phone", "ar"),
    Picture("ticket", "phone", "ar"),
    Picture("refusal", "phone", "en"),
    Picture("appointments", "phone", "en"),
    Picture("cancel", "phone", "en"),
    Picture("month", "desktop", "en"),
    Picture("documents", "desktop", "en"),
    Picture("month-moving", "desktop", "ar"),
    Picture("staff-day", "desktop", "ar"),
)
DEVICES: Final = {"phone": {**PHONE, "device_scale_factor": 1.5}, "desktop": DESKTOP}


def small(png: bytes) -> bytes:
    """The same picture with few colours."""
    made = io.BytesIO()
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(made, "PNG", optimize=True)
    return made.getvalue()


def main() -> int:
    """Write every picture."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, portal_host(Path(folder)) as host, sync_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        every = {shown.name: shown for shown in pages(host)}
        opened = {}
        for shot in SHOTS:
            shown = every[shot.page]
            key = shot.device, shown.who
            if key not in opened:
                context = browser.new_context(base_url=host.address, reduced_motion="reduce", **DEVICES[shot.device])
                context.set_default_timeout(60_000)
                opened[key] = context.new_page()
                if shown.who:
                    sign_in(opened[key], shown.who)
            show(opened[key], shown, shot.language)
            opened[key].evaluate("document.fonts.ready")
            (PICTURES / f"{shot.name}.png").write_bytes(small(opened[key].screenshot()))
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
