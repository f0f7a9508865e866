"""Paths, options and names that a terminal would obey: every command shows them instead."""

import json
import shutil
import sys
from importlib import import_module

import pytest

EVIL = 'evil\x1b]0;owned\x07\x1b[2J\u202e'


@pytest.fixture
def command(tmp_path, monkeypatch, capfd):
    """Runs a command in this process; gives its status and all that it wrote."""

    def run(name: str, *arguments: object) -> tuple[int, str]:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, 'argv', ['dbl', *map(str, arguments)])
        status = 0
        try:
            import_module(f'dbl.commands.{name}').main()
        except SystemExit as error:
            status = error.code or 0
        found = capfd.readouterr()
        return status, found.out + found.err

    return run


def is_tame(text: str) -> None:
    assert 'evil' in text
    assert not {'\x1b', '\x07', '\u202e'} & set(text)


ARGUMENTS = {
    'train': [
        [EVIL],
        ['demo/db_focal', '--cfg-options', f'{EVIL}=1'],
        ['demo/db_focal', '--cfg-options', f'seed={EVIL}'],
        ['demo/db_focal', '--cfg-options', EVIL],
        ['demo/db_focal', '--seed', EVIL],
        ['demo/db_focal', f'--{EVIL}'],
        ['custom/db_focal', '--cfg-options', f'data_root={EVIL}'],
    ],
    'test': [
        ['demo/db_focal', EVIL],
        ['demo/db_focal', 'a.pth', '--on', EVIL],
    ],
    'table1': [
        [EVIL],
        ['show', '--dataset', EVIL],
        ['show', '--dataset', 'demo', '--rows', EVIL],
        ['show', '--dataset', 'demo', '--work-dir', EVIL],
    ],
    'ablate': [['demo/db_focal', '--vary', EVIL, '1'], [EVIL, '--vary', 'epochs', '1', '2']],
    'plot': [['sampling', EVIL], ['increments', EVIL], [EVIL]],
    'report': [[EVIL]],
    'build_dataset': [
        ['csv', '--root', EVIL, '--out', 'out'],
        ['jsonl', '--root', EVIL, '--out', 'out'],
        ['voc', '--root', EVIL, '--out', 'out'],
        ['coco', '--root', EVIL, '--out', 'out'],
        ['check', EVIL],
        ['stats', EVIL],
    ],
    'word_vectors': [['--glove', EVIL, '--classes', 'voc_mlt', '--out', 'a.npz']],
}
CASES = [(name, given) for name, lines in ARGUMENTS.items() for given in lines]


@pytest.mark.parametrize(('name', 'arguments'), CASES)
def test_what_a_command_is_given_is_shown(command, name, arguments):
    status, text = command(name, *arguments)
    assert status in (1, 2)
    is_tame(text)


@pytest.mark.parametrize('form', ['csv', 'json', 'jsonl'])
def test_names_in_annotations_are_shown(command, tmp_path, form):
    content = {
        'csv': f'image,cat,{EVIL}\na.jpg,1,{EVIL}\n',
        'json': json.dumps({'metainfo': {'classes': ['cat', EVIL]}, 'data_list': [{EVIL: 1}]}),
        'jsonl': json.dumps({'image': EVIL, 'labels': [EVIL]}, ensure_ascii=False),
    }[form]
    (tmp_path / f'train.{form}').write_text(content)
    shutil.copy(tmp_path / f'train.{form}', tmp_path / f'test.{form}')
    for action in ('check', 'stats'):
        status, text = command('build_dataset', action, tmp_path)
        assert status == 1
        is_tame(text)


def test_a_folder_with_such_a_name_trains(command, tmp_path):
    options = (
        'model.backbone.channels=[4,8] model.backbone.weights=None image_size=16 epochs=1 '
        'train_dataloader.num_workers=0 '
        'test_dataloader.num_workers=0 train_dataloader.sampler.draws_per_class=4'
    )
    arguments = ['demo/rs', '--work-dir', EVIL, '--cfg-options', *options.split()]
    status, text = command('train', *arguments)
    assert status == 0, text
    is_tame(text)
    status, text = command('train', *arguments)
    assert status == 1
    is_tame(text)
