"""The examples in docstrings run, and give what they say."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted(
    '.'.join(path.relative_to(ROOT).with_suffix('').parts)
    for path in ROOT.glob('dbl/**/*.py')
    if '>>> ' in path.read_text()
)


@pytest.mark.parametrize('name', MODULES)
def test_the_examples_of_a_module(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    found = doctest.testmod(import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert found.attempted > 0
    assert found.failed == 0


@pytest.mark.parametrize('package', ['losses', 'samplers', 'evaluation', 'longtail'])
def test_all_that_is_public_has_an_example(package):
    """But for a base class, and for what a function returns, whose example is that function's."""
    module = import_module(f'dbl.{package}')
    documents = {name: getattr(module, name).__doc__ for name in module.__all__}
    without = {name for name, document in documents.items() if '>>> ' not in document}
    assert without <= {'EpochSampler', 'Pair', 'PerClass', 'Statistics'}
