"""Every setting has effect or is refused, shown for each leaf of a config.

The leaves are those of the profiles in tests/settings_values.py, small configs that are completed
by all that their parts could be given. For each a misspelt neighbour is refused, and another value
changes what the built parts do, or else what a training does and writes. A value that follows from
others cannot be chosen.
"""

import csv
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from settings_values import (
    EXEMPT,
    FOLLOWS,
    OTHER,
    PROFILES,
    REGISTRIES,
    Leaf,
    Refused,
    completed,
    every_follower,
    every_leaf,
    filled,
    leaves_of,
    load,
)
from small_encoder import WORDS, write_encoder

import dbl.training.progress
from dbl.config import load_config
from dbl.config_values import flat_values
from dbl.errors import InputError
from dbl.experiment import Experiment, build_experiment
from dbl.models.conv_net import ConvNet
from dbl.registry import parameters
from dbl.settings import SETTINGS
from dbl.training.loop import train

CLASSES = ('cat', 'dog', 'owl')
TABLES = 'tests/settings_values.py'
LEAVES, FOLLOWERS = every_leaf(), every_follower()
SHOWN = [leaf for leaf in LEAVES if leaf.in_table(EXEMPT) is None]


def named(leaf: Leaf) -> str:
    return f'{leaf.profile}-{leaf.path}'


def write_split(folder: Path, split: str, labels: np.ndarray, seed: int) -> None:
    """Writes a table, and its pictures: lying ones and standing ones, some of them narrow.

    Beside them are texts and features with the same labels.
    """
    rng, texts = np.random.default_rng(seed), folder / 'texts'
    texts.mkdir(exist_ok=True)
    rows = [['image', *CLASSES]]
    for i, row in enumerate(labels.tolist()):
        shape = ((24, 54), (40, 30), (30, 40))[i % 3]
        picture = rng.integers(0, 256, (*shape, 3), dtype=np.uint8)
        cv2.imwrite(str(folder / f'{split}{i}.png'), picture)
        rows.append([f'{split}{i}.png', *row])
        (texts / f'{split}{i}.txt').write_text('tin ' * (i % 5) + 'gold ' * (seed + i % 3))
    with (folder / f'{split}.csv').open('w', newline='') as file:
        csv.writer(file).writerows(rows)
    table = (folder / f'{split}.csv').read_text()
    (texts / f'{split}.csv').write_text(table.replace('.png', '.txt'))
    features = rng.normal(size=(len(labels), 2, 5)).astype(np.float32)
    np.save(folder / f'{split}.npy', features)


def write_data(folder: Path, seed: int) -> None:
    """A data set of three classes; in the table ``all`` each picture shows all of them."""
    folder.mkdir(exist_ok=True)
    i = np.arange(24)
    train = np.stack([i % 6 > 0, i % 3 == seed % 3, i % 6 == 0], axis=1).astype(int)
    write_split(folder, 'train', train, seed)
    write_split(folder, 'test', train[:7], seed + 1)
    write_split(folder, 'val', train[5:11], seed + 2)
    write_split(folder, 'all', np.ones((16, 3), int), seed + 3)
    np.save(folder / 'vectors.npy', np.random.default_rng(seed).normal(size=(3, 5)))


@pytest.fixture(scope='module', autouse=True)
def on_the_cpu() -> Iterator[None]:
    """Whose sums are the same from run to run."""
    with mock.patch.object(torch.cuda, 'is_available', return_value=False):
        yield


@pytest.fixture(scope='module')
def folder(tmp_path_factory, on_the_cpu) -> str:
    """Pictures, tables, word vectors, and files of weights."""
    import timm
    from torchvision.models import mobilenet_v3_small, resnet18

    folder = tmp_path_factory.mktemp('settings')
    write_data(folder, seed=0)
    write_data(folder / 'other', seed=10)
    torch.manual_seed(7)
    torch.save(resnet18().state_dict(), folder / 'resnet18.pth')
    torch.save(ConvNet([4, 8]).state_dict(), folder / 'conv_net.pth')
    torch.save(mobilenet_v3_small().state_dict(), folder / 'mobilenet.pth')
    torch.save(timm.create_model('test_resnet').state_dict(), folder / 'test_resnet.pth')
    write_encoder(folder / 'encoder', seed=3)
    write_encoder(folder / 'other_encoder', seed=1, words=[*WORDS[:4], 'gold', 'tin', *WORDS[6:]])
    write_encoder(folder / 'third_encoder', seed=2)
    torch.save(start_of(folder), folder / 'begin.pth')
    return str(folder)


