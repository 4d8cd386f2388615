"""The documentation site, by Sphinx: `make docs` builds it, strictly, from the pages of this folder, the docstrings and
the notebooks, which it executes. It loads nothing from elsewhere, search included, so it can be read from a disk.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from screen import __version__  # noqa: E402

project, author, release, version = "herscreen", "The herscreen developers", __version__, __version__
project_copyright = "The herscreen developers, Apache-2.0"
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_design",
    "directives",  # of this folder: pages that are read off the code
]
exclude_patterns = ["_build", "_templates", "requirements.lock", "paper/*"]
default_role = "code"  # docstrings write `names` as Markdown does

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
# tests/test_docs.py follows links to files of the repository, and asks for each page's place in the navigation
suppress_warnings = ["myst.xref_missing", "toc.not_included"]

nb_execution_mode = "cache"
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_merge_streams = True
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # they would come from elsewhere

autodoc_default_options = {"member-order": "bysource"}
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 88
smartquotes = False
python_use_unqualified_type_names = True

templates_path = ["_templates"]
html_theme = "pydata_sphinx_theme"
html_title = f"herscreen {release}"
html_show_sourcelink = False
html_last_updated_fmt = None
html_theme_options = {
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "header_links_before_dropdown": 6,
    "navbar_end": ["versions", "theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
