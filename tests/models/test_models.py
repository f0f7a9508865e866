import copy

import pytest
import torch
import torchvision

from dbl.errors import InputError
from dbl.losses import BCELoss
from dbl.models import (
    ConvNet,
    GlobalMaxPool,
    LinearHead,
    MultiLabelClassifier,
    PooledLinear,
    ResNet,
)
from dbl.models.classifier import GlobalAveragePool
from dbl.registry import MODELS, build


def classifier(**backbone):
    backbone = build(MODELS, 'backbone', {'type': 'ResNet', 'depth': 18, **backbone})
    neck = build(MODELS, 'neck', {'type': 'PooledLinear'}, {'in_features': backbone.out_features})
    return MultiLabelClassifier(backbone, neck, LinearHead(neck.out_features, 5, BCELoss()))


@pytest.mark.parametrize('depth', [18, 50])
def test_resnet_is_torchvisions_under_its_key_names(depth):
    net, reference = ResNet(depth).eval(), torchvision.models.get_model(f'resnet{depth}').eval()
    for module in reference.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(module.running_mean, std=0.1)
            torch.nn.init.uniform_(module.running_var, 0.5, 2)
    state = {k: v for k, v in reference.state_dict().items() if not k.startswith('fc.')}
    net.load_state_dict(state)
    images = torch.randn(2, 3, 64, 64, dtype=torch.float64)
    reference.fc = torch.nn.Identity()
    net, reference = net.double(), reference.double()
    with torch.inference_mode():
        pooled = net(images).mean(dim=(2, 3))
        torch.testing.assert_close(pooled, reference(images))
    assert net.out_features == pooled.shape[1]


@pytest.mark.parametrize(
    ('frozen_stages', 'frozen'),
    [
        (-1, set()),
        (0, {'conv1', 'bn1'}),
        (1, {'conv1', 'bn1', 'layer1'}),
        (2, {'conv1', 'bn1', 'layer1', 'layer2'}),
    ],
)
def test_frozen_stages(frozen_stages, frozen):
    net = ResNet(18, frozen_stages=frozen_stages)
    fixed = {name.split('.')[0] for name, p in net.named_parameters() if not p.requires_grad}
    assert fixed == frozen


@pytest.fixture
def net():
    """A network in training, whose running statistics are not those of its start."""
    net = ResNet(18).train()
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(module.running_mean, std=0.1)
            torch.nn.init.uniform_(module.running_var, 0.5, 2)
    return net


def unfolded(net, images):
    """The output of the modules as they are, one after the other."""
    for module in net.children():
        images = module(images)
    return images


def check_follows(net, images, before):
    after = net(images)
    assert not torch.allclose(after, before)
    torch.testing.assert_close(after, unfolded(net, images), atol=1e-4, rtol=1e-4)


def test_the_frozen_part_is_folded_and_no_gradient_passes_it(net):
    images = torch.randn(2, 3, 64, 64, requires_grad=True)
    output = net(images)
    torch.testing.assert_close(output, unfolded(net, images), atol=1e-4, rtol=1e-4)
    output.sum().backward()
    assert images.grad is None
    assert {name.split('.')[0] for name, p in net.named_parameters() if p.grad is not None} == {
        'layer2',
        'layer3',
        'layer4',
    }
    assert not [key for key in net.state_dict() if 'folded' in key]


@pytest.mark.parametrize('name', ['conv1.weight', 'bn1.running_mean', 'layer1.1.bn2.bias'])
def test_the_frozen_part_follows_a_change_in_place(net, name):
    images = torch.randn(2, 3, 64, 64)
    before = net(images)
    with torch.no_grad():
        net.state_dict(keep_vars=True)[name].mul_(2).add_(0.1)
    check_follows(net, images, before)


@pytest.mark.parametrize('assign', [False, True])
def test_the_frozen_part_follows_what_is_loaded(net, assign):
    images = torch.randn(2, 3, 64, 64)
    before = net(images)
    state = {key: value.clone() for key, value in net.state_dict().items()}
    changed = {key: v + 0.1 if key == 'bn1.running_mean' else v for key, v in state.items()}
    net.load_state_dict(changed, assign=assign)
    check_follows(net, images, before)
    net.load_state_dict(state, assign=assign)
    torch.testing.assert_close(net(images), before)
    torch.testing.assert_close(copy.deepcopy(net)(images), before)


