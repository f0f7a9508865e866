"""The site: ``sphinx-build -W -c docs . site``, opened at ``site/docs/index.html``."""

import re
from pathlib import Path

import dbl

project, author = 'dbl', 'the dbl authors'
version = release = dbl.__version__
root_doc = 'docs/index'
# The documents lie where people look for them in the repository.
include_patterns = [
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'configs/*/README.md',
    'data/README.md',
    'docs/**',
]
extensions = ['myst_parser', 'sphinx.ext.autodoc', 'sphinx.ext.mathjax', 'sphinx.ext.napoleon']
myst_heading_anchors = 3
napoleon_custom_sections = ['Shape']
autodoc_member_order = 'bysource'
autodoc_default_options = {'members': True, 'imported-members': True, 'exclude-members': 'terms'}
python_maximum_signature_line_length = 80
html_theme = 'furo'
html_title = f'dbl {release}'


def readme_first(app, document: str, source: list[str]) -> None:
    """Puts the README before the contents, on the first page; its links are seen from there."""
    if document == root_doc:
        readme = Path(app.srcdir, 'README.md').read_text(encoding='utf-8')
        readme = re.sub(r'\]\((?!https?:)', '](../', readme).replace('](../docs/', '](')
        source[0] = f'{readme}\n{source[0]}'


def setup(app) -> None:
    app.connect('source-read', readme_first)
