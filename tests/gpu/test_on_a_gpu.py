"""What only a GPU shows: its steps are the CPU's, are repeated exactly, and are recorded."""

import copy

import pytest
import torch
from small_encoder import write_encoder

from dbl import train
from dbl.config import CONFIGS, load_config
from dbl.experiment import build_experiment
from dbl.models import TextEncoder
from dbl.training.cuda_graph import GradientGraph, can_be_recorded, state_of
from dbl.training.loop import gradient_of, training_step
from dbl.training.run_folder import RunFolder

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason='no GPU')
ROWS = sorted(path.stem for path in (CONFIGS / 'demo').glob('*.py'))
RESNET = {'model.backbone': dict(type='ResNet', depth=18, weights=None), 'image_size': 64}
LOADERS = {'train_dataloader.num_workers': 0, 'test_dataloader.num_workers': 0}


def built(row, **options):
    return build_experiment(load_config(f'demo/{row}', {**LOADERS, **options}), pretrained=False)


def steps(experiment, count, graph):
    """Losses, norms, and weights of some steps."""
    scaler = torch.amp.GradScaler('cuda', enabled=False)
    gradient = gradient_of(experiment, scaler) if graph else None
    assert isinstance(gradient, GradientGraph) == graph
    experiment.model.train()
    batches, found = iter(experiment.train_loader), []
    for _ in range(count):
        batch = next(batches)
        found += training_step(experiment, [batch], scaler, gradient)
    if graph:
        assert gradient._recorded_as == state_of(experiment.model, batch), 'the last was replayed'
    return torch.stack(found), torch.cat([p.flatten() for p in experiment.model.parameters()])


@pytest.mark.parametrize('row', ROWS)
@pytest.mark.parametrize('precision', ['float32', 'bfloat16'])
def test_recorded_steps_are_the_same_bit_for_bit(row, precision):
    options = {**RESNET, 'deterministic': True, 'precision': precision}
    eager, recorded = (steps(built(row, **options), 6, graph) for graph in (False, True))
    for one, other in zip(eager, recorded, strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize('row', ROWS)
def test_a_step_is_that_of_the_cpu(row, monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, 'allow_tf32', False)
    options = {**RESNET, 'model.neck.dropout': 0.0} if row != 'ml_gcn' else RESNET
    on_gpu = built(row, **options)
    on_gpu.model.train()
    batch = next(iter(on_gpu.train_loader))
    on_cpu = copy.deepcopy(on_gpu.model).cpu()
    images = on_gpu.train_loader.dataset.prepare(batch, torch.device('cpu'))
    expected = on_cpu.head.loss(on_cpu(images), batch['targets'])
    expected.backward()
    loss, norm = training_step(on_gpu, [batch], torch.amp.GradScaler('cuda', enabled=False))
    torch.testing.assert_close(loss.cpu(), expected.detach(), rtol=1e-4, atol=1e-6)
    gradients = [p.grad.flatten() for p in on_cpu.parameters() if p.grad is not None]
    torch.testing.assert_close(norm.cpu(), torch.cat(gradients).norm(), rtol=1e-2, atol=1e-5)


def test_a_graph_notices_what_has_changed():
    experiment = built('db_focal', **RESNET)
    scaler = torch.amp.GradScaler('cuda', enabled=False)
    gradient = gradient_of(experiment, scaler)
    batch = next(iter(experiment.train_loader))
    experiment.model.neck.dropout.p = 0.0
    experiment.model.train()
    first = [gradient(batch).clone() for _ in range(3)][-1]
    experiment.model.head.loss.scale *= 2
    for _ in range(3):
        torch.testing.assert_close(gradient(batch), 2 * first)
    with torch.no_grad():
        for weight in experiment.model.backbone.frozen.parameters():
            weight *= 1.5
    for _ in range(3):
        assert not torch.allclose(gradient(batch), 2 * first)


def test_unknown_modules_are_not_recorded():
    class Own(torch.nn.Identity):
        """Not known."""

    experiment = built('db_focal')
    assert can_be_recorded(experiment)
    experiment.model.head.own = Own()
    assert not can_be_recorded(experiment)


def test_a_stopped_run_goes_on_exactly(tmp_path):
    options = {**RESNET, 'deterministic': True, 'epochs': 2, 'image_size': 32}
    options['train_dataloader.sampler'] = dict(type='ClassAwareSampler', draws_per_class=6)
    whole = built('db_focal', **options)
    train(whole, tmp_path / 'whole')

    def stop_in_the_middle(experiment, iteration):
        if iteration == 6:
            raise RuntimeError('stopped')

    options['checkpoint.iterations'] = 3
    with pytest.raises(RuntimeError, match='stopped'):
        train(built('db_focal', **options), tmp_path / 'part', after_step=[stop_in_the_middle])
    again = built('db_focal', **options)
    with RunFolder(tmp_path / 'part', resume=True) as run:
        train(again, run)
    for one, other in zip(whole.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_texts_have_the_features_and_gradients_of_the_cpu(tmp_path):
    on_cpu = TextEncoder(write_encoder(tmp_path))
    tokens = torch.randint(4, 11, (12, 1, 30, 1)).float()
    for i, text in enumerate(tokens):
        text[:, 2 * i + 2 :] = 0
    on_gpu = copy.deepcopy(on_cpu).cuda()
    expected, found = on_cpu(tokens), on_gpu(tokens.cuda())
    torch.testing.assert_close(found.cpu(), expected, rtol=1e-4, atol=1e-5)
    for features in (expected, found):
        features.square().mean().backward()
    for one, other in zip(on_cpu.parameters(), on_gpu.parameters(), strict=True):
        torch.testing.assert_close(other.grad.cpu(), one.grad, rtol=1e-3, atol=1e-4)
