"""The figures of the paper, as a user draws them: of a folder of pictures, and of runs on it."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread
from small_runs import fails_with

from dbl.commands import plot as plot_command
from dbl.commands import report, table1

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings('error')]

CLASSES = ['cat', 'dog', 'owl']
CLASS_FREQ = [40, 20, 10]
IMAGES = [f'test{i}.png' for i in range(8)]
ROWS = ('erm', 'rs', 'r_bce', 'db')


@pytest.fixture
def plot(run_here):
    """Runs the command; returns what came of it."""
    return partial(run_here, plot_command.main)


@pytest.fixture
def runs(photo_folder, tmp_path):
    """Finished runs of two seeds a row, as ``tools/train.py`` leaves them."""
    rng = np.random.default_rng(0)
    for row in ROWS:
        for seed in (0, 1):
            folder = tmp_path / 'work_dirs' / 'table1' / 'custom' / row / f'seed_{seed}'
            folder.mkdir(parents=True)
            write_run(folder, photo_folder, seed, rng)
    return tmp_path / 'work_dirs' / 'table1' / 'custom'


def write_run(folder, photo_folder, seed, rng) -> None:
    # Limits of the config's own: of three classes one is head, one tail.
    metric = dict(type='MultiLabelMetric', head=40, tail=20)
    given = dict(
        seed=seed,
        data_root=str(photo_folder),
        train_dataloader=dict(dataset=dict(source=dict(type='AnnotatedFiles', ann_file='train'))),
        metric=metric,
    )
    resolved = dict(given, metric=dict(metric, class_freq=CLASS_FREQ, num_images=40))
    starts = [dict(dbl='1', at='now')]
    run = dict(given=given, resolved=resolved, classes=CLASSES, starts=starts, seconds=1.0)
    (folder / 'run.json').write_text(json.dumps(run))
    ap = rng.random(3)
    names = ['mAP/head', 'mAP/medium', 'mAP/tail', *(f'AP/{name}' for name in CLASSES)]
    metrics = dict(zip(names, [*ap, *ap], strict=True)) | {'mAP/total': ap.mean()}
    (folder / 'metrics.json').write_text(json.dumps(metrics))
    targets = np.tile([[1, 0, 0], [1, 1, 1]], (4, 1))
    np.savez(folder / 'scores.npz', images=IMAGES, logits=rng.normal(size=(8, 3)), targets=targets)


def drawn(process, folder) -> set[str]:
    """Names of the figures of which the PNG and the PDF that are printed are there and whole."""
    assert process.returncode == 0, process.stderr
    printed = process.stdout.split()
    assert sorted(printed) == sorted(map(str, folder.iterdir()))
    pictures = {path for path in folder.iterdir() if path.suffix == '.png'}
    for path in pictures:
        assert imread(path)[..., :3].std() > 0.05, f'{path} is blank'
        assert path.with_suffix('.pdf').read_bytes().startswith(b'%PDF')
    assert len(printed) == 2 * len(pictures)
    return {path.stem for path in pictures}


def test_figures_of_a_named_config_lie_under_its_data_set(plot, tmp_path):
    process = plot('sampling', 'demo/db')
    assert process.returncode == 0, process.stderr
    assert [path.name for path in (tmp_path / 'work_dirs/figures').iterdir()] == ['demo']


def test_the_claims_are_put_to_runs(runs, run_here):
    claims = partial(run_here, table1.main, 'claims', runs, '--draws')
    process = claims('100', '--format', 'markdown')
    assert process.returncode == 0, process.stderr
    lines = process.stdout.splitlines()
    assert lines[0] == '| claim | rows | by | n | total | head | medium | tail | verdict |'
    assert [line.split(' | ')[0] for line in lines[2:-2]] == [
        '| re-sampling lifts the tail',
        '| re-sampling costs the head',
        '| R-BCE repairs the head',
        '| NTR lifts the tail',
        '| unevenly sampled classes gain most, RS to DB',
    ]
    assert all(line.endswith('(2 seeds) |') for line in lines[2:-2])
    fails_with(claims('5'), '--draws must be at least 100 to give an interval, but got 5')


def test_sampling_needs_labels_and_no_pictures(plot, root, photo_folder, tmp_path):
    for picture in photo_folder.glob('*.png'):
        picture.unlink()
    config, options = root / 'configs/custom/rs.py', f'data_root={photo_folder}'
    names = {'class_distribution', 'sampling_variance', 'conditional_probability'}
    process = plot('sampling', config, '--out', tmp_path / 'a', '--cfg-options', options)
    assert drawn(process, tmp_path / 'a') == names
    process = plot('sampling', config, '--out', tmp_path / 'b', '--cfg-options', options)
    assert drawn(process, tmp_path / 'b') == names
    for path in (tmp_path / 'a').iterdir():
        assert path.read_bytes() == (tmp_path / 'b' / path.name).read_bytes(), 'not the same twice'
    weighted = plot('sampling', root / 'configs/custom/db.py', '--cfg-options', options)
    assert {Path(line).stem for line in weighted.stdout.splitlines()} == {*names, 'class_balance'}


def test_gradients_go_to_the_folder_of_the_set(plot, root, photo_folder, tmp_path):
    config = root / 'configs/custom/db.py'
    process = plot('gradients', config, '--cfg-options', f'data_root={photo_folder}')
    assert process.returncode == 0, process.stderr
    assert process.stdout.splitlines() == [
        f'work_dirs/figures/custom/negative_gradients.{suffix}' for suffix in ('png', 'pdf')
    ]
    assert (tmp_path / process.stdout.splitlines()[0]).is_file()


def test_increments_and_scores_of_finished_runs(plot, runs, tmp_path):
    process = plot('increments', runs, '-o', tmp_path / 'a')
    assert drawn(process, tmp_path / 'a') == {'ap_increments'}
    process = plot('scores', runs, '-o', tmp_path / 'b')
    assert drawn(process, tmp_path / 'b') == {'score_densities'}


def test_a_missing_row_is_named_with_the_command_that_makes_it(plot, runs):
    for row, name in (('rs', 'metrics.json'), ('db', 'run.json')):
        for path in (runs / row).rglob(name):
            path.unlink()
    process = plot('increments', 'work_dirs/table1/custom')
    fails_with(process, 'holds no finished run of rs, db;')
    fails_with(process, '`python -m dbl table1 run --dataset custom --rows rs db` trains them')
    moved = runs.rename(runs.parent.parent / 'custom')
    fails_with(plot('scores', moved), f'--rows rs db --work-dir {moved.parent}`')


def test_a_run_without_scores_is_named(plot, runs):
    (runs / 'db' / 'seed_1' / 'scores.npz').unlink()
    fails_with(plot('scores', runs), f"'{runs}/db/seed_1/scores.npz' cannot be read: No such")


def test_a_damaged_run_is_left_out_by_name(plot, runs):
    """Its row has another seed; a row that has none is missing."""
    damaged = [runs / 'db' / f'seed_{seed}' / 'metrics.json' for seed in (0, 1)]
    damaged[0].write_text('[' * 100_000)
    said = f"'{damaged[0]}' is damaged: maximum recursion depth"
    process = plot('increments', runs)
    assert process.returncode == 0, process.stderr
    assert process.stderr.startswith(said)
    damaged[1].write_text('{"mAP/total": "\\u001b[2J"}')
    process = plot('increments', runs)
    fails_with(process, 'holds no finished run of db; `python')
    assert said in process.stderr
    assert f"'{damaged[1]}' is damaged: mAP/total must be a number" in process.stderr
    assert '\x1b' not in process.stderr


def test_a_link_that_leads_in_a_circle_is_no_folder(plot, tmp_path):
    (tmp_path / 'round').symlink_to('round')
    fails_with(plot('scores', 'round'), "folder 'round' does not exist")


def test_labels_that_changed_since_are_noticed(plot, runs, photo_folder):
    lines = (photo_folder / 'train.csv').read_text().splitlines()
    (photo_folder / 'train.csv').write_text('\n'.join(lines[:-1]))
    fails_with(plot('increments', runs), 'are [39, 19, 10], but were [40, 20, 10];')


def test_runs_of_different_data_are_not_mixed(plot, runs):
    path = runs / 'db' / 'seed_1' / 'run.json'
    path.write_text(path.read_text().replace('[40, 20, 10]', '[40, 20, 11]'))
    fails_with(plot('increments', runs), f"'{runs}/db/seed_1'")


def test_configs_that_cannot_be_shown(plot, root, photo_folder):
    options = ['--cfg-options', f'data_root={photo_folder}']
    process = plot('sampling', root / 'configs/custom/erm.py', *options)
    fails_with(process, 'train_dataloader.sampler is AspectGroupedSampler, but')
    process = plot('gradients', root / 'configs/custom/erm.py', *options)
    fails_with(process, 'model.head.loss is BCELoss, which has no lam and nu; choose')
    fails_with(plot('sampling', 'nowhere.py'), "config 'nowhere.py' is unknown; choose from")


@pytest.mark.parametrize('place', ['source', 'pipelines', 'sampler'])
def test_nothing_that_a_run_folder_names_is_executed(plot, run_here, runs, tmp_path, place):
    """mmengine's registries import any dotted name, and call it."""
    evil = {'type': 'subprocess.Popen', 'args': ['touch', str(tmp_path / 'executed')]}
    for path in runs.rglob('run.json'):
        run = json.loads(path.read_text())
        for config in (run['given'], run['resolved']):
            for split in ('train', 'test'):
                source = {'type': 'AnnotatedFiles', 'ann_file': split}
                dataset = {'source': evil if place == 'source' else source}
                if place == 'pipelines':
                    dataset |= {'pipeline': [evil], 'batch_pipeline': [evil]}
                # The report draws the plan of the first run with a ClassAwareSampler.
                sampler = {'type': 'ClassAwareSampler'}
                if place == 'sampler':
                    sampler['dataset'] = evil
                config[f'{split}_dataloader'] = {'dataset': dataset, 'sampler': sampler}
        path.write_text(json.dumps(run))
    process = plot('increments', runs)
    if place == 'source':
        fails_with(process, "type 'subprocess.Popen' is unknown")
    else:
        assert process.returncode == 0, process.stderr
    page = tmp_path / 'report.html'
    process = run_here(report.main, runs, '-o', page)
    assert process.returncode == 0, process.stderr
    if place == 'source':
        assert page.read_text().count('is unknown') == 3, 'said where it would be shown'
    assert not (tmp_path / 'executed').exists()
