"""Sphinx settings: Markdown through MyST, the furo theme, nothing fetched from the network."""

from importlib.metadata import version as installed_version

project = "traffic_booking"
author = "The traffic_booking contributors"
version = release = installed_version("traffic-booking")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["README.md"]
nitpicky = False

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "signature"
autodoc_typehints_format = "short"

html_theme = "furo"
html_title = f"traffic_booking {release}"
html_copy_source = False
html_show_sphinx = False
