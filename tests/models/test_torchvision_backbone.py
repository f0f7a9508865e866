import pytest
import torch
import torchvision
from torch import nn
from torchvision.models import get_model, list_models

import dbl
from dbl.errors import InputError
from dbl.models import TorchvisionBackbone
from dbl.models.torchvision_network import UNFIT, make
from dbl.safe_load import shapes
from dbl.training.loop import training_step

CLASSIFYING = [
    name for name in list_models(module=torchvision.models) if not name.startswith(tuple(UNFIT))
]


@pytest.mark.parametrize('name', CLASSIFYING)
def test_every_network_is_built_on_shapes_alone(name):
    """As when a model file is read, before its weights are."""
    with torch.device('meta'):
        net = TorchvisionBackbone(name)
    reference = torchvision.models.get_model_weights(name).DEFAULT.transforms()
    assert net.size == reference.crop_size[0]
    assert net.expects.mean == pytest.approx([255 * value for value in reference.mean], abs=1e-3)
    state = net.state_dict()
    assert {own.device.type for own in state.values()} == {'meta'}, 'a huge one takes no memory'
    assert not [key for key in state if key.startswith(f'net.{net.classifier}.')]


@pytest.mark.parametrize('name', ['regnet_x_400mf', 'regnet_y_8gf'])
def test_the_shapes_of_a_regnet_are_those_that_it_has_with_values(name):
    with torch.device('meta'):
        net, _ = make(name)
    expected = shapes(get_model(name).state_dict())
    assert shapes(net.state_dict()) == {k: v for k, v in expected.items() if k[:3] != 'fc.'}


SMALL = {
    'convnext_tiny': (768, 'classifier.2'),
    'densenet121': (1024, 'classifier'),
    'efficientnet_b0': (1280, 'classifier.1'),
    'mobilenet_v3_small': (1024, 'classifier.3'),
    'regnet_y_400mf': (440, 'fc'),
    'resnet18': (512, 'fc'),
    'shufflenet_v2_x0_5': (1024, 'fc'),
    'swin_t': (768, 'head'),
}


@pytest.mark.parametrize(('name', 'expected'), SMALL.items())
def test_it_gives_what_torchvision_s_last_layer_takes(name, expected):
    net, reference = TorchvisionBackbone(name, None).eval(), get_model(name).eval()
    missing, unexpected = reference.load_state_dict(net.net.state_dict(), strict=False)
    assert unexpected == []
    assert {key.rpartition('.')[0] for key in missing} == {expected[1]}
    images, taken = torch.randn(2, 3, 64, 64), []
    last = reference.get_submodule(expected[1])
    last.register_forward_pre_hook(lambda _, arguments: taken.append(arguments[0]))
    with torch.inference_mode():
        reference(images)
        torch.testing.assert_close(net(images), taken[0])
    assert net.out_features == taken[0].shape[1] == expected[0]


@pytest.mark.parametrize('name', ['efficientnet_b0', 'mobilenet_v3_small', 'mobilenet_v2'])
def test_the_dropout_of_the_classifier_is_gone_too(name):
    net = TorchvisionBackbone(name, None)
    assert not [part for part in net.modules() if isinstance(part, nn.Dropout)]


def test_frozen_parts_get_no_gradient_and_stay_as_they_are():
    frozen = ['features.0', 'features.1']
    net = TorchvisionBackbone('mobilenet_v3_small', None, frozen, norm_eval=False).train()
    before = {key: own.clone() for key, own in net.state_dict().items()}
    net(torch.randn(2, 3, 64, 64)).square().mean().backward()
    still = {key for key, own in net.named_parameters() if own.grad is None}
    assert {key.removeprefix('net.')[:10] for key in still} == set(frozen)
    changed = {key for key, own in net.state_dict().items() if not torch.equal(own, before[key])}
    assert changed
    assert not [key for key in changed if key.startswith(('net.features.0.', 'net.features.1.'))]
    assert not net.net.features[1].training
    assert net.net.features[2].training


@pytest.mark.parametrize('norm_eval', [True, False])
def test_statistics_stay_fixed_unless_norm_eval_is_off(norm_eval):
    net = TorchvisionBackbone('mobilenet_v3_small', None, norm_eval=norm_eval).train()
    norms = [part for part in net.modules() if isinstance(part, nn.BatchNorm2d)]
    assert {norm.training for norm in norms} == {not norm_eval}


def load(name='mobilenet_v3_small', weights=None, more=(), **options):
    backbone = {'type': 'TorchvisionBackbone', 'name': name, 'weights': weights, **dict(more)}
    options = {
        'model.backbone': backbone,
        'image_size': 32,
        'train_dataloader.batch_size': 8,
        'train_dataloader.num_workers': 0,
        'test_dataloader.num_workers': 0,
        'train_dataloader.sampler.draws_per_class': 2,
        **options,
    }
    return dbl.load_config('demo/db_focal', options)


@pytest.mark.parametrize('neck', [{'type': 'PooledLinear'}, {'type': 'GlobalMaxPool'}, None])
def test_a_step_of_training(neck):
    experiment = dbl.build_experiment(load(**{'model.neck': neck}, more={'frozen': ['features.0']}))
    model = experiment.model.train()
    before = {key: own.clone() for key, own in model.named_parameters()}
    batch = next(iter(experiment.train_loader))
    training_step(experiment, [batch], torch.amp.GradScaler('cpu', enabled=False))
    still = {key for key, own in model.named_parameters() if torch.equal(own, before[key])}
    assert {key for key, own in model.named_parameters() if not own.requires_grad} <= still
    assert {key.split('.')[0] for key in before.keys() - still} >= {'backbone', 'head'}


