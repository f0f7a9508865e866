import json
import shutil

import numpy as np
import pytest
import torch

import dbl
from dbl.errors import InputError
from dbl.inference.model_file import read_model_file
from dbl.inference.predictor import load_model


def test_a_checkpoint_gives_the_scores_that_its_training_wrote(trained, photo_folder):
    run = trained('db_focal')
    model = load_model(run / 'epoch_1.pth')
    with np.load(run / 'scores.npz') as written:
        found = model.predict([photo_folder / name for name in written['images']])
        np.testing.assert_allclose(found.logits, written['logits'], atol=1e-5)
        assert written['classes'].tolist() == model.classes == ['cat', 'dog', 'owl']
    assert model.file.class_freq == [40, 20, 10]
    assert model.file.num_images == 40
    assert model.file.versions == {'dbl': dbl.__version__, 'torch': torch.__version__}


@pytest.mark.parametrize('row', ['db_focal', 'ldam', 'ml_gcn'])
def test_every_head_loads_without_its_training_set(trained, photo_folder, row):
    run = trained(row, **{'model.head.word_vectors': 'one_hot'} if row == 'ml_gcn' else {})
    kept = photo_folder / 'kept.png'
    shutil.copy(photo_folder / 'test0.png', kept)
    with np.load(run / 'scores.npz') as written:
        expected = written['logits'][0]
    for path in [*photo_folder.glob('t*.csv'), *photo_folder.glob('t*.png')]:
        path.unlink()
    found = load_model(run / 'epoch_1.pth').predict(kept)
    np.testing.assert_allclose(found.logits[0], expected, atol=1e-5)


@pytest.mark.parametrize('name', ['graph', 'word_vectors'])
def test_a_graph_head_without_its_graph_says_what_is_missing(trained, tmp_path, name):
    run = trained('ml_gcn', **{'model.head.word_vectors': 'one_hot'})
    content = torch.load(run / 'epoch_1.pth', weights_only=True)
    del content['state_dict'][f'head.{name}']
    torch.save(content, tmp_path / 'a.pth')
    said = f"a.pth' holds no network .*: the file lacks the head's weights '{name}'"
    with pytest.raises(InputError, match=said):
        load_model(tmp_path / 'a.pth')


def test_the_weights_that_a_training_began_with_are_not_opened(trained, tmp_path):
    run = trained()
    content = torch.load(run / 'epoch_1.pth', weights_only=True)
    config = json.loads(content['meta']['config'])
    config['model']['backbone']['weights'] = '/no/such/file.pth'
    content['meta']['config'] = json.dumps(config)
    torch.save(content, tmp_path / 'a.pth')
    assert read_model_file(tmp_path / 'a.pth').network().training is False


def test_averaged_weights_are_taken_where_wanted(trained, photo_folder):
    run = trained(ema=0.5)
    found = load_model(run / 'epoch_1.pth', averaged=True).predict(photo_folder / 'test0.png')
    with np.load(run / 'ema_scores.npz') as written:
        np.testing.assert_allclose(found.logits[0], written['logits'][0], atol=1e-5)


def test_loading_leaves_the_random_numbers_alone(trained):
    path = trained() / 'epoch_1.pth'
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    load_model(path)
    assert torch.equal(torch.rand(2), expected)


