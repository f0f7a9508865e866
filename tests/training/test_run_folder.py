import json
import math
from contextlib import suppress
from pathlib import Path

import pytest

from dbl.errors import InputError
from dbl.files import read_object, whole_file
from dbl.training.run_files import checkpoints, default_work_dir
from dbl.training.run_folder import RunFolder
from dbl.training.run_numbers import read_metrics, write_metrics


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def begin(run, **given):
    run.begin(environment={'dbl': '1.0'}, given=given, resolved={}, classes=['cat'])


def test_default_work_dir(root):
    for config in ('voc_mlt/db_focal', root / 'configs/voc_mlt/db_focal.py'):
        assert str(default_work_dir(config)) == 'work_dirs/voc_mlt/db_focal'
    assert str(default_work_dir('reuters/linear/db')) == 'work_dirs/reuters/linear/db'
    assert str(default_work_dir('mine/rows/db.py')) == 'work_dirs/rows/db'


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


@pytest.mark.parametrize('resume', [False, True])
@pytest.mark.parametrize(
    ('files', 'state'),
    [
        (['metrics.json', 'run.json', 'scores.npz'], 'a finished run'),
        (['scores.npz'], 'an unfinished run'),
    ],
)
def test_a_run_without_its_checkpoint_is_not_lost(tmp_path, files, state, resume):
    for file in files:
        (tmp_path / file).touch()
    message = f'holds {state} without its checkpoint; add --overwrite'
    with pytest.raises(InputError, match=message), RunFolder(tmp_path, resume=resume):
        pass
    assert names(tmp_path) == files


def test_a_user_s_own_files_stay(tmp_path):
    own = ['epoch_best.pth', 'iter_1_copy.pth', 'mine.pth', 'mine.pth.part', 'notes.txt']
    for name in own:
        (tmp_path / name).write_text('mine')
    for overwrite in (False, True):
        with RunFolder(tmp_path, overwrite=overwrite) as run:
            begin(run)
            (tmp_path / 'epoch_1.pth').touch()
            run.drop_older(tmp_path / 'epoch_1.pth')
        assert names(tmp_path) == sorted([*own, 'epoch_1.pth', 'run.json'])


@pytest.mark.parametrize('resume', [False, True])
def test_what_a_start_left_that_never_saved_may_go(tmp_path, resume):
    (tmp_path / 'vis_data').mkdir()
    for name in ('run.json', 'iter_0.pth.part'):
        (tmp_path / name).touch()
    with RunFolder(tmp_path, resume=resume) as run:
        begin(run)
        assert not run.resumes
    assert names(tmp_path) == ['replaced', 'run.json']


def make_folder(path):
    path.mkdir()
    (path / 'epoch_1.pth').touch()
    (path / 'thesis.tex').touch()


def make_file(path):
    path.touch()


def make_link(path):
    path.with_name('elsewhere').mkdir()
    path.symlink_to(path.with_name('elsewhere'))


@pytest.mark.parametrize('name', ['replaced', 'replaced.part'])
@pytest.mark.parametrize('make', [make_folder, make_file, make_link])
def test_a_user_s_own_replaced_is_left_alone(tmp_path, make, name):
    make(tmp_path / name)
    before = sorted(tmp_path.rglob('*'))
    for overwrite in (False, True):
        message = f"{name}' holds other files than a run's"
        with pytest.raises(InputError, match=message), RunFolder(tmp_path, overwrite=overwrite):
            pass
        assert sorted(tmp_path.rglob('*')) == before
    checkpoint = tmp_path / 'epoch_1.pth'
    checkpoint.touch()
    with RunFolder(tmp_path, resume=True) as run:
        begin(run)
        run.drop_older(checkpoint)
    assert sorted(tmp_path.rglob('*')) == sorted([*before, checkpoint, tmp_path / 'run.json'])


@pytest.mark.parametrize(
    'damaged',
    [
        '{"seconds": "x", "starts": 3}',
        '{"seconds": NaN, "starts": [3]}',
        f'{{"seconds": 1{"0" * 400}, "starts": {{"at": "noon"}}}}',
        '{"seconds": null, "starts": null}',
    ],
    ids=['text', 'nan', 'huge', 'null'],
)
@pytest.mark.parametrize('restarts', ['1', 'x'])
def test_what_is_damaged_in_its_file_counts_as_absent(tmp_path, monkeypatch, damaged, restarts):
    monkeypatch.setenv('TORCHELASTIC_RESTART_COUNT', restarts)
    (tmp_path / 'run.json').write_text(damaged)
    (tmp_path / 'epoch_1.pth').touch()
    with pytest.raises(InputError, match='holds an unfinished run'), RunFolder(tmp_path):
        pass
    with RunFolder(tmp_path, resume=True) as run:
        begin(run)
    content = read_object(tmp_path / 'run.json')
    assert [start['dbl'] for start in content['starts']] == ['1.0']
    assert 0 <= content['seconds'] < 60


