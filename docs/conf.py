# SPDX-License-Identifier: Apache-2.0
"""Settings of the manual. It builds without a network and loads nothing from another host."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import comity

project = "Comity"
copyright = "2026, the Comity authors. Apache License 2.0"
author = "the Comity authors"
version = release = comity.__version__

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "README.md"]
nitpicky = True

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 4

html_theme = "furo"
html_title = "Comity"
html_static_path = ["_static"]
html_show_sphinx = False
html_copy_source = False
html_theme_options = {
    "sidebar_hide_name": False,
    "light_css_variables": {"color-brand-primary": "#1a4a7a", "color-brand-content": "#1a4a7a"},
    "dark_css_variables": {"color-brand-primary": "#8ab8e8", "color-brand-content": "#8ab8e8"},
}
# Diagrams are drawn as text or SVG of ours; code blocks of these kinds have no highlighter.
suppress_warnings = ["misc.highlighting_failure"]
