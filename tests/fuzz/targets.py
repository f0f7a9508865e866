"""What is done with inputs: the commands that users give, and when that has gone wrong."""

import os
import re
import signal
import sys
from pathlib import Path
from typing import NamedTuple

from forked import RAISED, Ended, Limits
from odd_values import SCRIPT
from sound import NECK, SELECTED, SMALL

MARK = 'EXECUTED'  # the file that what is executed leaves behind
# Control characters but for line feed and tab, as dbl.terminal has them, but not by its own table.
CONTROLS = re.compile('[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]')
TRAINED = [*SMALL, *NECK]


class Target(NamedTuple):
    """A command and the files that it gets.

    Attributes:
        command: As after ``python -m dbl``.
        folders: Sound ones that it needs.
        victims: Patterns of the files to be damaged.
        weight: How often it is taken, compared with the kind's others.
        renamed: File or folder that may get another name.
    """

    command: list[str]
    folders: tuple[str, ...]
    victims: tuple[str, ...]
    weight: float = 1
    renamed: str = ''


def _target(command: str, folders: str, victims: str, options=(), weight=1.0, renamed='') -> Target:
    given = command.split() + (['--cfg-options', *options] if options else [])
    return Target(given, tuple(folders.split()), tuple(victims.split()), weight, renamed)


ERM = 'runs/custom/erm'
RESUME = f'train custom/erm --work-dir {ERM} --resume'
ROW = 'runs/custom/db'
RUN = f'{ROW}/run.json {ROW}/metrics.json'
TABLES = 'data_{0}/train.{0} data_{0}/test.{0}'
PICTURES = 'data/train0.png data/train1.jpg data/train2.tif data/train3.gif data/train4.bmp '
PICTURES += 'data/train5.webp data/test0.png data/test1.jpg data/test2.tif data/test5.webp'
KINDS = {
    'checkpoint': [
        _target(RESUME, 'data runs', f'{ERM}/epoch_1.pth', [*TRAINED, 'epochs=2'], 4),
        _target('train custom/erm --work-dir middle --resume', 'data middle', 'middle/iter_2.pth',
                [*TRAINED, 'epochs=1'], 2),
        _target(f'test custom/erm {ERM}/epoch_1.pth', 'data runs', f'{ERM}/*.pth', TRAINED, 2),
        _target(
            'train custom/erm --work-dir selected --resume', 'data selected', 'selected/*.pth',
            [*TRAINED, *SELECTED, 'epochs=2'], 2,
        ),
        _target(
            'test custom/erm selected/epoch_1.pth --ema --on val', 'data selected',
            'selected/epoch_1.pth', [*TRAINED, *SELECTED],
        ),
        _target('test custom/erm old/legacy.pth', 'data old', 'old/legacy.pth', TRAINED),
        _target('test custom/erm old/released.pth', 'data old', 'old/released.pth', TRAINED),
        _target(
            'train custom/erm --work-dir new', 'data runs', f'{ERM}/epoch_1.pth',
            [*TRAINED, 'epochs=1', f'init_from={ERM}/epoch_1.pth'],
        ),
        _target(
            'train custom/erm --work-dir new', 'data old', 'old/resnet.pth',
            [*SMALL, 'epochs=1', 'model.backbone.type=ResNet', 'model.backbone.depth=18',
             'model.backbone.channels=None', 'model.backbone.weights=old/resnet.pth'], 0.3,
        ),
    ],
    'run': [
        _target('table1 show --dataset custom --work-dir runs', 'runs', RUN, (), 8, ROW),
        _target(f'report {ROW} -o report.html', f'data {ROW}',
                f'{RUN} {ROW}/scores.npz {ROW}/vis_data/scalars.json', (), 4, ROW),
        _target('plot scores runs/custom -o figures', 'data runs', f'{RUN} {ROW}/scores.npz'),
        _target('plot increments runs/custom -o figures', 'data runs', RUN),
        _target(RESUME, 'data runs', f'{ERM}/*.json {ERM}/vis_data/scalars.json {ERM}/scores.npz',
                [*TRAINED, 'epochs=2'], 6),
        _target(f'train custom/erm --work-dir {ERM} --overwrite', 'data runs', f'{ERM}/*.json',
                [*TRAINED, 'epochs=1']),
    ],
    'vectors': [
        _target(
            'train custom/ml_gcn --work-dir new', 'data vectors', f'vectors/vectors.{form}',
            [*SMALL, 'epochs=1', f'model.head.word_vectors=../vectors/vectors.{form}'],
        )
        for form in ('npy', 'npz')
    ]
    + [
        _target('word_vectors --glove vectors/glove.txt --classes data/train.csv --out out.npz',
                'data vectors', 'vectors/glove.txt', (), 0.5),
    ],
    'table': [
        target
        for form in ('csv', 'json', 'jsonl')
        for target in (
            _target(f'build_dataset check data_{form}', f'data_{form}', TABLES.format(form)),
            _target(f'build_dataset stats data_{form}', f'data_{form}', TABLES.format(form)),
            _target(
                'train custom/erm --work-dir new', f'data_{form}', TABLES.format(form),
                [*TRAINED, 'epochs=1', f'data_root=data_{form}'],
            ),
            _target(f'word_vectors --glove vectors/glove.txt --classes data_{form}/train.{form} '
                    '--out out.npz', f'data_{form} vectors', f'data_{form}/train.{form}', (), 0.3),
        )
    ]
    + [
        _target(f'build_dataset {form} --root data_{form} --out built{options}', f'data_{form}',
                TABLES.format(form), (), 0.5)
        for form in ('csv', 'jsonl')
        for options in ('', ' --max 3', ' --no-subset')
    ]
    + [_target('plot sampling custom/db -o figures', 'data', 'data/train.csv', SMALL, 0.3)],
    'coco': [
        _target('build_dataset coco --root coco --out built', 'coco', 'coco/annotations/*.json',
                (), 3),
        _target('build_dataset coco --root coco --out built --ids coco/ids.txt', 'coco',
                'coco/ids.txt coco/annotations/instances_train2017.json'),
    ],
    'voc': [
        _target('build_dataset voc --root voc_xml --out built', 'voc_xml',
                'voc_xml/*/Annotations/*.xml', (), 4),
        _target('build_dataset voc --root voc_xml --out built', 'voc_xml',
                'voc_xml/*/ImageSets/Main/*.txt'),
        _target('build_dataset voc --root voc --out built', 'voc', 'voc/*/ImageSets/Main/*.txt'),
    ],
    'picture': [
        _target('build_dataset check data', 'data', PICTURES, (), 3, 'data/test0.png'),
        _target('train custom/erm --work-dir new', 'data', PICTURES, [*TRAINED, 'epochs=1'], 2,
                'data/test0.png'),
        _target(f'test custom/erm {ERM}/epoch_1.pth', f'data {ERM}', 'data/test*[0-9].*',
                TRAINED, 2, 'data/test0.png'),
    ],
}  # fmt: skip


