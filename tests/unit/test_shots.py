"""The pictures of the README show the output of the shell as it is today, on every machine."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tools import shots
from traffic_booking.testing import made_up_person

HERE = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"
ELSEWHERE = {
    "TZ": "Pacific/Kiritimati",
    "LANG": "ar_SA.UTF-8",
    "COLUMNS": "40",
    "TERM": "dumb",
    "NO_COLOR": "1",
    "PYTHONHASHSEED": "7",
    "TRAFFIC_BOOKING_LANGUAGE": "ar",
    "TRAFFIC_BOOKING_DB": "postgresql://nowhere/none",
}


def stored(folder):
    return {path.stem: path.read_text(encoding="utf-8") for path in (folder / shots.PICTURES).glob("*.svg")}


def test_the_pictures_are_current():
    assert stored(HERE) == shots.pictures(), "run make shots"


def test_the_pictures_do_not_depend_on_the_environment(tmp_path):
    paths = os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | ELSEWHERE | {"HOME": str(tmp_path), "PYTHONPATH": paths}
    subprocess.run([sys.executable, "-m", "tools.shots"], cwd=tmp_path, env=environment, check=True)
    assert stored(tmp_path) == stored(HERE)


@pytest.mark.parametrize("name", shots.SHOTS)
def test_a_picture_fetches_nothing_and_shows_no_id(name):
    drawn = stored(HERE)[name]
    ET.fromstring(drawn)
    assert re.findall(r"(?<=\")https?://[^\"]*|url\(|@import|<image|<script", drawn) == ["http://www.w3.org/2000/svg"]
    assert made_up_person(0).reveal() not in drawn


def test_arabic_runs_from_the_right_edge_and_english_from_the_left():
    drawn = ET.fromstring(stored(HERE)["refusal"])
    fields = {"".join(text.itertext()): text.attrib for text in drawn.iter(f"{SVG}text")}
    english = fields["Refused, because these conditions are not met:"]
    arabic = fields["رُفض الطلب لعدم استيفاء الشروط الآتية:"]
    assert (float(english["x"]), english.get("direction")) == (shots.EDGE, None)
    assert (float(arabic["x"]), arabic["direction"]) == (shots.WIDTH - shots.EDGE, "rtl")


def test_the_readme_shows_every_picture():
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    assert re.findall(r'<img src="docs/pictures/(\w+)\.svg"', readme) == list(shots.SHOTS)
