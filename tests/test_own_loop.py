"""The scripts of `docs/own_loop.md` run as they stand, and draw the plan in any framework."""

import ast
import math
import os
import re
import runpy
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

from dbl.samplers import ClassAwareSampler, Draw

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
PAGE = ROOT / 'docs' / 'own_loop.md'
SCRIPTS = {  # the heading of each, and what it needs
    'Plain torch': 'torch',
    'Lightning': 'lightning',
    'accelerate': 'accelerate',
    "Hugging Face's Trainer": 'transformers',
}
TORCHRUN = ['-m', 'torch.distributed.run', '--standalone', '--nproc_per_node=2']
# Appended to the reader's own data set: writes down what each process trains on.
RECORD = """

def recorded(self, index, plain=Pictures.__getitem__):
    if self is train:
        group = torch.distributed
        rank = group.get_rank() if group.is_initialized() else 0
        with open(f'draws_{rank}.txt', 'a') as file:
            print(index.epoch, index.position, int(index), file=file)
    return plain(self, index)


Pictures.__getitem__ = recorded
"""


def blocks(heading: str) -> list[str]:
    """The code of a section of the page."""
    _, section = PAGE.read_text(encoding='utf-8').split(f'\n## {heading}\n')
    return re.findall(r'```python\n(.*?)```', section.split('\n## ')[0], re.DOTALL)


# At times a thread of gloo outlives the process group that the script has destroyed (torch 2.14):
# rarely, and after all is printed and written. Nothing in a script prevents it.
GLOO = 'terminate called without an active exception'


@pytest.fixture
def pictures(tmp_path) -> dict[str, Any]:
    """What the reader brings."""
    (tmp_path / 'pictures.py').write_text(blocks('What you bring')[0])
    with torch.random.fork_rng():
        return runpy.run_path(str(tmp_path / 'pictures.py'))


@pytest.fixture(scope='module')
def run(tmp_path_factory):
    """Runs a script once, as one process or as two; gives its folder and what it wrote."""

    @cache
    def run_once(heading: str, processes: int) -> tuple[Path, str]:
        pytest.importorskip(SCRIPTS[heading])
        folder = tmp_path_factory.mktemp('own_loop')
        (folder / 'pictures.py').write_text(blocks('What you bring')[0] + RECORD)
        (script,) = blocks(heading)
        (folder / 'train.py').write_text(script)
        launcher = TORCHRUN if processes == 2 and heading != 'Lightning' else []
        cpu_alone = {
            'CUDA_VISIBLE_DEVICES': '',
            'ACCELERATE_USE_CPU': 'true',
            'PL_TRAINER_ACCELERATOR': 'cpu',
            'PL_TRAINER_DEVICES': str(processes),
        }
        for _ in range(2):
            for path in folder.glob('draws_*.txt'):  # of an attempt that gloo has ended
                path.unlink()
            done = subprocess.run(
                [sys.executable, *launcher, 'train.py'],
                cwd=folder,
                env={**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHONPATH': str(ROOT), **cpu_alone},
                capture_output=True,
                text=True,
                encoding='utf-8',
                timeout=300,
            )
            if GLOO not in done.stderr:
                break
        assert done.returncode == 0, done.stdout + done.stderr
        return folder, done.stdout + done.stderr

    return run_once


def results(output: str) -> dict[str, float]:
    (result,) = re.findall(r"\{'total'.*?\}", output)  # one process reports
    return ast.literal_eval(result)


@pytest.mark.parametrize('processes', [1, 2])
@pytest.mark.parametrize('heading', SCRIPTS)
def test_a_script_runs_without_alarm_and_prints_finite_means(run, heading, processes):
    _, output = run(heading, processes)
    means = results(output)
    assert list(means) == ['total', 'head', 'medium', 'tail']
    assert all(map(math.isfinite, means.values()))
    assert means['head'] > 0.8  # it has learnt: chance is about 0.3
    warnings = [
        line for line in output.splitlines() if re.search('warning|sampler|dbl', line, re.I)
    ]
    assert [line for line in warnings if 'pin_memory' not in line] == []


@pytest.mark.parametrize('heading', SCRIPTS)
def test_two_processes_draw_the_plan_and_nothing_twice(run, heading, pictures):
    folder, _ = run(heading, 2)
    shares = [
        [tuple(map(int, line.split())) for line in path.read_text().splitlines()]
        for path in (folder / 'draws_0.txt', folder / 'draws_1.txt')
    ]
    sampler = ClassAwareSampler(pictures['train'].labels, batch_size=32)
    plan = [
        (epoch, position, image)
        for epoch in range(2)
        for position, image in enumerate(sampler.plan(epoch)[: len(sampler)].tolist())
    ]
    assert sorted(shares[0] + shares[1]) == plan
    assert len(shares[0]) == len(shares[1])
    assert len(sampler) % 32 == 0 < sampler.draws % 32  # a rest was there to be left out


@pytest.mark.parametrize('processes', [1, 2])
@pytest.mark.parametrize('heading', ['Lightning', 'accelerate'])
def test_frameworks_train_as_the_plain_loop_does(run, heading, processes):
    by_framework = results(run(heading, processes)[1])
    assert by_framework == pytest.approx(results(run('Plain torch', processes)[1]), abs=1e-3)


def test_the_statistics_are_those_that_the_page_prints(capsys):
    (block,) = blocks('What the labels say')
    exec(block, {})
    assert f'\nprints `{capsys.readouterr().out.strip()}`' in PAGE.read_text(encoding='utf-8')


def test_a_draw_is_augmented_alike_each_time(pictures):
    exec(blocks('Where people trip')[0], pictures)
    flipped, plain = pictures['Flipped'](), pictures['train']
    flipped.images = plain.images
    images = [flipped[Draw(3, position=position)][0] for position in range(20)]
    assert all(
        torch.equal(image, flipped[Draw(3, position=position)][0])
        for position, image in enumerate(images)
    )
    unchanged = sum(torch.equal(image, plain[3][0]) for image in images)
    assert 0 < unchanged < 20


def test_a_resumed_sampler_goes_on_with_the_next_epoch(pictures, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    labels = pictures['train'].labels
    first, resumed = ClassAwareSampler(labels), ClassAwareSampler(labels)
    for epoch in range(3):
        first.set_epoch(epoch)
        list(first)
    save, load = blocks('Where people trip')[1].split('\n\n')
    exec(save, {'torch': torch, 'sampler': first, 'epoch': 2})
    exec(load, {'torch': torch, 'sampler': resumed})
    first.set_epoch(3)
    assert [draw.numbers for draw in resumed] == [draw.numbers for draw in first]