def test_a_restart_of_torchrun_s_goes_on(tmp_path, monkeypatch):
    with RunFolder(tmp_path) as run:
        begin(run)
    (tmp_path / 'iter_0.pth').touch()
    monkeypatch.setenv('TORCHELASTIC_RESTART_COUNT', '1')
    with RunFolder(tmp_path) as run:
        assert run.resumes


def test_a_folder_is_held_before_a_run_begins(tmp_path):
    run = RunFolder(tmp_path)
    assert not run.resumes
    message = r'hold the run folder first: with RunFolder\(\.\.\.\) as run'
    with pytest.raises(InputError, match=message):
        begin(run)
    with run:
        begin(run)
    with pytest.raises(InputError, match=message):
        begin(run)


@pytest.mark.parametrize('done', range(4))
def test_an_interrupted_replacement_loses_nothing(tmp_path, monkeypatch, done):
    files = ['best.pth', 'epoch_3.pth', 'metrics.json', 'scores.npz']
    for name in files:
        (tmp_path / name).write_text(name)
    rename, renamed = Path.rename, []

    def interrupted(path, target):
        if len(renamed) == done:
            raise KeyboardInterrupt
        renamed.append(path)
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, 'rename', interrupted)
        with pytest.raises(KeyboardInterrupt), RunFolder(tmp_path, overwrite=True) as run:
            begin(run)
    with RunFolder(tmp_path, overwrite=True) as run:
        begin(run)
    assert names(tmp_path) == ['replaced', 'run.json']
    assert names(tmp_path / 'replaced') == files
    assert all((tmp_path / 'replaced' / name).read_text() == name for name in files)


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
        ({'given': {'seed': 'x'}}, None),
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
        (tmp_path / 'iter_5.pth.part').touch()  # torn
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
        run.finish({'mAP/total': 0.5}, epoch=1)
        assert read_metrics(tmp_path / 'metrics.json') == {'mAP/total': 0.5}
        run.unfinish()
        run.unfinish()
    assert not (tmp_path / 'metrics.json').exists()


def test_what_was_made_of_its_scores_goes_when_it_trains_on(tmp_path):
    """What `decide` wrote, too. What a user wrote under other names stays."""
    own = ['best.pth', 'epoch_1.pth', 'model.onnx', 'model_2.pth', 'my_model.pth']
    for name in [*own, 'ema_val_scores.npz', 'metrics.json', 'model.pth', 'scores.npz']:
        (tmp_path / name).touch()
    RunFolder(tmp_path).unfinish()
    assert names(tmp_path) == own


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


def test_a_later_checkpoint_that_was_passed_over_takes_no_earlier_one_s_place(tmp_path):
    (tmp_path / 'run.json').write_text('{"resolved": {"iterations_per_epoch": 5}}')
    for name in ('epoch_1.pth', 'epoch_2.pth', 'iter_12.pth'):
        (tmp_path / name).touch()
    (tmp_path / 'epoch_3.pth').mkdir()
    RunFolder(tmp_path).drop_older(tmp_path / 'iter_12.pth', keep=3)
    assert names(tmp_path) == ['epoch_1.pth', 'epoch_2.pth', 'iter_12.pth', 'run.json']


def test_a_run_behind_links_is_set_aside_and_replaced(tmp_path):
    """The folder is a link, and so is one inside it; what they lead to stays a user's."""
    real, elsewhere, folder = tmp_path / 'real', tmp_path / 'elsewhere', tmp_path / 'link'
    real.mkdir()
    elsewhere.mkdir()
    (elsewhere / 'scalars.json').write_text('{}')
    folder.symlink_to(real)
    for name in ('epoch_3.pth', 'metrics.json'):
        (real / name).touch()
    (real / 'vis_data').symlink_to(elsewhere)
    for _ in range(2):  # the second start finds what the first one has set aside
        with RunFolder(folder, overwrite=True) as run:
            begin(run)
            assert names(real / 'replaced') == ['epoch_3.pth', 'metrics.json', 'vis_data']
        (real / 'vis_data').symlink_to(elsewhere)
    with RunFolder(folder, overwrite=True) as run:
        begin(run)
        (real / 'iter_1.pth').touch()
        run.drop_older(folder / 'iter_1.pth')
    assert names(real) == ['iter_1.pth', 'run.json']
    assert folder.is_symlink()
    assert (elsewhere / 'scalars.json').read_text() == '{}'
