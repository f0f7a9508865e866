"""The page docs/settings.md, made from the code: ``python -m dbl.settings_table``."""

import inspect
import re
import runpy
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from importlib import import_module
from typing import Any, get_args, get_origin

import torch

from dbl.config import CONFIGS, merge
from dbl.kinds import KINDS, kinds_of
from dbl.registry import (
    DATASETS,
    HOMES,
    METRICS,
    MODELS,
    OPTIMIZERS,
    SAMPLERS,
    SCHEDULES,
    TRANSFORMS,
    parameters,
)
from dbl.settings import SETTINGS, TOP_LEVEL, Setting

Maker = Callable[..., Any]

BASES = CONFIGS / '_base_'
COMMON = ('runtime.py', 'loaders.py', 'resnet50.py')
INTRODUCTION = """# Settings

A config is a Python file, and a setting is one of its values. `--cfg-options` changes settings for
one run, by dotted key. To keep the changes, write a config of your own. Its `_base_` is the config
that it changes:

```bash
python -m dbl train custom/db_focal --cfg-options seed=1 model.head.loss.mu=0.3
```

```python
_base_ = '../custom/db_focal.py'

seed = 1
model = dict(head=dict(loss=dict(mu=0.3)))
```

A dict with a `type` is a part. The `type` names one of the classes below, and the other keys are
the arguments of that class. Another `type` replaces the whole dict.

An unknown name or an invalid value is refused before anything is trained. An argument that is
*given* follows from the data or from other settings, and is refused if it is set to anything else.

This page is made from the code: `python -m dbl.settings_table > docs/settings.md`."""
# Where each kind of part stands in a config, and the registry of its classes.
SECTIONS = {
    'Data sets': ('{loader}.dataset.source', DATASETS),
    'Samplers': ('train_dataloader.sampler', SAMPLERS),
    'Transforms': ('{loader}.dataset.{list}', TRANSFORMS),
    'Backbones': ('model.backbone', MODELS),
    'Necks': ('model.neck', MODELS),
    'Heads': ('model.head', MODELS),
    'Losses': ('model.head.loss', MODELS),
    'Metrics': ('metric', METRICS),
    'Schedules': ('schedule', SCHEDULES),
    'Optimisers': ('optimizer', OPTIMIZERS),
}
GIVEN = frozenset(
    'annotations batch_factor batch_size class_freq dataset epoch_length epochs in_features labels '
    'loss num_classes num_images params rank seed trained wider_than_high width world_size'.split()
)
# Arguments whose default is a setting.
INHERITED = {'data_root': 'data_root', 'size': 'image_size'}
OF_TORCH = """They are those of torch {version}, whose documentation explains the arguments.
`lr` must be set: it is the rate for a batch of `base_batch_size` images. Given: `params`."""
TORCH = 'https://docs.pytorch.org/docs/stable/generated/torch.optim.'


def page() -> str:
    """Writes the page.

    >>> page().splitlines()[0]
    '# Settings'
    """
    return '\n\n'.join([INTRODUCTION, settings_of_a_run(), *map(section, SECTIONS)]) + '\n'


def settings_of_a_run() -> str:
    """The settings that are not arguments of a part."""
    values = base_values()
    rows = [
        [f'`{key}`', kind_of(key, setting), default_of(values, key), sentence(setting.meaning)]
        for key, setting in SETTINGS.items()
    ]
    said = 'The defaults are those of `configs/_base_`, before a data set and a row add theirs.'
    return f'## Settings of a run\n\n{said}\n\n{table(["key", "kind", "default", "meaning"], rows)}'


def base_values() -> dict[str, Any]:
    """The values of the bases that every row of every data set has.

    >>> base_values()['clip_norm']
    35
    """
    found = [runpy.run_path(str(BASES / name)) for name in COMMON]
    return reduce(merge, ({k: v for k, v in own.items() if k in TOP_LEVEL} for own in found), {})


