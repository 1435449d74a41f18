"""The portal's size, what it imports, and what its pages load."""

import ast
import re
from hashlib import sha256
from pathlib import Path

import pytest

from examples.portal.app import PAGES
from examples.portal.routing import DOORS

PORTAL = Path(__file__).parents[2] / "examples" / "portal"
ADAPTERS = {"traffic_booking.adapters.embedded_identity", "traffic_booking.adapters.image_captcha"}


def test_python_and_templates_together_have_at_most_1500_lines():
    files = [*PORTAL.glob("*.py"), *(PORTAL / "templates").glob("*.html")]
    assert len(files) > 20
    assert sum(len(file.read_text("utf-8").splitlines()) for file in files) <= 1_500


@pytest.mark.parametrize("file", sorted(PORTAL.glob("*.py")), ids=lambda file: file.name)
def test_the_library_is_used_by_its_face_and_web_and_the_two_adapters_of_the_sign_in(file):
    tree = ast.parse(file.read_text("utf-8"))
    names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names}
    ours = {name for name in names if name.startswith("traffic_booking")}
    assert ours <= {"traffic_booking", "traffic_booking.web", *ADAPTERS}


def test_no_page_loads_anything_from_elsewhere_or_has_inline_code():
    for file in (PORTAL / "templates").glob("*.html"):
        text = file.read_text("utf-8")
        assert not re.search(r'\b(?:src|action)="https?:|<link[^>]*https?:', text), file.name
        assert not re.search(r'<style|\sstyle=|\son\w+="|<script(?![^>]*src=)', text), file.name
    for file in (PORTAL / "static").glob("*.css"):
        assert not re.search(r"@import|url\(\"?https?:", file.read_text("utf-8")), file.name


def test_htmx_is_the_release_that_the_readme_names():
    file = PORTAL / "static" / "vendor" / "htmx.min.js"
    assert sha256(file.read_bytes()).hexdigest() == "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"
    assert "0BSD" in (PORTAL / "README.md").read_text("utf-8")
    assert "Zero-Clause BSD" in (PORTAL / "static" / "vendor" / "htmx.LICENSE").read_text("utf-8")


def test_the_guide_quotes_the_files_and_names_addresses_that_are_there():
    guide = (PORTAL.parents[1] / "docs" / "how-to" / "build-a-portal.md").read_text("utf-8")
    code = "\n".join(file.read_text("utf-8") for file in PORTAL.glob("*.py"))
    quoted = re.findall(r"```py\n(.*?)```", guide, re.DOTALL)
    assert len(quoted) >= 3
    assert all(each in code for each in quoted)
    table = guide.split("| step |")[1].split("\n\n")[0]
    named = {re.sub("NUMBER", "{number}", each) for each in re.findall(r"`(?:POST )?(/[\w/-]*)", table)}
    assert PAGES  # which have added the addresses
    known = {door.path.replace("{tab}", "booked") for door in DOORS}
    assert named - {"/ar", "/en"} <= known
