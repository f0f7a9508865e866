import json
import math
from contextlib import suppress

import pytest

from dbl.errors import InputError
from dbl.files import read_object, whole_file
from dbl.training.run_folder import (
    RunFolder,
    checkpoints,
    default_work_dir,
    read_metrics,
    write_metrics,
)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def begin(run, **given):
    run.begin(environment={'dbl': '1.0'}, given=given, resolved={}, classes=['cat'])


def test_default_work_dir():
    assert str(default_work_dir('configs/voc_mlt/db_focal.py')) == 'work_dirs/voc_mlt/db_focal'


@pytest.mark.parametrize(
    ('files', 'state'),
    [
        (['epoch_3.pth', 'metrics.json'], 'a finished run'),
        (['epoch_3.pth'], 'an unfinished run'),
    ],
)
def test_a_run_is_not_replaced_by_accident(tmp_path, files, state):
    for file in files:
        (tmp_path / file).touch()
    with pytest.raises(InputError, match=f'holds {state}; add --resume'), RunFolder(tmp_path):
        pass
    assert names(tmp_path) == files
    with RunFolder(tmp_path, overwrite=True) as run:
        assert not run.resumes
    assert names(tmp_path) == files, 'nothing goes before the run is sure to start'


def test_a_run_without_its_checkpoint_is_said_to_be_so(tmp_path):
    (tmp_path / 'metrics.json').touch()
    message = 'finished run without its checkpoint; add --overwrite'
    with pytest.raises(InputError, match=message), RunFolder(tmp_path):
        pass


def test_a_replaced_run_is_set_aside_until_the_new_one_has_a_checkpoint(tmp_path):
    for name in ('metrics.json', 'scores.npz', 'run.json', 'epoch_3.pth', 'mine.pth'):
        (tmp_path / name).touch()
    (tmp_path / 'vis_data').mkdir()
    with RunFolder(tmp_path, overwrite=True) as run:
        begin(run)
    assert names(tmp_path) == ['mine.pth', 'replaced', 'run.json']
    set_aside = ['epoch_3.pth', 'metrics.json', 'run.json', 'scores.npz', 'vis_data']
    assert names(tmp_path / 'replaced') == set_aside
    (tmp_path / 'vis_data').mkdir()
    with RunFolder(tmp_path, overwrite=True) as run:
        begin(run)
        assert names(tmp_path / 'replaced') == set_aside, 'the new run has not saved yet'
        assert not (tmp_path / 'vis_data').exists()
        for name in ('iter_0.pth', 'iter_1.pth'):
            assert (tmp_path / 'replaced').exists(), 'nothing is trained before the first iteration'
            (tmp_path / name).touch()
            run.drop_older(tmp_path / name)
    assert names(tmp_path) == ['iter_1.pth', 'mine.pth', 'run.json']


@pytest.mark.parametrize(('files', 'resumes'), [([], False), (['iter_0.pth'], True)])
def test_a_run_goes_on_from_its_checkpoint_or_starts(tmp_path, files, resumes):
    for file in files:
        (tmp_path / file).touch()
    with RunFolder(tmp_path, resume=True) as run:
        assert run.resumes == resumes


@pytest.mark.parametrize(
    ('content', 'seed'),
    [
        ({'given': {'seed': 3}}, 3),
        ({'config': {'randomness': {'seed': 3}}}, None),  # of 0.1.0
        ([], None),
        (None, None),
    ],
)
def test_the_seed_that_a_run_was_started_with(tmp_path, content, seed):
    if content is not None:
        (tmp_path / 'run.json').write_text(json.dumps(content))
    assert RunFolder(tmp_path).seed == seed


def test_starts_are_added_up(tmp_path):
    for resume in (False, True):
        with RunFolder(tmp_path, resume=resume) as run:
            begin(run, seed=3)
            (tmp_path / 'iter_0.pth').touch()
    content = read_object(tmp_path / 'run.json')
    assert [start['dbl'] for start in content['starts']] == ['1.0', '1.0']
    assert (content['given'], content['resolved'], content['classes']) == ({'seed': 3}, {}, ['cat'])
    assert content['seconds'] >= 0
    with RunFolder(tmp_path, overwrite=True) as run:
        begin(run)
    assert len(read_object(tmp_path / 'run.json')['starts']) == 1


def test_a_run_that_does_not_begin_leaves_no_folder(tmp_path):
    with suppress(ZeroDivisionError), RunFolder(tmp_path / 'a' / 'b'):
        assert (tmp_path / 'a' / 'b').is_dir()
        raise ZeroDivisionError
    assert names(tmp_path) == []


def test_copies_are_no_checkpoints_of_the_run(tmp_path):
    for name in ('epoch_2.pth', 'epoch_2-ed7cd643.pth', 'epoch_1_copy.pth', 'iter_x.pth'):
        (tmp_path / name).touch()
    assert [path.name for path in checkpoints(tmp_path)] == ['epoch_2.pth']


def test_one_whole_checkpoint_is_there_at_any_moment(tmp_path):
    run = RunFolder(tmp_path)
    for name in ('epoch_1.pth', 'iter_7.pth', 'iter_9.pth', 'epoch_2.pth'):
        before = checkpoints(tmp_path)
        (tmp_path / 'torn.pth.part').touch()
        with whole_file(tmp_path / name) as part:
            part.write_bytes(b'content')
            assert checkpoints(tmp_path) == before
        run.drop_older(tmp_path / name)
        assert names(tmp_path) == [name]
    (tmp_path / 'mine.pth').touch()
    run.drop_older(tmp_path / 'epoch_2.pth')
    assert names(tmp_path) == ['epoch_2.pth', 'mine.pth']


def test_a_run_that_trains_on_is_not_finished(tmp_path):
    with RunFolder(tmp_path) as run:
        begin(run)
        run.finish({'mAP/total': 0.5})
        assert read_metrics(tmp_path / 'metrics.json') == {'mAP/total': 0.5}
        run.unfinish()
        run.unfinish()
    assert not (tmp_path / 'metrics.json').exists()


def test_metrics_come_back_as_they_were_written(tmp_path):
    metrics = {'mAP/total': 0.5, 'AP/cat': 1.0, 'AP/öwl': math.nan}
    write_metrics(tmp_path / 'new' / 'metrics.json', metrics)
    text = (tmp_path / 'new' / 'metrics.json').read_text(encoding='utf-8')
    assert json.loads(text) == {'mAP/total': 0.5, 'AP/cat': 1.0, 'AP/öwl': None}
    assert 'NaN' not in text
    again = read_metrics(tmp_path / 'new' / 'metrics.json')
    assert list(again) == list(metrics)
    assert math.isnan(again.pop('AP/öwl'))
    assert again == {'mAP/total': 0.5, 'AP/cat': 1.0}