def run(command: list[str]) -> None:
    """Does what ``python -m dbl`` does with a command."""
    from dbl.commands import main

    sys.argv = ['dbl', *command]
    main()


def run_afresh(command: list[str], root: Path) -> None:
    """Becomes ``python -m dbl`` with a command."""
    os.environ['PYTHONPATH'] = str(root)
    os.execv(sys.executable, [sys.executable, '-m', 'dbl', *command])


def fault(ended: Ended, folder: Path, limits: Limits) -> str | None:
    """Says what went wrong in a command, if anything did: a kind, and where."""
    text = ended.output.decode('utf-8', 'surrogateescape')
    if (folder / MARK).exists() or _has_script(folder):
        return 'executed'
    if ended.status < 0:
        return f'{_of_signal(-ended.status)}: {_first_of_stack(text)}'
    if ended.memory > limits.memory:
        return f'over memory: {ended.memory / 1e9:.1f} GB'
    if ended.seconds > limits.seconds:
        return f'over time: {ended.seconds:.0f} s'
    if ended.status == RAISED or 'Traceback (most recent call last)' in text:
        return f'traceback: {last_of_traceback(text)}'
    if found := CONTROLS.search(text):
        return f'raw control character: {text[max(0, found.start() - 40) :][:80]!r}'
    return None if ended.status in (0, 1) else f'exit status {ended.status}'


def _of_signal(number: int) -> str:
    if number == signal.SIGALRM:
        return 'hung'
    if number == signal.SIGXCPU:
        return 'over time: killed'
    return f'killed by {signal.Signals(number).name}'


def _first_of_stack(text: str) -> str:
    """The innermost place of ours in what ``faulthandler`` writes."""
    found = re.search(r'File ".*?/(dbl/[\w/]+\.py)", line (\d+) in (\w+)', text)
    return '{}:{} {}'.format(*found.groups()) if found else 'not in dbl'


def _has_script(folder: Path) -> bool:
    """Whether a page would run what an input holds."""
    return any(SCRIPT in page.read_text(errors='replace') for page in folder.glob('*.html'))


def last_of_traceback(text: str) -> str:
    """The exception, and the last place of ours that it came through."""
    frames = re.findall(r'File ".*?/(dbl/[\w/]+\.py)", line (\d+), in (\w+)', text)
    place = '{}:{} {}'.format(*frames[-1]) if frames else 'not in dbl'
    errors = re.findall(r'^\w[\w.]*(?:Error|Exception|Interrupt|Exit|Warning)\b.*$', text, re.M)
    return f'{place}: {errors[-1][:200] if errors else text[-200:]}'


def verdict(ended: Ended, folder: Path, limits: Limits) -> str:
    """Whether an input was read ``'right'`` or ``'refused'``, or is a fault, in upper case."""
    found = fault(ended, folder, limits)
    return f'FAULT {found}' if found else ('right', 'refused')[ended.status]
