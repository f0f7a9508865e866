import re

import torch

from dbl.registry import parameters
from dbl.settings import SETTINGS
from dbl.settings_table import GIVEN, SECTIONS, makers_of, page, section

OF_TORCH = '## Optimisers'  # the last section


def test_the_page_is_that_of_the_code(root):
    """Else: ``python -m dbl.settings_table > docs/settings.md``."""
    written, made = (root / 'docs/settings.md').read_text(), page()
    if '.'.join(torch.__version__.split('.')[:2]) not in written.partition(OF_TORCH)[2]:
        written, made = (text.partition(OF_TORCH)[0] for text in (written, made))
    assert written == made


def test_the_page_has_every_setting_and_every_class():
    made = page()
    rows = re.findall(r'^\| `([\w.]+)` \|', made, re.MULTILINE)
    assert list(SETTINGS) == rows[: len(SETTINGS)]
    found = [name for title in SECTIONS for name in makers_of(title)]
    registered = {
        name
        for _, registry in SECTIONS.values()
        for name, maker in registry.module_dict.items()
        if maker.__module__.startswith(('dbl.', 'torch.'))
    }
    assert sorted(found) == sorted(registered)


def test_the_page_has_every_argument():
    for title in SECTIONS:
        described = re.split(r'^(?:### |- \[`)(\w+)', section(title), flags=re.MULTILINE)[1:]
        assert described[::2] == list(makers_of(title))
        for name, text in zip(described[::2], described[1::2], strict=True):
            for argument in parameters(makers_of(title)[name]).keys() - GIVEN - {'lr'}:
                assert re.search(rf'`{argument}[`=]', text), f'{name}.{argument}'


def test_links_within_the_page_lead_somewhere():
    made = page()
    titles = re.findall(r'^#+ (.*)$', made, re.MULTILINE)
    anchors = {title.lower().replace(' ', '-') for title in titles}
    assert set(re.findall(r'\]\(#([\w-]+)\)', made)) <= anchors


def test_every_argument_has_a_meaning():
    assert re.findall(r'^\| `(\w+)` .* \| - \|$', page(), re.MULTILINE) == []