def start_of(folder: Path) -> dict[str, Any]:
    """A checkpoint to start with: the weights of another seed."""
    values = {**load('focal', str(folder)), 'seed': 5, 'init_from': None}
    weights = build_experiment(Config(values)).model.state_dict()
    return {'state_dict': weights, 'meta': {'classes': list(CLASSES)}}


class Settings:
    """Builds and trains the completed profiles, with changes, and says what that gives."""

    def __init__(self, folder: str, place: Path) -> None:
        self.folder, self.place = folder, place
        self.runs = 0
        self.built, self.trained = cache(self.do), cache(self.do_train)

    def build(
        self, profile: str, complete: bool = True, **options: Any
    ) -> tuple[Experiment, list[dict[str, Any]]]:
        """Builds a profile; returns the calls of torch.compile, too, which are not made."""
        values = load(profile, self.folder)
        values = completed(values) if complete else values
        path = self.place / f'{profile}.py'
        path.write_text(''.join(f'{key} = {value!r}\n' for key, value in values.items()))
        compiled: list[dict[str, Any]] = []

        def record(module: torch.nn.Module, **given: Any) -> None:
            compiled.append(given)

        with mock.patch.object(torch.nn.Module, 'compile', record):
            return build_experiment(load_config(path, options)), compiled

    def do(self, profile: str) -> dict[str, Any]:
        return behaviour(*self.build(profile))

    def do_train(self, profile: str) -> dict[str, Any]:
        return self.train(self.build(profile)[0])

    def train(self, experiment: Experiment) -> dict[str, Any]:
        """What a training does and writes."""
        self.runs += 1
        return outcome(experiment, self.place / f'run{self.runs}')

    def has_effect(self, profile: str, options: dict[str, Any]) -> bool:
        """Whether a change shows in what is built, or else in a training."""
        experiment, compiled = self.build(profile, **options)
        if behaviour(experiment, compiled) != self.built(profile):
            return True
        return self.train(experiment) != self.trained(profile)


@pytest.fixture(scope='module')
def settings(folder, tmp_path_factory) -> Settings:
    return Settings(folder, tmp_path_factory.mktemp('profiles'))


@pytest.fixture(autouse=True)
def _torch_as_it_was() -> Iterator[None]:
    """Puts the switches back that ``deterministic`` sets."""
    cudnn = torch.backends.cudnn
    switches = cudnn.benchmark, cudnn.deterministic
    yield
    cudnn.benchmark, cudnn.deterministic = switches
    torch.use_deterministic_algorithms(False)


def digest(value: Any) -> Any:
    """A short text of whatever holds tensors and arrays."""
    if isinstance(value, dict):
        return {str(key): digest(own) for key, own in value.items()}
    if isinstance(value, (list, tuple)):
        return [digest(own) for own in value]
    if torch.is_tensor(value):
        value = value.detach().numpy()
    if isinstance(value, np.ndarray):
        return f'{value.shape} {hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()}'
    return repr(value)


def behaviour(experiment: Experiment, compiled: list[dict[str, Any]]) -> dict[str, Any]:
    """What the built parts do: not what they keep, which might be of no use."""
    loaders = [experiment.train_loader, experiment.test_loader, experiment.val_loader]
    found = {
        'loaders': [loader and (loader.batch_size, loader.num_workers) for loader in loaders],
        'pictures': [loader and pictures(loader) for loader in loaders],
        'rates': [experiment.rates(i) for i in range(2 * experiment.epoch_length)],
        'optimizer': (type(experiment.optimizer), experiment.optimizer.defaults),
        'compiled': compiled,
        'deterministic': torch.are_deterministic_algorithms_enabled(),
        **of_model(experiment),
    }
    return digest(found)


