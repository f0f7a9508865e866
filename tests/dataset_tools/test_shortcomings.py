"""What a built set lacks is said at build time, as training says it."""

import pytest

from dbl.config import load_config
from dbl.dataset_tools.shortcomings import shortcomings
from dbl.datasets import Annotations
from dbl.datasets.annotation_formats import write_json
from dbl.errors import InputError
from dbl.sources import build_sources, warn_about

CLASSES = ['cat', 'dog', 'owl']


def split(name, rows):
    return Annotations(CLASSES, [f'{name}{i}.jpg' for i in range(len(rows))], rows)


def options(folder):
    return {'data_root': str(folder)}


@pytest.fixture
def said(tmp_path):
    """What is said of a set whose pictures are there, after it is written."""

    def said(**splits):
        for name, annotations in splits.items():
            write_json(tmp_path / f'{name}.json', annotations)
            for path in annotations.image_paths:
                (tmp_path / path).write_text(path)
        return list(shortcomings(tmp_path, splits))

    return said


ALL = [[0], [0, 1], [2]]


@pytest.mark.parametrize(
    ('train', 'test', 'expected'),
    [
        (ALL, ALL, []),
        (
            [[0], [0]],
            ALL,
            [
                "no training image shows 2 of the 3 classes, 'dog', 'owl'; losses and samplers "
                'that count them refuse that, --classes keeps the others'
            ],
        ),
        (
            ALL,
            [[0], [1]],
            ["no test image shows 1 of the 3 classes, 'owl'; the means leave them out"],
        ),
    ],
)
def test_classes_without_pictures_are_named_at_build_time_and_before_training(
    said, root, tmp_path, caplog, train, test, expected
):
    assert said(train=split('a', train), test=split('b', test)) == expected
    warn_about(build_sources(load_config(root / 'configs/custom/erm.py', options(tmp_path))))
    assert len(caplog.messages) == len(expected)


@pytest.mark.parametrize('test', [[[], []], [[2], []]])
def test_a_test_set_on_which_nothing_can_be_measured_is_named(said, root, tmp_path, test):
    *_, last = said(train=split('a', [[0], [1]]), test=split('b', test))
    assert last == 'no test image shows a class that a training image shows; training refuses that'
    with pytest.raises(InputError, match='so nothing can be measured'):
        build_sources(load_config(root / 'configs/custom/erm.py', options(tmp_path)))


def test_pictures_of_two_splits_are_named(said):
    found = said(train=split('a', ALL), test=split('b', ALL), val=split('a', ALL[:2]))
    assert found == [
        "2 of the images in val.json are in train.json, too, the first is 'a0.jpg'; training "
        'refuses to validate on them'
    ]


def test_a_long_list_of_classes_is_cut(said, root, tmp_path, caplog):
    names = [f'class {i:04}' for i in range(3000)]
    sides = {n: Annotations(names, [f'{n}.jpg'], [[0]]) for n in ('train', 'test')}
    assert all(len(sentence) < 400 for sentence in said(**sides))
    warn_about(build_sources(load_config(root / 'configs/custom/erm.py', options(tmp_path))))
    assert all(len(message) < 400 for message in caplog.messages)
    assert 'class 0001' in caplog.text
