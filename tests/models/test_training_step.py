"""One training step of the whole model, against a bare loop in plain torch."""

import torch
import torchvision
from mmengine.optim import OptimWrapper
from torch import nn

from dbl.registry import MODELS


def test_steps_equal_a_bare_loop_with_the_recipe_s_freezing_clip_and_decay():
    torch.manual_seed(0)
    model = MODELS.build(
        dict(
            type='MultiLabelClassifier',
            backbone=dict(type='ResNet', depth=18),
            neck=dict(type='PooledLinear', dropout=0.0),
            head=dict(type='LinearHead', num_classes=5, loss=dict(type='BCELoss')),
        )
    ).train()
    net = torchvision.models.resnet18()
    state = {f'{k}': v for k, v in model.backbone.state_dict().items()}
    net.load_state_dict(state, strict=False)
    net.fc = nn.Identity()
    for module in (net.conv1, net.bn1, net.layer1):
        module.requires_grad_(False)
    tail = nn.Sequential(nn.Linear(512, 256), nn.BatchNorm1d(256), nn.Linear(256, 5))
    for ours, theirs in zip((model.neck.fc, model.neck.bn, model.head.fc), tail, strict=True):
        theirs.load_state_dict(ours.state_dict())
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
    bare = [p for p in [*net.parameters(), *tail.parameters()] if p.requires_grad]
    recipe = dict(lr=0.02, momentum=0.9, weight_decay=1e-4)
    sgd = torch.optim.SGD(bare, **recipe)
    wrapper = OptimWrapper(
        torch.optim.SGD(model.parameters(), **recipe), clip_grad=dict(max_norm=0.05)
    )
    for _ in range(3):
        batch = {'images': torch.randn(4, 3, 64, 64), 'targets': (torch.rand(4, 5) < 0.4).float()}
        loss = nn.functional.binary_cross_entropy_with_logits(
            tail(net(batch['images'])), batch['targets']
        )
        sgd.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(bare, 0.05)
        sgd.step()
        assert torch.isclose(model.train_step(batch, wrapper)['loss'], loss, rtol=1e-4)
    torch.testing.assert_close(model.head.fc.weight, tail[2].weight, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(model.backbone.layer2[0].bn1.weight, net.layer2[0].bn1.weight)