def default_of(values: Mapping[str, Any], key: str) -> str:
    """The default of a setting. A group has none of its own, but the settings below it have."""
    if any(other.startswith(f'{key}.') for other in SETTINGS):
        return 'see below'
    for name in key.split('.'):
        if name not in values:
            return '-'
        values = values[name]
    return f'`{in_config(values)}`'


def in_config(value: Any) -> str:
    """Writes a value as it stands in a config.

    >>> in_config({'type': 'StepDecay', 'warmup_factor': 1 / 3, 'milestones': (5, 7)})
    "dict(type='StepDecay', warmup_factor=0.3333, milestones=[5, 7])"
    """
    if isinstance(value, Mapping):
        return f'dict({", ".join(f"{key}={in_config(own)}" for key, own in value.items())})'
    if isinstance(value, (list, tuple)):
        return f'[{", ".join(map(in_config, value))}]'
    return f'{value:.4g}' if type(value) is float and 1e-3 < value < 1 else repr(value)


def kind_of(key: str, setting: Setting) -> str:
    """The kind and range of a setting in words, with a link to the classes of a part.

    >>> kind_of('clip_norm', SETTINGS['clip_norm'])
    'a number above 0, or `None`'
    """
    if setting.choices:
        return ' or '.join(f'`{in_config(choice)}`' for choice in setting.choices)
    title = next((title for title in SECTIONS if key in places_of(title)), None)
    if title is not None:
        return f'{in_words(setting.kind)}, see [{title}](#{title.lower().replace(" ", "-")})'
    limits = {'at least': setting.least, 'above': setting.above, 'below': setting.below}
    said = ' and '.join(f'{word} {limit}' for word, limit in limits.items() if limit is not None)
    kind, *others = in_words(setting.kind).split(', or ')
    return ', or '.join([f'{kind} {said}'.strip(), *others])


def places_of(title: str) -> list[str]:
    """The keys where a section's parts stand.

    >>> places_of('Data sets')
    ['train_dataloader.dataset.source', 'test_dataloader.dataset.source']
    """
    names = [
        SECTIONS[title][0].format(loader=f'{split}_dataloader', list=name)
        for split in ('train', 'test')
        for name in ('pipeline', 'batch_pipeline')
    ]
    return list(dict.fromkeys(names))


def in_words(annotation: Any) -> str:
    """An annotation in words.

    >>> in_words(float | None), in_words(tuple[float, float])
    ('a number, or `None`', 'a list of 2 numbers')
    """
    kinds = kinds_of(annotation)
    if kinds != (annotation,):
        return ', or '.join(map(in_words, kinds))
    if get_origin(annotation) is None:
        return re.sub('(True|False|None)', r'`\1`', KINDS[annotation])
    inner = get_args(annotation)
    count = f'{len(inner)} ' if get_origin(annotation) is tuple else ''
    return f'a list of {count}{KINDS[inner[0]].split()[1]}s'


def section(title: str) -> str:
    """The classes of one kind of part."""
    describe = of_torch if title == 'Optimisers' else of_ours
    places = ', '.join(f'`{place}`' for place in places_of(title))
    return f'## {title}\n\nIn {places}.\n\n{describe(makers_of(title))}'


def makers_of(title: str) -> dict[str, Maker]:
    """The classes of a section by name, without those that a user has registered.

    >>> [*makers_of('Backbones')][:2]
    ['ConvNet', 'Features']
    """
    _, registry = SECTIONS[title]
    import_module(HOMES[registry.name])
    return {name: own for name, own in registry.module_dict.items() if belongs(own, title)}


def belongs(maker: Maker, title: str) -> bool:
    """Whether a class belongs to a section. The parts of a network share a registry."""
    if not maker.__module__.startswith(('dbl.', 'torch.')):
        return False
    if SECTIONS[title][1] is not MODELS:
        return True
    known = parameters(maker)
    kinds = {'Heads': 'loss' in known, 'Necks': 'in_features' in known, 'Backbones': True}
    if maker.__module__.startswith('dbl.losses.'):
        return title == 'Losses'
    return title == next(kind for kind, fits in kinds.items() if fits)


