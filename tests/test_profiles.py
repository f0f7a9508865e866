"""Each switch of docs/differences.md leads from the released profile to the paper's."""

import re
import shutil

import pytest

from dbl.config import load_config, parse_options
from dbl.experiment import build_experiment

SWITCHES = {
    'model.head.loss.nu_over_lam=False': (
        'db_focal',
        lambda experiment: experiment.model.head.loss.nu_scale,
        (0.05 / 2, 0.05),
    ),
    'model.neck.norm=False': (
        'erm',
        lambda experiment: type(experiment.model.neck.bn).__name__,
        ('BatchNorm1d', 'Identity'),
    ),
    'model.neck.dropout=0.0': (
        'erm',
        lambda experiment: experiment.model.neck.dropout.p,
        (0.5, 0.0),
    ),
    'model.backbone.norm_eval=False': (
        'erm',
        lambda experiment: experiment.model.train().backbone.layer3[0].bn1.training,
        (False, True),
    ),
    'model.head.loss.per=class': (
        'cb_focal',
        lambda experiment: experiment.model.head.loss.per,
        ('image', 'class'),
    ),
    'train_dataloader.sampler.draws_per_visit=1': (
        'rs',
        lambda experiment: experiment.train_loader.sampler.draws_per_visit,
        (3, 1),
    ),
    'train_dataloader.sampler.type=ShuffleSampler': (
        'erm',
        lambda experiment: type(experiment.train_loader.sampler).__name__,
        ('AspectGroupedSampler', 'ShuffleSampler'),
    ),
    'schedule.milestones=[55,75]': (
        'erm',
        lambda experiment: round(experiment.schedule(72 * experiment.schedule.epoch_length), 6),
        (0.01, 0.1),
    ),
    'metric.head=101': ('erm', lambda experiment: experiment.metric.groups['head'], ([0], [])),
}


@pytest.fixture
def folder(photo_folder):
    """A data set in which a class has exactly 100 training images."""
    for i in range(40, 100):
        shutil.copy(photo_folder / 'train0.png', photo_folder / f'train{i}.png')
    with (photo_folder / 'train.csv').open('a') as file:
        file.writelines(f'train{i}.png,1,0,0\n' for i in range(40, 100))
    return photo_folder


def build(root, folder, row, options=()):
    small = {'data_root': str(folder), 'train_dataloader.batch_size': 8}
    config = load_config(root / 'configs/custom' / f'{row}.py', {**small, **parse_options(options)})
    return build_experiment(config, pretrained=False)


@pytest.mark.parametrize('switch', SWITCHES)
def test_a_switch_leads_to_the_paper_s(root, folder, switch):
    row, value_of, (released, paper) = SWITCHES[switch]
    assert value_of(build(root, folder, row)) == released
    assert value_of(build(root, folder, row, [switch])) == paper


def test_the_documentation_lists_these_switches(root):
    text = (root / 'docs/differences.md').read_text()
    cells = [line.split('|')[-2].strip() for line in text.splitlines() if line.startswith('| ')]
    options = [c.strip('`') for c in cells if re.fullmatch(r'`\w[\w.]+=\S+`', c)]
    assert sorted(options) == sorted(SWITCHES)


@pytest.mark.parametrize('row', 'erm cb_focal rs rs_cb_focal db_focal r_bce'.split())
def test_the_paper_s_profile_of_the_documentation(root, folder, row):
    """What the shell makes of the documented lines."""
    text = (root / 'docs/differences.md').read_text()
    block = re.search(r'```bash\n(.*?)```', text, re.DOTALL).group(1)
    lines = dict(re.findall(r'(\w+)="(.*)"', block))
    command = f'{row}.py --cfg-options (.*)' if f'/{row}.py' in block else r'/db_focal.py .*s (.*)'
    options = re.search(command, block).group(1).split('#')[0]
    for _ in range(2):
        options = re.sub(r'\$(\w+)', lambda match: lines[match.group(1)], options)
    experiment = build(root, folder, row, options.split())
    for switch in options.split():
        _, value_of, (_, paper) = SWITCHES[switch]
        assert row == 'r_bce' or value_of(experiment) == paper, switch
    assert len(options.split()) >= 5


def test_the_released_order_of_the_documentation_is_a_config(root, folder, tmp_path):
    """The config that the documentation shows, beside those of your own data."""
    text = (root / 'docs/differences.md').read_text()
    block = re.search(r'```python\n(.*?)```', text, re.DOTALL).group(1)
    lines = block.replace("'../voc_mlt/db_focal.py'", repr(f'{root}/configs/custom/db_focal.py'))
    path = tmp_path / 'released_order.py'
    path.write_text('\n'.join(line.removeprefix('  ') for line in lines.splitlines()))
    options = {'data_root': str(folder), 'train_dataloader.batch_size': 8}
    train_set = build_experiment(load_config(path, options), pretrained=False).train_loader.dataset
    assert [type(step).__name__ for step in train_set.pipeline] == ['ReferenceTransform']
    assert not train_set.batch_pipeline
    assert train_set[0]['images'].shape == (3, 224, 224)
