"""The documentation site: `./kelvolt docs` builds it into build/docs."""

from __future__ import annotations

import posixpath
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import kelvolt
from docutils import nodes
from sphinx.application import Sphinx

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "make"))

import docstrings  # noqa: E402

project = "Kelvolt"
author = copyright = "The Kelvolt authors"
version = release = kelvolt.__version__
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",  # formulas show without a network
    "sphinx_copybutton",
    "sphinx_design",
    "example_directives",  # of docs/make: blocks that are run
]
exclude_patterns = ["make", "README.md", "**/.ipynb_checkpoints"]
myst_enable_extensions = ["dollarmath", "colon_fence", "attrs_inline"]
myst_heading_anchors = 3
# Notebooks are committed without outputs and run when the site is built, from a folder as deep as their own: the paths
# to data in them hold there too.
shutil.rmtree(HERE / "notebooks", ignore_errors=True)
shutil.copytree(HERE.parent / "python" / "notebooks", HERE / "notebooks", ignore=shutil.ignore_patterns(".*"))
nb_execution_mode = "force"
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_merge_streams = True

mathjax3_config = {"chtml": {"scale": 0.88}}

html_theme = "furo"
html_title = f"Kelvolt {release}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
copybutton_prompt_text = r"\$ |>>> "
copybutton_prompt_is_regexp = True

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
autodoc_type_aliases = {"ArrayLike": "ArrayLike"}
python_use_unqualified_type_names = True
nitpicky = True
# the types of other libraries, and what the core hands over without a public name
nitpick_ignore_regex = [
    ("py:.*", r"(numpy|np|pandas|pd|xarray|xr|matplotlib|plotly|collections|os|concurrent|typing|types|datetime)\b.*"),
    ("py:.*", r"(ArrayLike|NDArray|PathLike|Path|Sequence|Mapping|Callable|Iterable|Iterator|Executor|Any|Buffer)"),
    (
        "py:.*",
        r"(Before|Folders|FaultLevels|Row|Floats|Progress|Key|Sheet|TypeAliasForwardRef|Record|Vary|Variants|Figure|Axes|Grid|Statement|pathlib\..*)",
    ),
    ("py:.*", r"_core\..*|kelvolt\._core\..*"),
    ("py:.*", r"kelvolt\.(base|cases|power|sweeps|studies|plots|reports|serve|cli)\..*"),
]

# ---- files of the repository that pages include ----

# where a file of the repository is shown; links to others become their paths
PAGES = {
    "README.md": "chains.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "models/README.md": "adding_a_model.md",
    "data/README.md": "files.md",
    "validation/SCOREBOARD.md": "validation.md",
    "docs/install.md": "install.md",
    **{
        f"python/notebooks/{f.name}": f"notebooks/{f.name}"
        for f in (HERE.parent / "python" / "notebooks").glob("*.ipynb")
    },
}


def include_read(_app: Sphinx, file: Path, _docname: str, content: list[str]) -> None:
    """Turns the links of an included file, which lead through the repository, into links of the site."""
    path = posixpath.normpath(posixpath.join("docs", file.as_posix()))

    def link(match: re.Match[str]) -> str:
        picture, text, target = match.groups()
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        if picture:
            return f"![{text}](../{target})"
        return (
            f"[{text}]({PAGES[target]})"
            if target in PAGES
            else f"{text} (`{target}`)"
            if text != target
            else f"`{text}`"
        )

    content[0] = re.sub(r"(!?)\[([^\]\n]+)\]\((?!https?:|#)([^)\s]+)\)", link, content[0])
    if path == "models/README.md":
        content[0] = re.sub(
            r"^\| `(\w+)` \|",
            lambda m: f"| [`{m[1]}`](models/{m[1]}.md) |",
            content[0],
            flags=re.MULTILINE,
        )


def missing_reference(_app: Sphinx, env: Any, node: Any, content: nodes.Node) -> nodes.Node | None:
    """Finds a public class under the name of the module that defines it: kelvolt.cases.case.Case is kelvolt.Case."""
    name = str(node.get("reftarget", "")).rsplit(".", 1)[-1]
    if node.get("refdomain") != "py" or name not in kelvolt.__all__:
        return None
    return env.domains["py"].resolve_xref(env, node["refdoc"], env.app.builder, "obj", f"kelvolt.{name}", node, content)


def setup(app: Sphinx) -> None:
    app.connect("include-read", include_read)
    app.connect("missing-reference", missing_reference)
    app.connect("autodoc-process-docstring", docstrings.process)
