import logging

import pytest
import torch

from dbl.errors import InputError
from dbl.experiment import build_experiment
from dbl.models.resnet import ResNet
from dbl.training.checkpoint import read_checkpoint
from dbl.training.initial_weights import warn_of_frozen_noise
from dbl.training.loop import train
from dbl.training.run_folder import RunFolder

ONE_HOT = {'model.head.word_vectors': 'one_hot'}


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


def test_the_graph_is_that_of_the_new_training_set(make, tmp_path):
    """And of the config's threshold; the graph's weights are the checkpoint's."""
    train(make('ml_gcn', **ONE_HOT), tmp_path / 'run')
    path = tmp_path / 'run/epoch_1.pth'
    saved = read_checkpoint(path)['state_dict']
    other = {**ONE_HOT, 'model.head.p': 0.9}
    head = make('ml_gcn', **other, init_from=str(path)).model.head
    assert torch.equal(head.graph, make('ml_gcn', **other).model.head.graph)
    assert not torch.equal(head.graph, saved['head.graph'])
    assert torch.equal(head.conv1.weight, saved['head.conv1.weight'])


def test_a_run_does_not_go_on_with_another_graph(make, tmp_path):
    train(make('ml_gcn', **ONE_HOT), tmp_path / 'run')
    options = {**ONE_HOT, 'epochs': 2}
    with (
        pytest.raises(InputError, match='began with another graph of its head'),
        RunFolder(tmp_path / 'run', resume=True) as run,
    ):
        train(make('ml_gcn', **options, **{'model.head.p': 0.9}), run)
    with RunFolder(tmp_path / 'run', resume=True) as run:
        train(make('ml_gcn', **options), run)
    assert (tmp_path / 'run/epoch_2.pth').exists()


@pytest.mark.parametrize(
    ('backbone', 'is_told'),
    [
        (ResNet(18, weights=None), True),
        (ResNet(18), True),
        (ResNet(18, weights=None, frozen_stages=-1), False),
        (ResNet(18, weights='some.pth'), False),
    ],
)
def test_random_weights_that_are_frozen_are_told(caplog, backbone, is_told):
    """A config may leave the weights out, and get random ones."""
    warn_of_frozen_noise(backbone)
    assert ('those that are frozen stay random' in caplog.text) == is_told
