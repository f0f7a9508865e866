"""Each switch of docs/differences.md leads from the released profile to the paper's."""

import re

import pytest

from dbl.engine import config_parser, load_config
from dbl.registry import DATASETS, METRICS, MODELS, SAMPLERS


def model(config):
    return MODELS.build(config.model).train()


def sampler(config):
    train_set = DATASETS.build(config.train_dataloader.dataset)
    return SAMPLERS.build(config.train_dataloader.sampler, default_args={'dataset': train_set})


def head_of_100_images(config):
    return METRICS.build({**config.test_evaluator, 'class_freq': [100]}).groups['head']


SWITCHES = {
    'model.head.loss.nu_over_lam=False': (
        'db_focal',
        lambda config: model(config).head.loss.nu_scale,
        (0.05 / 2, 0.05),
    ),
    'model.neck.norm=False': (
        'erm',
        lambda config: type(model(config).neck.bn).__name__,
        ('BatchNorm1d', 'Identity'),
    ),
    'model.neck.dropout=0.0': ('erm', lambda config: model(config).neck.dropout.p, (0.5, 0.0)),
    'model.backbone.norm_eval=False': (
        'erm',
        lambda config: model(config).backbone.layer3[0].bn1.training,
        (False, True),
    ),
    'model.head.loss.per=class': (
        'cb_focal',
        lambda config: model(config).head.loss.per,
        ('image', 'class'),
    ),
    'train_dataloader.sampler.draws_per_visit=1': (
        'rs',
        lambda config: sampler(config).draws_per_visit,
        (3, 1),
    ),
    'train_dataloader.sampler.type=ShuffleSampler': (
        'erm',
        lambda config: type(sampler(config)).__name__,
        ('AspectGroupedSampler', 'ShuffleSampler'),
    ),
    'param_scheduler.1.milestones=[55,75]': (
        'erm',
        lambda config: config.param_scheduler[1].milestones,
        ([55, 70], [55, 75]),
    ),
    'test_evaluator.head=101': ('erm', head_of_100_images, ([0], [])),
}


def load(root, folder, config, options=()):
    given = config_parser('').parse_args(['_', '--cfg-options', *options, f'data_root={folder}'])
    small = {'model.backbone.weights': None, 'train_dataloader.batch_size': 8}
    return load_config(config, {**small, **given.cfg_options})


@pytest.mark.parametrize('switch', SWITCHES)
def test_a_switch_leads_to_the_paper_s(root, photo_folder, switch):
    row, value_of, (released, paper) = SWITCHES[switch]
    config = root / 'configs/custom' / f'{row}.py'
    assert value_of(load(root, photo_folder, config)) == released
    assert value_of(load(root, photo_folder, config, [switch])) == paper


def test_the_documentation_lists_these_switches(root):
    text = (root / 'docs/differences.md').read_text()
    cells = [line.split('|')[-2].strip() for line in text.splitlines() if line.startswith('| ')]
    options = [c.strip('`') for c in cells if re.fullmatch(r'`\w[\w.]+=\S+`', c)]
    assert sorted(options) == sorted(SWITCHES)


@pytest.mark.parametrize('row', 'erm cb_focal rs rs_cb_focal db_focal r_bce'.split())
def test_the_paper_s_profile_of_the_documentation(root, photo_folder, row):
    """What the shell makes of the documented lines."""
    text = (root / 'docs/differences.md').read_text()
    block = re.search(r'```bash\n(.*?)```', text, re.DOTALL).group(1)
    lines = dict(re.findall(r'(\w+)="(.*)"', block))
    command = f'{row}.py --cfg-options (.*)' if f'/{row}.py' in block else r'/db_focal.py .*s (.*)'
    options = re.search(command, block).group(1).split('#')[0]
    for _ in range(2):
        options = re.sub(r'\$(\w+)', lambda match: lines[match.group(1)], options)
    config = load(root, photo_folder, root / f'configs/custom/{row}.py', options.split())
    for switch in options.split():
        _, value_of, (_, paper) = SWITCHES[switch]
        assert row == 'r_bce' or value_of(config) == paper, switch
    assert len(options.split()) >= 5
