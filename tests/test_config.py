import pytest

from dbl.config import changed_values, flat_values, load_config, parse_options
from dbl.errors import InputError


def test_a_missing_row_names_those_there_are(root):
    with pytest.raises(
        InputError, match=r"nope.py' does not exist; there are cb_focal, db, db_focal, erm"
    ):
        load_config(root / 'configs' / 'demo' / 'nope.py')


@pytest.mark.parametrize('text', ['model = dict(\n', 'model = 1 / 0', 'import no_such_module'])
def test_a_broken_config_is_named(tmp_path, text):
    (tmp_path / 'broken.py').write_text(text)
    with pytest.raises(InputError, match=r"broken.py' cannot be read"):
        load_config(tmp_path / 'broken.py')


def test_a_missing_base_is_named(tmp_path):
    (tmp_path / 'row.py').write_text("_base_ = ['base.py']")
    with pytest.raises(InputError, match=r"config '.*/base.py' does not exist; there are row"):
        load_config(tmp_path / 'row.py')


def test_what_a_config_imports_and_defines_is_no_key_of_it(root, tmp_path):
    path = tmp_path / 'mine.py'
    path.write_text(
        f"import os\nfrom pathlib import Path\n_base_ = '{root}/configs/demo/erm.py'\n"
        'def double(value):\n    return 2 * value\n_half = 20\nepochs = double(_half)\n'
    )
    config = load_config(path)
    assert config.epochs == 40
    assert config.keys() == load_config(root / 'configs/demo/erm.py').keys()


def test_options_are_texts_of_key_and_value():
    pairs = ['a=1', 'b=1e-3', 'c=[5,7]', 'd=True', 'e=false', 'f=None', 'g=my photos', 'h=a=b']
    assert parse_options(pairs) == {
        'a': 1,
        'b': 1e-3,
        'c': [5, 7],
        'd': True,
        'e': False,
        'f': None,
        'g': 'my photos',
        'h': 'a=b',
    }
    assert parse_options(["a={'type':'FocalLoss','gamma':1}"]) == {
        'a': {'type': 'FocalLoss', 'gamma': 1}
    }
    assert parse_options(["data_root='5'", 'empty=']) == {'data_root': '5', 'empty': ''}


@pytest.mark.parametrize('text', ['model.neck', '=5', ''])
def test_an_option_has_a_key_and_a_value(text):
    with pytest.raises(InputError, match=f"options are KEY=VALUE, but got '{text}'"):
        parse_options([text])


@pytest.mark.parametrize('text', ['a' * 5000, '[' * 5000, "__import__('os').getpid()", '(', '0x'])
def test_a_value_that_is_no_python_is_text(text):
    assert parse_options([f'a={text}']) == {'a': text}


def test_the_order_of_options_is_no_matter(root):
    options = {'model.head.loss.gamma': 1.0, 'model.head.loss.type': 'FocalLoss'}
    for each in (options, dict(reversed(options.items()))):
        loss = load_config(root / 'configs/demo/db_focal.py', each).model.head.loss
        assert loss == {'type': 'FocalLoss', 'gamma': 1.0}


def test_an_option_inside_another_s_value_is_refused(root):
    options = {'model.head.loss': 'FocalLoss', 'model.head.loss.gamma': 1.0}
    with pytest.raises(InputError, match=r"option 'model.head.loss.gamma' is inside"):
        load_config(root / 'configs/demo/db_focal.py', options)


def test_changes_are_told_by_key():
    before = {'epochs': 8, 'schedule': {'milestones': [5, 7]}, 'pipeline': [{'size': 1}, {'a': 2}]}
    now = {'epochs': 9, 'schedule': {'milestones': [5, 7]}, 'pipeline': [{'size': 3}]}
    assert changed_values(flat_values(before), flat_values(before)) == []
    assert changed_values(flat_values(before), flat_values(now)) == [
        'epochs 8 -> 9',
        'pipeline.0.size 1 -> 3',
        'pipeline.1.a 2 -> unset',
    ]
    long = changed_values({}, {'class_freq': list(range(100))})[0]
    assert len(long) < 200
    assert long.endswith('characters)')