@pytest.mark.parametrize(
    ('part', 'message'),
    [
        ({'name': 'convnext_tny'}, "'convnext_tny' is unknown; choose from convnext_tiny"),
        ({'name': 'squeezenet1_0'}, 'cannot be a backbone, since its classifier is no linear'),
        ({'name': 'googlenet'}, 'since it gives three outputs in training; choose another, such'),
        ({'name': 'fcn_resnet50'}, 'since it is not for the classification of images'),
        ({'name': 'fasterrcnn_resnet50_fpn'}, 'since it is not for the classification of images'),
        ({'name': 'quantized_resnet18'}, 'since it is not for the classification of images'),
        ({'name': 'r3d_18'}, 'since it is not for the classification of images'),
        ({'frozen': ['features.00']}, r"frozen 'features.00' is unknown; choose from features\.0"),
        ({'frozen': 'features.0'}, 'frozen must be a list or None'),
        ({'image_size': 32}, "'mobilenet_v3_small' is not made for a size of choice; leave it out"),
        ({'weights': 'V1'}, "'V1' does not exist; give .* one of the names IMAGENET1K_V1, DEFAULT"),
    ],
)
def test_what_is_refused(part, message):
    with pytest.raises(InputError, match=message):
        dbl.build_experiment(load(more=part))


@pytest.mark.parametrize(
    ('name', 'hint'),
    [('vit_b_32', ', or model.backbone.image_size=32'), ('maxvit_t', '')],
)
def test_a_size_that_a_network_cannot_take_is_refused(name, hint):
    expected = rf"'{name}' cannot take pictures of 32 x 32: .*image_size=224`{hint}$"
    with pytest.raises(InputError, match=expected):
        dbl.build_experiment(load(name), training=False)


def renamed(state):
    """As the published files of DenseNets have it."""
    for number in '12':
        for layer in ('norm', 'conv'):
            state = {k.replace(f'.{layer}{number}.', f'.{layer}.{number}.')
                     if 'denselayer' in k else k: v for k, v in state.items()}  # fmt: skip
    return state


@pytest.mark.parametrize('name', ['mobilenet_v3_small', 'densenet121', 'resnet18', 'swin_t'])
def test_weights_by_path(tmp_path, name):
    source = get_model(name).state_dict()
    torch.save(renamed(source), tmp_path / 'net.pth')
    net = TorchvisionBackbone(name, str(tmp_path / 'net.pth'))
    net.init_weights()
    expected = {key: own for key, own in source.items() if not key.startswith(net.classifier)}
    torch.testing.assert_close(net.net.state_dict(), expected)


def test_weights_of_a_vit_for_another_size_are_resampled(tmp_path):
    """Under the key names of the published files."""
    state = get_model('vit_b_32').state_dict()
    state = {k.replace('.mlp.0.', '.mlp.linear_1.').replace('.mlp.3.', '.mlp.linear_2.'): v
             for k, v in state.items()}  # fmt: skip
    torch.save(state, tmp_path / 'net.pth')
    net = TorchvisionBackbone('vit_b_32', str(tmp_path / 'net.pth'), image_size=64)
    net.init_weights()
    own = net.net.state_dict()
    assert own['encoder.pos_embedding'].shape == (1, 1 + 2 * 2, 768)
    corner = state['encoder.pos_embedding'][0, 1]
    torch.testing.assert_close(own['encoder.pos_embedding'][0, 1], corner)
    layer = 'encoder.layers.encoder_layer_0.mlp'
    assert torch.equal(own[f'{layer}.3.weight'], state[f'{layer}.linear_2.weight'])


def test_weights_that_do_not_fit_are_named(tmp_path):
    torch.save(get_model('mobilenet_v3_large').state_dict(), tmp_path / 'net.pth')
    net = TorchvisionBackbone('mobilenet_v3_small', str(tmp_path / 'net.pth'))
    expected = "net.pth' does not hold the weights of 'mobilenet_v3_small' .*: 'features.1.block"
    with pytest.raises(InputError, match=expected):
        net.init_weights()


def test_building_downloads_nothing_and_offline_the_file_is_named(monkeypatch, tmp_path):
    def offline(*args, **kwargs):
        raise OSError('no route to host')

    monkeypatch.setattr('dbl.models.torchvision_weights.download_url_to_file', offline)
    monkeypatch.setenv('TORCH_HOME', str(tmp_path))
    net = TorchvisionBackbone('mobilenet_v3_small')
    with pytest.raises(InputError, match=r'cannot fetch http.*mobilenet_v3_small-\w+.pth .*put'):
        net.init_weights()


def test_pictures_normalised_in_another_way_than_the_weights_expect(tmp_path, caplog):
    """ImageNet's mean and deviation are the default here, and what these weights expect."""
    torch.save(get_model('mobilenet_v3_small').state_dict(), tmp_path / 'net.pth')
    weights = str(tmp_path / 'net.pth')
    dbl.build_experiment(load(weights=weights))
    assert caplog.messages == []
    mean = {'test_dataloader.dataset.batch_pipeline.0.mean': [127.5, 127.5, 127.5]}
    dbl.build_experiment(load(weights=weights, **mean))
    (warning,) = caplog.messages
    assert 'add `--cfg-options test_dataloader.dataset.batch_pipeline.0.mean=[123.675,' in warning
