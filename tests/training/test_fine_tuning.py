import logging

import pytest
import torch

from dbl.errors import InputError
from dbl.experiment import build_experiment
from dbl.training.checkpoint import read_checkpoint
from dbl.training.loop import train


@pytest.fixture
def trained(make, tmp_path):
    """The checkpoint of a run of three classes."""
    train(make(), tmp_path / 'run')
    return tmp_path / 'run/epoch_1.pth'


def test_a_training_starts_with_a_checkpoint_s_weights(make, trained):
    saved = read_checkpoint(trained)['state_dict']
    for name, value in make(init_from=str(trained), seed=5).model.state_dict().items():
        assert torch.equal(value, saved[name])


def test_another_loss_and_sampler_fit(make, trained, caplog):
    with caplog.at_level(logging.WARNING, 'dbl'):
        make('db_focal', init_from=str(trained))
    assert 'does not fit' not in caplog.text


def test_the_head_of_other_classes_is_left_out(make, trained, photo_folder, caplog):
    for split in ('train', 'test'):
        path = photo_folder / f'{split}.csv'
        path.write_text(path.read_text().replace('owl', 'fox'))
    fresh = make().model.state_dict()
    saved = read_checkpoint(trained)['state_dict']
    found = make(init_from=str(trained)).model.state_dict()
    assert f"'{trained}' does not fit the config in its head; random weights are" in caplog.text
    for name, value in found.items():
        assert torch.equal(value, fresh[name] if name.startswith('head') else saved[name])


def test_another_number_of_classes_leaves_the_head_out(make, trained, photo_folder, caplog):
    for split in ('train', 'test'):
        path = photo_folder / f'{split}.csv'
        lines = path.read_text().splitlines()
        path.write_text('\n'.join(line.rpartition(',')[0] for line in lines))
    assert make(init_from=str(trained)).model.head.fc.weight.shape == (2, 256)
    assert 'does not fit the config in its head' in caplog.text


def test_a_checkpoint_of_the_released_code_is_taken(make, tmp_path, released_checkpoint, caplog):
    released_checkpoint(tmp_path / 'epoch_8.pth', 18, num_classes=3)
    resnet = {'type': 'ResNet', 'depth': 18, 'weights': None}
    options = {'init_from': str(tmp_path / 'epoch_8.pth'), 'model.backbone': resnet}
    # Its counts of batches are missing, which torch's own norms have.
    model = make(**options).model
    saved = read_checkpoint(tmp_path / 'epoch_8.pth')['state_dict']
    assert torch.equal(model.head.fc.weight, saved['head.fc.weight'])
    assert torch.equal(model.backbone.conv1.weight, saved['backbone.conv1.weight'])


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (
            {'model.backbone': {'type': 'ConvNet', 'channels': [4, 9]}},
            r"has another backbone: 10 weights differ, such as '1.0.weight': .8, 4, 3, 3",
        ),
        ({'init_from': 'no.pth'}, "checkpoint 'no.pth' does not exist"),
    ],
)
def test_what_does_not_fit_is_refused(make, trained, options, message):
    with pytest.raises(InputError, match=message):
        make(**{'init_from': str(trained), **options})


def test_a_run_that_goes_on_does_not_start_from_it_again(make, trained):
    config = make(init_from=str(trained)).config
    model = build_experiment(config, pretrained=False).model
    saved = read_checkpoint(trained)['state_dict']
    assert not torch.equal(model.head.fc.weight, saved['head.fc.weight'])


@pytest.mark.parametrize(('frozen', 'is_told'), [(1, True), (-1, False)])
def test_random_weights_that_are_frozen_are_told(make, caplog, frozen, is_told):
    make(**{'model.backbone': dict(type='ResNet', depth=18, weights=None, frozen_stages=frozen)})
    assert ('those that are frozen stay random' in caplog.text) == is_told
