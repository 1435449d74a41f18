"""Sphinx settings: Markdown through MyST, the furo theme, nothing fetched from the network."""

import re
from importlib.metadata import version as installed_version
from typing import Any

import attrs
from sphinx.application import Sphinx
from sphinx.util.inspect import object_description

import traffic_booking
import traffic_booking.testing

project = "traffic_booking"
author = "The traffic_booking contributors"
version = release = installed_version("traffic-booking")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["README.md"]
nitpicky = False

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

add_module_names = False
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_preserve_defaults = True
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True

html_theme = "furo"
html_static_path = ["_static"]
html_title = f"traffic_booking {release}"
html_copy_source = False
html_show_sphinx = False

_FACES = (traffic_booking.testing, traffic_booking)
_EXPORTED = {name: f"{face.__name__}.{name}" for face in _FACES for name in face.__all__}
_QUOTED = re.compile(r"(?<![`:])`([^`\s<>][^`<>]*)`(?!`|_)")
"""A name in single backticks; a role, a literal and a link are not."""


def _link(quoted: re.Match[str]) -> str:
    text = quoted[1]
    name, dot, rest = text.partition(".")
    target = f"{_EXPORTED[name]}{dot}{rest}" if name in _EXPORTED else ""
    return f":py:obj:`{text} <{target}>`" if re.fullmatch(r"[\w.]+", target) else f"``{text}``"


def link_names(_app: Sphinx, _what: str, _name: str, _obj: object, _options: Any, lines: list[str]) -> None:
    """Make each exported name in a docstring a link, and any other quoted text a literal."""
    lines[:] = [_QUOTED.sub(_link, line) for line in lines]


def show_defaults(
    _app: Sphinx, _what: str, _name: str, obj: Any, _options: Any, signature: str | None, result: str | None
) -> tuple[str | None, str | None]:
    """Show the default of an attrs field, which the code that attrs generates hides."""
    fields = {field.name: field.default for field in attrs.fields(obj)} if attrs.has(obj) else {}
    shown = re.sub(
        r"attr_dict\['(\w+)'\]\.default", lambda found: object_description(fields[found[1]]), signature or ""
    )
    return shown.replace("= NOTHING", "= ...") or None, result


def shorten_titles(_app: Sphinx, page: Any, _name: str) -> None:
    """Let the tooltip of a link show the name without its module: hosts import it from the package."""
    for node in page.findall(lambda node: "reftitle" in getattr(node, "attributes", ())):
        if node["reftitle"].startswith("traffic_booking."):
            node["reftitle"] = node["reftitle"].rpartition(".")[2]


def align_right(app: Sphinx, page: str, _template: str, _context: Any, _doctree: object) -> None:
    """Align the headings of an Arabic page to the right; its paragraphs and tables have their own direction."""
    if page.endswith(".ar"):
        app.add_css_file("right-to-left.css")


def setup(app: Sphinx) -> None:
    """Connect the four functions to the build."""
    app.connect("html-page-context", align_right)
    app.connect("autodoc-process-docstring", link_names)
    app.connect("autodoc-process-signature", show_defaults)
    app.connect("doctree-resolved", shorten_titles)
