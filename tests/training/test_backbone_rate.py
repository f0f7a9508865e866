import json

import pytest

from dbl.errors import InputError
from dbl.training.loop import set_rates, train
from dbl.training.run_folder import RunFolder


def test_the_backbone_has_its_own_rate(make):
    """Both follow the batch, of 8 here, and the schedule."""
    experiment = make(backbone_lr=0.002, **{'schedule.warmup_share': 0.0})
    backbone, rest = experiment.optimizer.param_groups
    assert len(backbone['params']) == len(list(experiment.model.backbone.parameters()))
    assert len(backbone['params'] + rest['params']) == len(list(experiment.model.parameters()))
    for iteration, share in ((0, 1), (55 * 5, 0.1)):
        expected = {'lr': 0.02 / 4 * share, 'backbone_lr': 0.002 / 4 * share}
        assert set_rates(experiment, iteration) == pytest.approx(expected)
        assert [backbone['lr'], rest['lr']] == pytest.approx([*expected.values()][::-1])
    assert experiment.resolved['backbone_lr'] == pytest.approx(0.0005)


def test_the_same_rate_takes_the_same_steps(make, tmp_path):
    from dbl.results.comparison import differences

    for name, options in (('one', {}), ('two', {'backbone_lr': 0.02})):
        train(make(**options), tmp_path / name)
    found = differences(tmp_path / 'one', tmp_path / 'two')
    assert [key for key in found if not key.startswith(('optimizer.param_groups', 'scalars'))] == []


def test_it_is_logged(make, tmp_path):
    train(make(backbone_lr=0.002), tmp_path / 'run')
    row = json.loads((tmp_path / 'run/vis_data/scalars.json').read_text().splitlines()[0])
    assert row['backbone_lr'] == pytest.approx(row['lr'] / 10)


@pytest.mark.parametrize(('before', 'after'), [(None, 0.002), (0.002, 0.004), (0.002, None)])
def test_a_run_that_goes_on_takes_the_new_one(make, tmp_path, before, after):
    train(make(backbone_lr=before), tmp_path / 'run')
    experiment = make(backbone_lr=after, epochs=2)
    with RunFolder(tmp_path / 'run', resume=True) as run:
        train(experiment, run)
    rows = (tmp_path / 'run/vis_data/scalars.json').read_text().splitlines()
    last = [json.loads(row) for row in rows if '"lr"' in row][-1]
    assert last.get('backbone_lr') == (after and pytest.approx(after / 4))


def test_for_a_frozen_backbone_it_has_no_effect(make):
    resnet = {'type': 'ResNet', 'depth': 18, 'weights': None, 'frozen_stages': 4}
    with pytest.raises(InputError, match='backbone_lr has no effect: the backbone is frozen'):
        make(backbone_lr=0.002, **{'model.backbone': resnet})
