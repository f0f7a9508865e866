"""Ten training steps of the recipe, against a bare loop in plain torch."""

from types import SimpleNamespace

import pytest
import torch
import torchvision
from torch import nn

from dbl.config import load_config
from dbl.datasets.multi_label import MultiLabelDataset
from dbl.experiment import TrainingExperiment
from dbl.models import MultiLabelClassifier
from dbl.registry import MODELS, OPTIMIZERS, SCHEDULES, build
from dbl.training.loop import set_rates, training_step

FREQ = [6, 34, 8, 14, 154, 17, 249, 29, 479, 4, 240, 48, 11, 20, 775, 100, 5, 82, 7, 64]
N = 1142
STEPS = 10


def bce(logits, targets):
    p = logits.sigmoid()
    return -(targets * p.log() + (1 - targets) * (1 - p).log()).mean()


def db_focal(logits, targets):
    """DB-Focal on VOC-MLT, term by term."""
    n = torch.tensor(FREQ, dtype=logits.dtype)
    nu = 0.05 * torch.log(N / n - 1) / 5
    total = 0
    for z, y in zip(logits, targets, strict=True):
        weight = 0.1 + torch.sigmoid(10 * (1 / n / (1 / n)[y > 0].sum() - 0.3))
        u = torch.where(y > 0, z - nu, -5 * (z - nu))
        p_t = torch.sigmoid(u)
        term = 2 * (1 - p_t) ** 2 * -torch.log(p_t)
        total = total + (weight * torch.where(y > 0, term, term / 5)).sum()
    return total / logits.numel()


def pictures(count):
    """Patches of colour, which differ as photographs do and noise does not, (count, 3, 48, 48)."""
    return nn.functional.interpolate(2 * torch.randn(count, 3, 3, 3), 48, mode='bilinear')


@pytest.fixture(scope='module')
def resnet():
    """A ResNet-50 with small residuals and running statistics that are not those of a batch."""
    torch.manual_seed(0)
    net = torchvision.models.resnet50()
    for name, module in net.named_modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.constant_(module.weight, 0.2 if name.endswith('bn3') else 1.0)
            nn.init.normal_(module.running_mean, std=0.1)
            nn.init.uniform_(module.running_var, 0.8, 1.2)
    return net.state_dict()


@pytest.fixture(scope='module')
def batches():
    torch.manual_seed(1)
    targets = (torch.rand(STEPS, 8, 20) < 0.2).float()
    targets[:, :, 14] = 1
    return pictures(STEPS * 8).unflatten(0, (STEPS, 8)), targets


def our_model(part):
    """The model of a config, on VOC-MLT's counts."""
    backbone = build(MODELS, 'model.backbone', part.backbone)
    neck = build(MODELS, 'model.neck', part.neck, {'in_features': backbone.out_features})
    loss = build(MODELS, 'model.head.loss', part.head.loss, {'class_freq': FREQ, 'num_images': N})
    given = {'in_features': neck.out_features, 'num_classes': 20, 'loss': loss}
    head = {key: value for key, value in part.head.items() if key != 'loss'}
    return MultiLabelClassifier(backbone, neck, build(MODELS, 'model.head', head, given))


def our_experiment(config):
    """Model, optimiser and schedule of a config; the images come normalised."""
    model = our_model(config.model)
    optimizer = {'params': list(model.parameters())}
    return TrainingExperiment(
        config=config,
        resolved={'optimizer': config.optimizer},
        classes=[],
        device=torch.device('cpu'),
        model=model,
        metric=None,
        test_loader=None,
        train_loader=SimpleNamespace(dataset=MultiLabelDataset(source=None)),
        epoch_length=121,
        network=model,
        optimizer=build(OPTIMIZERS, 'optimizer', config.optimizer, optimizer),
        schedule=build(
            SCHEDULES, 'schedule', config.schedule, {'epoch_length': 121, 'epochs': config.epochs}
        ),
        rng_state={},
    )