def test_what_is_written_past_autograd_is_noticed_at_the_next_train_eval_or_to(net):
    images = torch.randn(2, 3, 64, 64)
    for notice in (net.train, net.eval, net.float):
        before = net(images)
        net.conv1.weight.data.mul_(2)
        notice()
        check_follows(net, images, before)


def test_a_copy_made_in_inference_mode_trains(net):
    images = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        before = net(images)
    after = net(images)
    after.sum().backward()
    torch.testing.assert_close(after, before.clone())
    assert net.layer2[0].conv1.weight.grad.abs().sum() > 0


def test_a_frozen_part_that_is_trained_after_all_runs_as_it_is(net):
    images = torch.randn(2, 3, 64, 64)
    net(images)
    net.requires_grad_(True)
    output = net(images)
    output.mean().backward()
    assert net.conv1.weight.grad.abs().sum() > 0
    assert torch.equal(output, unfolded(net, images))
    torch.optim.SGD(net.parameters(), lr=0.01).step()
    check_follows(net, images, output)
    net.frozen.requires_grad_(False)  # and frozen again
    check_follows(net, images, output)


@pytest.mark.parametrize('frozen_stages', [-1, 1])
def test_conversion_to_synchronised_norms_changes_nothing(frozen_stages):
    """As for several GPUs."""
    net = ResNet(18, frozen_stages=frozen_stages)
    images = torch.randn(2, 3, 64, 64)
    before = net.train()(images)
    converted = torch.nn.SyncBatchNorm.convert_sync_batchnorm(net).train()
    if frozen_stages == 1:
        torch.testing.assert_close(converted(images), before, atol=1e-4, rtol=1e-4)
        folded = [type(m).__name__ for m in converted._folded[0].modules()]
        assert not [name for name in folded if 'BatchNorm' in name]
    norms = [m for m in converted.modules() if isinstance(m, torch.nn.SyncBatchNorm)]
    assert len(norms) == 20
    assert not any(norm.training for norm in norms)


def test_backbone_statistics_stay_fixed_and_the_neck_s_move():
    model = classifier().train()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    model(torch.randn(4, 3, 64, 64))
    changed = {k for k, v in model.state_dict().items() if not torch.equal(v, before[k])}
    assert changed == {'neck.bn.running_mean', 'neck.bn.running_var', 'neck.bn.num_batches_tracked'}
    assert model.backbone.layer4[0].bn1.weight.requires_grad
    trained = classifier(norm_eval=False).train().backbone
    assert trained.layer2[0].bn1.training
    assert not trained.bn1.training, 'a frozen stage keeps its statistics'


def test_names_of_the_parts():
    keys = set(classifier().state_dict())
    assert {'backbone.conv1.weight', 'neck.fc.weight', 'neck.bn.weight', 'head.fc.weight'} <= keys


def test_initial_scales():
    torch.manual_seed(0)
    neck, head = PooledLinear(2048), LinearHead(256, 80, BCELoss())
    assert neck.fc.weight.std().item() == pytest.approx((2 / 256) ** 0.5, rel=0.02)
    assert head.fc.weight.std().item() == pytest.approx(0.01, rel=0.03)
    assert neck.fc.bias.abs().max() == head.fc.bias.abs().max() == 0


def test_neck_without_norm_and_dropout_is_linear():
    neck = PooledLinear(8, 4, norm=False, dropout=0.0).train()
    features = torch.randn(3, 8, 2, 2)
    torch.testing.assert_close(neck(features), neck.fc(features.mean(dim=(2, 3))))


@pytest.mark.parametrize('neck', [GlobalAveragePool, GlobalMaxPool])
def test_pooling_leaves_a_vector_as_it_is(neck):
    vectors = torch.randn(3, 8)
    assert torch.equal(neck(8)(vectors), vectors)
    linear = PooledLinear(8, 4, norm=False, dropout=0.0)
    torch.testing.assert_close(linear(vectors), linear.fc(vectors))


def test_the_loss_is_that_of_the_logits():
    model = classifier().eval()
    images, targets = torch.randn(2, 3, 64, 64), torch.tensor([[1.0, 0, 0, 0, 1]] * 2)
    logits = model(images)
    assert logits.shape == targets.shape
    torch.testing.assert_close(logits, model.head(model.neck(model.backbone(images))))
    expected = torch.nn.functional.binary_cross_entropy_with_logits(logits, targets)
    torch.testing.assert_close(model.head.loss(logits, targets), expected)


def test_logits_are_float32_under_autocast():
    with torch.autocast('cpu', dtype=torch.bfloat16):
        assert classifier()(torch.randn(2, 3, 64, 64)).dtype == torch.float32