def of_model(experiment: Experiment) -> dict[str, Any]:
    """What model, loss and metric do, with logits of their own."""
    model, classes = experiment.model.train(), experiment.classes
    rng = np.random.default_rng(0)
    logits, targets = rng.normal(size=(9, len(classes))), rng.random((9, len(classes))) < 0.5
    return {
        'weights': model.state_dict(),
        'trained': [name for name, own in model.named_parameters() if own.requires_grad],
        'training': [name for name, own in model.named_modules() if own.training],
        'loss': model.head.loss(torch.tensor(logits), torch.tensor(targets)),
        'metric': experiment.metric.compute(logits, targets, classes),
    }


def pictures(loader) -> list[dict[str, Any]]:
    """The first items of two epochs."""
    items = []
    for epoch in range(2):
        if hasattr(loader.sampler, 'set_epoch'):
            loader.sampler.set_epoch(epoch)
        items += [loader.dataset[draw] for _, draw in zip(range(24), loader.sampler, strict=False)]
    return items


def outcome(experiment: Experiment, run: Path) -> dict[str, Any]:
    """What a training, with what it saves and evaluates, does and writes."""
    source = experiment.train_loader.dataset.source
    source.read = read = mock.Mock(wraps=source.read)
    with names_of_checkpoints() as saved:
        train(experiment, run)
    lines = (run / 'vis_data/scalars.json').read_text().splitlines()
    return digest(
        {
            'lines': [untimed(json.loads(line)) for line in lines],
            'metrics': json.loads((run / 'metrics.json').read_text()),
            'files': sorted(path.name for path in run.iterdir()),
            'saved': saved,
            'decoded': read.call_count,
            'weights': experiment.model.state_dict(),
        }
    )


@contextmanager
def names_of_checkpoints() -> Iterator[list[str]]:
    """Notes the names of the checkpoints that are saved, as long as the block lasts."""
    names, save = [], dbl.training.progress.save_checkpoint

    def noted(path: Path, content: dict[str, Any]) -> None:
        names.append(path.name)
        save(path, content)

    with mock.patch.object(dbl.training.progress, 'save_checkpoint', noted):
        yield names


def untimed(line: dict[str, float]) -> dict[str, float]:
    return {key: own for key, own in line.items() if key not in ('time', 'data_time', 'memory')}


def other_value(leaf: Leaf, folder: str) -> tuple[dict[str, Any], str | None]:
    """The options that give a leaf its second value, and why it is refused, if it is."""
    key, message = leaf.in_table(OTHER), None
    assert key, f'{leaf.path}: add another value to OTHER in {TABLES}'
    other = OTHER[key]
    if isinstance(other, Refused):
        other, message = other.value, other.message
    path = leaf.path.rpartition('.')[0] if leaf.name == 'type' else leaf.path
    return {path: filled(other, folder)}, message


@pytest.mark.parametrize('leaf', LEAVES, ids=named)
def test_a_misspelt_neighbour_is_refused(settings, leaf):
    value = filled(leaves_of(leaf.profile)[leaf], settings.folder)
    with pytest.raises(InputError, match=rf"'{leaf.name}x' is unknown"):
        settings.build(leaf.profile, **{f'{leaf.path}x': value})


@pytest.mark.parametrize('leaf', SHOWN, ids=named)
def test_a_second_value_has_effect_or_is_refused(settings, leaf):
    options, refused = other_value(leaf, settings.folder)
    if refused is None:
        assert settings.has_effect(leaf.profile, options)
    else:
        with pytest.raises(InputError, match=refused):
            settings.build(leaf.profile, **options)


@pytest.mark.parametrize('name', FOLLOWERS)
def test_what_follows_from_others_cannot_be_chosen(settings, name):
    profile, path = FOLLOWERS[name]
    last = path.rpartition('.')[2]
    with pytest.raises(InputError, match=rf"{path} is .*, but follows|'{last}' is unknown"):
        settings.build(profile, **{path: FOLLOWS[last]})


