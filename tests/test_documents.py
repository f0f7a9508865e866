"""What the documents point at is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(
    path.relative_to(ROOT)
    for pattern in ('*.md', 'docs/**/*.md', 'configs/*/README.md', 'data/README.md')
    for path in ROOT.glob(pattern)
)


@pytest.mark.parametrize('document', DOCUMENTS, ids=str)
def test_links_and_files_that_are_named_exist(document):
    text = (ROOT / document).read_text()
    links = [m[1] for m in re.finditer(r'\]\(([^)#]+)(?:#[^)]*)?\)', text)]
    beside = [(ROOT / document).parent / link for link in links if not link.startswith('http')]
    found = [m[1] for m in re.finditer(r'`((?:dbl|tests|tools)/[\w/.]+\.\w+)`', text)]
    named = [ROOT / name for name in found if 'my_' not in name]  # the reader's own
    assert [str(path) for path in (*beside, *named) if not path.exists()] == []