def test_conv_net():
    net = ConvNet([4, 8])
    assert net(torch.randn(2, 3, 16, 16)).shape == (2, net.out_features, 4, 4)


def test_weights_by_path(tmp_path):
    state = torchvision.models.resnet18().half().state_dict()
    torch.save(state, tmp_path / 'net.pth')
    net = ResNet(18, weights=str(tmp_path / 'net.pth'))
    net.init_weights()
    assert net.conv1.weight.dtype == torch.float32
    torch.testing.assert_close(net.conv1.weight.half(), state['conv1.weight'])


class Payload:
    def __reduce__(self):
        return print, ('executed',)


def test_weights_without_counters_of_batches(tmp_path):
    state = torchvision.models.resnet18().state_dict()
    torch.save({k: v for k, v in state.items() if 'num_batches' not in k}, tmp_path / 'net.pth')
    net = ResNet(18, weights=str(tmp_path / 'net.pth'))
    net.init_weights()
    assert torch.equal(net.bn1.weight, state['bn1.weight'])


def save(content, path):
    path.write_bytes(content) if isinstance(content, bytes) else torch.save(content, path)


BAD = {
    'empty': (b'', 'is damaged, or is not a file of tensors'),
    'garbage': (b'garbage', 'is damaged, or is not a file of tensors'),
    'payload': ({'conv1.weight': Payload()}, 'is damaged, or is not a file of tensors'),
    'text': (b'version https://git-lfs', 'is damaged, or is not a file of tensors'),
    'numbers': ({1: torch.zeros(1)}, 'does not hold the weights'),
    'list': ([1, 2], 'not a state dict of tensors'),
    'other': (
        {'conv1.weight': torch.zeros(1)},
        "a ResNet with depth=18: 'conv1.weight' is of shape",
    ),
    'resnet34': (torchvision.models.resnet34().state_dict(), 'check model.backbone.depth'),
}


@pytest.mark.parametrize(('content', 'message'), BAD.values(), ids=BAD)
def test_bad_weights_are_named(tmp_path, capsys, content, message):
    path = tmp_path / 'net.pth'
    save(content, path)
    with pytest.raises(InputError, match=message) as error:
        ResNet(18, weights=str(path)).init_weights()
    assert path.name in str(error.value)
    assert 'executed' not in capsys.readouterr().out


@pytest.mark.parametrize('name', ['no/such.pth', 'IMAGENET1K_V3'])
def test_missing_weights_are_named(name):
    with pytest.raises(InputError, match=f"'{name}' does not exist; .* names IMAGENET1K_V1"):
        ResNet(50, weights=name).init_weights()


def test_offline_the_file_and_its_folder_are_named(monkeypatch, tmp_path):
    def offline(*args, **kwargs):
        raise OSError('no route to host')

    monkeypatch.setattr('dbl.models.torchvision_weights.download_url_to_file', offline)
    monkeypatch.setenv('TORCH_HOME', str(tmp_path))
    with pytest.raises(
        InputError, match=rf'resnet50-\w+.pth .*no route.*{tmp_path}/hub/checkpoints'
    ):
        ResNet(50, weights='IMAGENET1K_V1').init_weights()


@pytest.mark.parametrize(('content', 'message'), BAD.values(), ids=BAD)
def test_a_bad_file_in_the_folder_of_downloads_is_named(
    monkeypatch, tmp_path, capsys, content, message
):
    folder = tmp_path / 'hub' / 'checkpoints'
    folder.mkdir(parents=True)
    url = torchvision.models.ResNet18_Weights.IMAGENET1K_V1.url
    save(content, folder / url.split('/')[-1])
    monkeypatch.setenv('TORCH_HOME', str(tmp_path))
    with pytest.raises(InputError, match=message):
        ResNet(18, weights='IMAGENET1K_V1').init_weights()
    assert 'executed' not in capsys.readouterr().out


def test_an_unknown_depth_is_named():
    with pytest.raises(InputError, match="ResNet depth '20' is unknown"):
        ResNet(20)


def test_a_fresh_network_can_be_traced():
    """The folded copy is not made within the trace, which would take its weights for constants."""
    torch.manual_seed(0)
    net = ResNet(depth=18).eval()
    images = torch.randn(2, 3, 32, 32)
    traced = torch.jit.trace(net, images)
    torch.testing.assert_close(traced(images), net(images), rtol=1e-4, atol=1e-4)