@pytest.mark.parametrize(
    ('key', 'value', 'message'),
    [
        ('model.backbone.type', 'os.system', "type 'os.system' is unknown"),
        ('model.backbone', {'type': 'BCELoss'}, 'BCELoss does not belong there'),
        ('model.backbone.channels', [10**6, 10**6], 'another model: .* weights differ'),
        ('model.backbone.channels', [4] * 10**6, 'channels has 1000000 entries, but the file has'),
        ('model.backbone', None, 'holds no network that dbl knows'),
        ('model.head', None, r'holds no network that dbl knows: Expected .*head'),
        ('model', 'ResNet', 'holds no network that dbl knows'),
        ('model.head.num_classes', 7, 'num_classes is 7, but follows from'),
    ],
)
def test_a_file_of_another_network_is_refused_before_it_takes_memory(
    trained, tmp_path, key, value, message
):
    content = torch.load(trained() / 'epoch_1.pth', weights_only=True)
    config = json.loads(content['meta']['config'])
    *places, last = key.split('.')
    part = config
    for place in places:
        part = part[place]
    part[last] = value
    content['meta']['config'] = json.dumps(config)
    torch.save(content, tmp_path / 'a.pth')
    with pytest.raises(InputError, match=message):
        load_model(tmp_path / 'a.pth')


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (lambda meta: meta.pop('classes'), 'does not say what it is a model of.*`classes`'),
        (lambda meta: meta.update(classes=[]), 'its meta has no classes'),
        (lambda meta: meta.update(config='{'), 'its meta has no config'),
        (lambda meta: meta.update(class_freq=['many']), 'does not say what it is a model of'),
        (lambda meta: meta.update(classes=['cat', 'dog']), '2 classes, but class_freq has 3'),
        (
            lambda meta: meta.update(classes=['cat', 'dog'], class_freq=None),
            'another model: .* weights differ',
        ),
        (
            lambda meta: meta.update(classes=['cat', 'cat', 'owl']),
            "class 2 is 'cat', as is class 1",
        ),
        (lambda meta: meta.update(classes=['cat', 'dog', '\x1b[2J']), 'has a control character'),
    ],
)
def test_a_damaged_meta_is_named(trained, tmp_path, change, message):
    content = torch.load(trained() / 'epoch_1.pth', weights_only=True)
    change(content['meta'])
    torch.save(content, tmp_path / 'a.pth')
    with pytest.raises(InputError, match=message):
        load_model(tmp_path / 'a.pth')


@pytest.mark.parametrize(
    ('pipeline', 'message'),
    [
        ([{'type': 'subprocess.run'}], "type 'subprocess.run' is unknown"),
        ([{'type': 'Resize'}], 'Normalize'),  # ends in whole numbers
        ('Resize', 'no preprocessing'),
        ([{'type': 'Resize', 'size': 10**5}], 'the pixels of Resize are 10000000000, but at most'),
        ([{'type': 'Resize'}] * 101, 'has 101 transforms, but at most 100'),
    ],
)
def test_preprocessing_that_dbl_does_not_know_is_refused(trained, tmp_path, pipeline, message):
    content = torch.load(trained() / 'epoch_1.pth', weights_only=True)
    config = json.loads(content['meta']['config'])
    config['test_dataloader']['dataset'] |= {'pipeline': pipeline, 'batch_pipeline': []}
    content['meta']['config'] = json.dumps(config)
    torch.save(content, tmp_path / 'a.pth')
    with pytest.raises(InputError, match=message):
        load_model(tmp_path / 'a.pth')


def test_a_file_without_preprocessing_says_what_is_missing(trained, tmp_path):
    content = torch.load(trained() / 'epoch_1.pth', weights_only=True)
    config = json.loads(content['meta']['config'])
    for value, message in ((5, r'Expected `object`, got `int` - at `\$.test_dataloader`'),
                           ({}, 'missing required field `dataset`')):  # fmt: skip
        content['meta']['config'] = json.dumps({**config, 'test_dataloader': value})
        torch.save(content, tmp_path / 'a.pth')
        with pytest.raises(InputError, match=message):
            load_model(tmp_path / 'a.pth')


@pytest.mark.parametrize('value', [torch.zeros(3), torch.zeros((), device='meta'), None])
def test_counters_of_batches_do_not_matter(trained, tmp_path, photo_folder, value):
    path = trained() / 'epoch_1.pth'
    content = torch.load(path, weights_only=True)
    del content['state_dict']['neck.bn.num_batches_tracked']
    if value is not None:
        content['state_dict']['neck.bn.num_batches_tracked'] = value
    torch.save(content, tmp_path / 'a.pth')
    found, expected = (
        load_model(own).predict(photo_folder / 'test0.png') for own in (tmp_path / 'a.pth', path)
    )
    np.testing.assert_array_equal(found.logits, expected.logits)


def test_weights_that_are_not_finite_give_no_scores(trained, tmp_path, photo_folder):
    content = torch.load(trained() / 'epoch_1.pth', weights_only=True)
    content['state_dict']['head.fc.weight'][0, 0] = torch.nan
    torch.save(content, tmp_path / 'a.pth')
    with pytest.raises(InputError, match=r"a\.pth' gives logits that are not finite"):
        load_model(tmp_path / 'a.pth').predict(photo_folder / 'test0.png')


def test_a_file_of_the_released_code_names_the_command_that_tests_it(released_checkpoint, tmp_path):
    released_checkpoint(tmp_path / 'epoch_8.pth', 18, 3)
    with pytest.raises(InputError, match='`python -m dbl test` tests it with its config'):
        load_model(tmp_path / 'epoch_8.pth')
