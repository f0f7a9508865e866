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


# Bases; what a function returns, whose example is that function's; what needs an encoder; modules.
EXEMPT = {
    'samplers': {'EpochSampler'},
    'evaluation': {'PerClass'},
    'longtail': {'Pair', 'Statistics'},
    'models': {'TextEncoder', 'build_ml_gcn_head', 'losses'},
    'transforms': {'BatchedTransform', 'Tokenize'},
}


@pytest.mark.parametrize('package', ['losses', 'datasets', *EXEMPT])
def test_all_that_is_public_has_an_example(package):
    module = import_module(f'dbl.{package}')
    public = {name: getattr(module, name) for name in module.__all__}
    without = {name for name, part in public.items() if '>>> ' not in (part.__doc__ or '')}
    assert without <= EXEMPT.get(package, set())