def our_logits(root, row, batches, resnet, tail, **options):
    """The logits before each step of the config's model, optimiser and schedule."""
    path = root / f'configs/voc_mlt/{row}.py'
    experiment = our_experiment(load_config(path, {'model.neck.dropout': 0.0, **options}))
    model = experiment.model.train()
    model.backbone.load_state_dict(resnet, strict=False)
    for part, state in zip((model.neck.fc, model.neck.bn, model.head.fc), tail, strict=True):
        part.load_state_dict(state)
    logits, scaler = [], torch.amp.GradScaler('cpu', enabled=False)
    model.head.fc.register_forward_hook(lambda *args: logits.append(args[-1].detach()))
    for iteration, (images, targets) in enumerate(zip(*batches, strict=True)):
        set_rates(experiment, iteration)
        training_step(experiment, [{'images': images, 'targets': targets}], scaler)
    return torch.stack(logits)


def bare_logits(loss, batches, resnet, tail, weight_decay=1e-4, max_norm=35):
    """The same of the recipe as it is written down, in plain torch."""
    net = torchvision.models.resnet50()
    net.load_state_dict(resnet)
    net.fc = nn.Identity()
    for module in (net.conv1, net.bn1, net.layer1):
        module.requires_grad_(False)
    net.eval()
    neck = [nn.Linear(2048, 256), nn.BatchNorm1d(256), nn.Linear(256, 20)]
    for part, state in zip(neck, tail, strict=True):
        part.load_state_dict(state)
    model = nn.Sequential(net, *neck)
    trained = [p for p in model.parameters() if p.requires_grad]
    sgd = torch.optim.SGD(trained, lr=0.02, momentum=0.9, weight_decay=weight_decay)
    logits = []
    for step, (images, targets) in enumerate(zip(*batches, strict=True)):
        sgd.param_groups[0]['lr'] = 0.02 * (1 / 3 + 2 / 3 * step / 500)
        logits.append(model(images))
        sgd.zero_grad()
        loss(logits[-1], targets).backward()
        torch.nn.utils.clip_grad_norm_(trained, max_norm)
        sgd.step()
    return torch.stack(logits).detach()


@pytest.fixture(scope='module')
def tail():
    """Initial neck and head, as the recipe draws them."""
    torch.manual_seed(2)
    parts = [nn.Linear(2048, 256), nn.BatchNorm1d(256), nn.Linear(256, 20)]
    nn.init.normal_(parts[0].weight, std=(2 / 256) ** 0.5)
    nn.init.normal_(parts[2].weight, std=0.01)
    return [part.state_dict() for part in parts]


@pytest.fixture(scope='module')
def recipe(batches, resnet, tail):
    return bare_logits(db_focal, batches, resnet, tail)


def test_ten_steps_of_db_focal(root, batches, resnet, tail, recipe):
    ours = our_logits(root, 'db_focal', batches, resnet, tail)
    torch.testing.assert_close(ours, recipe, rtol=0, atol=1e-3)
    assert (recipe[-1] - recipe[0]).abs().max() > 0.1, 'something was learnt'


@pytest.mark.slow
def test_ten_steps_of_erm(root, batches, resnet, tail):
    ours = our_logits(root, 'erm', batches, resnet, tail)
    torch.testing.assert_close(ours, bare_logits(bce, batches, resnet, tail), rtol=0, atol=1e-3)


@pytest.mark.slow
def test_ten_steps_where_clip_and_decay_matter(root, batches, resnet, tail, recipe):
    options = {'optimizer.weight_decay': 0.5, 'clip_norm': 0.1}
    ours = our_logits(root, 'db_focal', batches, resnet, tail, **options)
    bare = bare_logits(db_focal, batches, resnet, tail, weight_decay=0.5, max_norm=0.1)
    torch.testing.assert_close(ours, bare, rtol=0, atol=1e-3)
    assert (ours - recipe).abs().max() > 0.01


@pytest.mark.slow
@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('model.backbone.norm_eval', False),
        ('model.backbone.frozen_stages', 2),
        ('model.head.loss.nu_over_lam', False),
        ('optimizer.momentum', 0.8),
    ],
)
def test_another_recipe_shows(root, name, value, batches, resnet, tail, recipe):
    """What a mistake in the recipe would do is well above the tolerance."""
    first = [part[:5] for part in batches]
    ours = our_logits(root, 'db_focal', first, resnet, tail, **{name: value})
    assert (ours - recipe[:5]).abs().max() > 2e-3