def of_ours(makers: Mapping[str, Maker]) -> str:
    """Describes classes by their docstrings."""
    return '\n\n'.join(f'### {name}\n\n{of_class(maker)}' for name, maker in makers.items())


def of_class(maker: Maker) -> str:
    """What a class is for, its arguments, and what it is given."""
    known, texts = parameters(maker), argument_texts(maker)
    rows = [argument_row(p, texts) for name, p in known.items() if name not in GIVEN]
    summary = inspect.cleandoc(maker.__doc__ or '').split('\n\n')[0]
    said = [markdown(summary)]
    if hasattr(maker, 'apply_batch'):
        said[0] += ' It may stand in a `batch_pipeline`.'
    if rows:
        said.append(table(['argument', 'kind', 'default', 'meaning'], rows))
    given = [f'`{name}`' for name in known if name in GIVEN]
    return '\n\n'.join([*said, *([f'Given: {", ".join(given)}.'] if given else [])])


def argument_row(parameter: inspect.Parameter, texts: Mapping[str, str]) -> list[str]:
    """The row of an argument."""
    default = f'`{in_config(parameter.default)}`'
    if parameter.name in INHERITED:
        default = f'that of `{INHERITED[parameter.name]}`'
    elif parameter.default is parameter.empty:
        default = 'none, it must be set'
    meaning = texts.get(parameter.name, '-')
    return [f'`{parameter.name}`', in_words(parameter.annotation), default, meaning]


def argument_texts(maker: Maker) -> dict[str, str]:
    """What the ``Args`` in the docstrings of a class, and of its base classes in dbl, say.

    >>> from dbl.transforms import Resize
    >>> argument_texts(Resize)
    {'size': 'Height and width, in pixels.'}
    """
    found: dict[str, str] = {}
    for own in reversed(inspect.getmro(maker) if inspect.isclass(maker) else [maker]):
        lines = inspect.cleandoc(own.__doc__ or '') if own.__module__.startswith('dbl') else ''
        block = re.search(r'^Args:\n(.*?)(?=^\S|\Z)', lines, re.MULTILINE | re.DOTALL)
        entries = re.split(r'^ {4}(\w+): ', block[1] if block else '', flags=re.MULTILINE)[1:]
        found |= dict(zip(entries[::2], map(markdown, entries[1::2]), strict=True))
    return found


def markdown(text: str) -> str:
    r"""A docstring's text as Markdown, on one line.

    >>> markdown(':class:`~dbl.samplers.Draw` of\n``n``, :math:`n_i`')
    '`Draw` of `n`, $n_i$'
    """
    text = re.sub(r':math:`([^`]*)`', r'$\1$', ' '.join(text.split()))
    text = re.sub(r':\w+:`~?(?:[^`]*\.)?([^`]*)`', r'`\1`', text)
    return text.replace('``', '`')


def of_torch(makers: Mapping[str, Maker]) -> str:
    """Lists the arguments of torch's own classes."""
    said = OF_TORCH.format(version='.'.join(torch.__version__.split('.')[:2]))
    items = []
    for name, maker in makers.items():
        known = [p for p in parameters(maker).values() if p.name not in (*GIVEN, 'lr')]
        arguments = ', '.join(f'`{p.name}={in_config(p.default)}`' for p in known)
        items.append(f'- [`{name}`]({TORCH}{name}.html): {arguments}')
    return '\n'.join([said, '', *items])


def sentence(text: str) -> str:
    """Begins a meaning with a capital and ends it with a full stop."""
    return f'{text[0].upper()}{text[1:]}.'


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown.

    >>> print(table(['a'], [['x|y']]))
    | a |
    |---|
    | x\\|y |
    """
    lines = [[cell.replace('|', r'\|') for cell in row] for row in (head, *rows)]
    first, *others = [f'| {" | ".join(cells)} |' for cells in lines]
    return '\n'.join([first, '|' + '---|' * len(head), *others])


if __name__ == '__main__':
    print(page(), end='')
