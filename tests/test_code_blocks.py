"""The commands and the Python of the documents: what can be run is run, the rest is parsed."""

import argparse
import re
import shlex
import sys
from importlib import import_module
from pathlib import Path

import pytest
import torch

from dbl.config import load_config, parse_options

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ('*.md', 'docs/**/*.md', 'configs/*/README.md', 'data/README.md')
    for path in ROOT.glob(pattern)
    if path.name != 'CHANGELOG.md'  # of 0.1.0, whose keys it has
)
# Python that other tests run, or why none does.
RUN_ELSEWHERE = {
    'docs/backbones.md': 'tests/models/test_own_backbone.py',
    'docs/configs.md': 'tests/test_configs.py and the API of tests/training',
    'docs/own_loop.md': 'tests/test_own_loop.py',
    'docs/using_a_model.md': 'needs the training above it; tests/inference do the same',
    'docs/performance.md': 'takes minutes, 10 GB, a GPU; tests/samplers and tests/gpu show it',
    'docs/results/reuters.md': 'needs the runs above it; tests/evaluation have both functions',
    'docs/results/table1.md': 'needs a published checkpoint; tests/training read one of that form',
    'docs/settings.md': 'a config, as tests/test_configs.py load them',
}
COMMAND = re.compile(r'(?:python tools/(\w+)\.py|python -m dbl (\w+)|srun python tools/(\w+)\.py) ')
TORCHRUN = re.compile(r'^torchrun --\S+ tools/(\w+)\.py ')


class Parsed(BaseException):
    """A command has read its arguments; it goes no further."""


def blocks(document: str, language: str) -> list[str]:
    text = (ROOT / document).read_text(encoding='utf-8')
    found = re.findall(r'^```(.*?)\n(.*?)^```$', text, re.DOTALL | re.MULTILINE)
    return [block for name, block in found if re.fullmatch(language, name)]


def commands(document: str) -> list[str]:
    """Our commands among the shell's lines, without comments, pipes and what follows `&&`."""
    text = ''.join(blocks(document, '(?:bash)?')).replace('\\\n', ' ')
    for variable, value in reversed(re.findall(r'^(\w+)="([^"]*)"', text, re.MULTILINE)):
        text = text.replace(f'${variable}', value)
    lines = [part.strip() for line in text.splitlines() for part in line.split('&&')]
    return [line for line in lines if COMMAND.search(line) or TORCHRUN.search(line)]


ALL = [(document, line) for document in DOCUMENTS for line in commands(document)]


@pytest.mark.parametrize(('document', 'line'), ALL, ids=lambda value: value[:70])
def test_a_command_of_the_documents_takes_its_arguments(document, line, monkeypatch):
    """And its config has the keys that it changes."""
    found = COMMAND.search(line) or TORCHRUN.search(line)
    (name,) = filter(None, found.groups())
    words = shlex.split(line[found.end() :].replace('CONFIG', 'configs/demo/db_focal.py'), True)
    words = words[: words.index('>')] if '>' in words else words
    args = parsed(name, words, monkeypatch)
    for config in configs_of(args):
        load_config(ROOT / config if config.suffix else config, options_of(args))


def parsed(name: str, words: list[str], monkeypatch) -> argparse.Namespace:
    """What a command makes of its command line."""
    parse = argparse.ArgumentParser.parse_args

    def parse_and_stop(self, *arguments, **keywords):
        raise Parsed(parse(self, *arguments, **keywords))

    monkeypatch.setattr(argparse.ArgumentParser, 'parse_args', parse_and_stop)
    monkeypatch.setattr(sys, 'argv', [name, *words])
    with pytest.raises(Parsed) as stopped:
        import_module(f'dbl.commands.{name}').main()
    return stopped.value.args[0]


def configs_of(args: argparse.Namespace) -> list[Path]:
    found = getattr(args, 'config', None) or getattr(args, 'configs', None) or []
    return [Path(path) for path in (found if isinstance(found, list) else [found])]


def options_of(args: argparse.Namespace) -> dict:
    return parse_options(getattr(args, 'cfg_options', None) or [])


def test_documents_have_commands():
    assert len(ALL) > 40


@pytest.mark.parametrize('document', [d for d in DOCUMENTS if blocks(d, 'python')])
def test_python_of_the_documents_is_run(document):
    if document in RUN_ELSEWHERE:
        for block in blocks(document, 'python'):
            compile(block, document, 'exec')
        return
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(4, 3, generator=generator, requires_grad=True)
    targets = torch.randint(2, (4, 3), generator=generator)
    for block in blocks(document, 'python'):
        exec(compile(block, document, 'exec'), {'logits': logits, 'targets': targets})
