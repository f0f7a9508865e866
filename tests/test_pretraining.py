"""The weights that the demo starts with, and the command that makes them."""

import torch

from dbl import build_experiment, load_config
from dbl.models.conv_net import SHAPES_WEIGHTS, ConvNet
from dbl.pretraining import pretrain
from dbl.safe_load import safe_load


def test_they_come_with_dbl_and_are_what_the_demo_starts_with():
    saved = safe_load(SHAPES_WEIGHTS)
    assert SHAPES_WEIGHTS.stat().st_size < 1.1e6
    assert {value.dtype for value in saved.values()} == {torch.float16}
    backbone = build_experiment(load_config('demo/db_focal')).model.backbone
    for name, value in saved.items():
        assert torch.equal(backbone.state_dict()[name], value.float()), name


def test_with_them_batch_norm_keeps_its_statistics():
    backbone = build_experiment(load_config('demo/erm')).model.backbone
    backbone.train()
    before = {name: value.clone() for name, value in backbone.named_buffers()}
    backbone(torch.rand(4, 3, 64, 64))
    assert before
    assert all(torch.equal(value, before[name]) for name, value in backbone.named_buffers())


def test_the_command_makes_weights_that_a_network_takes(tmp_path):
    path = tmp_path / 'weights.pth'
    options = {
        'epochs': 1,
        'image_size': 16,
        'model.backbone.channels': [4, 8],
        'train_dataloader.num_workers': 0,
        'test_dataloader.num_workers': 0,
        'train_dataloader.dataset.source.split': 'val',
    }
    assert 0 < pretrain(path, options) <= 1
    network = ConvNet([4, 8], weights=str(path))
    before = [value.clone() for value in network.parameters()]
    network.init_weights()
    assert not any(torch.equal(*pair) for pair in zip(before, network.parameters(), strict=True))