@pytest.mark.parametrize('profile', PROFILES)
def test_building_adds_nothing_else(settings, profile):
    experiment, _ = settings.build(profile)
    given, resolved = flat_values(experiment.config), flat_values(experiment.resolved)
    assert {path.rpartition('.')[2] for path in resolved.keys() - given.keys()} <= FOLLOWS.keys()
    assert given.keys() <= resolved.keys()


@pytest.mark.parametrize('profile', PROFILES)
def test_what_is_left_out_is_as_the_defaults_say(settings, profile):
    """So that the leaves that a profile does not write are its own."""
    assert behaviour(*settings.build(profile, complete=False)) == settings.built(profile)


@pytest.mark.parametrize('profile', ['db_focal', 'patience'])
def test_a_second_training_gives_the_same(settings, profile):
    """Else every value would seem to have an effect. Other profiles show theirs when built."""
    assert not settings.has_effect(profile, {})


@pytest.mark.parametrize(
    ('module', 'function', 'option'),
    [
        ('dbl.training.loop', 'clip_gradient', {'clip_norm': 0.01}),
        ('dbl.training.progress.Progress', '_is_due', {'checkpoint.minutes': 1e-9}),
        ('dbl.losses.distribution_balanced', 'rebalanced_weight', {'model.head.loss.mu': 0.4}),
    ],
)
def test_a_setting_that_lost_its_effect_would_be_found(
    folder, tmp_path, monkeypatch, module, function, option
):
    replaced = {
        'clip_gradient': lambda model, most: torch.ones(()),
        '_is_due': lambda progress: False,
        'rebalanced_weight': lambda targets, class_freq, alpha, beta, mu: alpha + beta,
    }
    monkeypatch.setattr(f'{module}.{function}', replaced[function])
    assert not Settings(folder, tmp_path).has_effect('db_focal', option)


@pytest.mark.parametrize('setting', SETTINGS)
def test_every_setting_is_a_leaf_that_is_on_somewhere(setting):
    on = [leaf.path for p in PROFILES for leaf, own in leaves_of(p).items() if own is not None]
    found = any(path == setting or path.startswith(f'{setting}.') for path in on)
    assert found, f'{setting} is off everywhere: set it in a profile of PROFILES in {TABLES}'


@pytest.mark.parametrize(
    'setting', [key for key, own in SETTINGS.items() if own.kind in (dict, list)]
)
def test_a_misspelt_group_is_refused(settings, setting):
    name = setting.rpartition('.')[2]
    with pytest.raises(InputError, match=rf"'{name}x' is unknown"):
        settings.build('db_focal', **{f'{setting}x': {}})


@pytest.mark.parametrize(
    'registry', list(dict.fromkeys(REGISTRIES.values())), ids=lambda registry: registry.name
)
def test_every_argument_of_every_class_is_a_leaf_or_follows(registry):
    leaves = {(leaf.owner, leaf.name) for profile in PROFILES for leaf in leaves_of(profile)}
    makers = registry.module_dict.items()
    ours = [(name, own) for name, own in makers if own.__module__.startswith(('dbl.', 'torch.'))]
    assert ours
    missing = [
        f'{name}.{argument}'
        for name, maker in ours
        for argument in ('type', *parameters(maker))
        if argument not in (*FOLLOWS, 'loss') and (name, argument) not in leaves
    ]
    assert missing == [], f'add a profile that has them to PROFILES in {TABLES}'


@pytest.mark.parametrize('table', [EXEMPT, OTHER], ids=['EXEMPT', 'OTHER'])
def test_the_tables_speak_of_leaves_that_there_are(table):
    used = {leaf.in_table(table) for leaf in LEAVES}
    assert table.keys() - used <= {'*.decoupled_weight_decay'}, 'which torch 2.6 does not have'


@pytest.mark.parametrize(
    ('path', 'value'), [('image_size', 24), ('data_root', '{folder}/other')], ids=['size', 'root']
)
def test_a_value_that_every_part_has_of_its_own_is_refused(settings, path, value):
    options = {path: filled(value, settings.folder)}
    with pytest.raises(InputError, match=f'{path} has no effect'):
        settings.build('own_places', **options)
