import pytest

from dbl.check_config import check_config
from dbl.config import load_config, merge, parse_options
from dbl.config_values import changed_values, flat_values
from dbl.errors import InputError


def test_a_missing_row_names_those_there_are(root):
    with pytest.raises(
        InputError, match=r"nope.py' does not exist; its folder has cb_focal, db, db_focal, erm"
    ):
        load_config(root / 'configs' / 'demo' / 'nope.py')


BROKEN = ['model = dict(\n', 'model = 1 / 0', 'import no_such_module']
BROKEN += ['import sys\nsys.exit()', 'raise SystemExit(0)']


@pytest.mark.parametrize('text', BROKEN)
def test_a_broken_config_is_named(tmp_path, text):
    (tmp_path / 'broken.py').write_text(text)
    with pytest.raises(InputError, match=r"broken.py' cannot be read"):
        load_config(tmp_path / 'broken.py')


def test_a_missing_base_is_named(tmp_path):
    (tmp_path / 'row.py').write_text("_base_ = ['base.py']")
    with pytest.raises(InputError, match=r"config '.*/base.py' does not exist; its folder has row"):
        load_config(tmp_path / 'row.py')


@pytest.mark.parametrize('content', [b'\xff\xfes\x00', 'data_root = "Ä"'.encode('latin-1')])
def test_a_config_that_is_no_utf_8_text_is_named(tmp_path, content):
    (tmp_path / 'row.py').write_bytes(content)
    with pytest.raises(InputError, match=r"row.py' must be readable UTF-8 text: '.*' codec"):
        load_config(tmp_path / 'row.py')


@pytest.mark.parametrize('text', ['', '# epochs = 3\n', 'import os\n', '_base_ = []\n_half = 2\n'])
def test_a_config_without_a_key_is_named(tmp_path, text):
    (tmp_path / 'row.py').write_text(text)
    with pytest.raises(InputError, match=r"row.py' sets no key; begin it with the _base_"):
        load_config(tmp_path / 'row.py', {'epochs': 3})


def test_ctrl_c_in_a_config_stays_one(tmp_path):
    (tmp_path / 'row.py').write_text('raise KeyboardInterrupt')
    with pytest.raises(KeyboardInterrupt):
        load_config(tmp_path / 'row.py')


BASES = ['5', 'None', '{}', "__import__('pathlib').Path('a.py')", "['a.py', 3]"]


@pytest.mark.parametrize('base', BASES)
def test_bases_are_text(tmp_path, base):
    (tmp_path / 'a.py').write_text('epochs = 3')
    (tmp_path / 'row.py').write_text(f'_base_ = {base}')
    with pytest.raises(InputError, match=r"row.py': _base_ must be text or a list of it, but got"):
        load_config(tmp_path / 'row.py')


def test_a_name_is_that_of_a_config_whatever_lies_in_the_folder(tmp_path, monkeypatch):
    """As what a run of it has left there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'demo/db_focal').mkdir(parents=True)
    (tmp_path / 'mine.py').write_text("_base_ = 'demo/db_focal'\nepochs = 3\n")
    assert load_config('demo/db_focal').epochs == 8
    assert load_config('mine.py').epochs == 3
    with pytest.raises(InputError, match="config 'demo/db_focl' is unknown; choose from demo/db_"):
        load_config('demo/db_focl')


@pytest.mark.parametrize('names', ['a', 'ab', 'abc'])
def test_a_cycle_of_bases_is_named(tmp_path, names):
    for name, base in zip(names, names[1:] + names[0], strict=True):
        (tmp_path / f'{name}.py').write_text(f"_base_ = '{base}.py'")
    chain = ' -> .*'.join(f'{name}.py' for name in names + names[0])
    with pytest.raises(InputError, match=f"a.py' is its own base: .*{chain}"):
        load_config(tmp_path / 'a.py')


def test_two_bases_may_share_one(root, tmp_path):
    for name in 'ab':
        (tmp_path / f'{name}.py').write_text(f"_base_ = '{root}/configs/demo/erm.py'")
    (tmp_path / 'row.py').write_text("_base_ = ['a.py', 'b.py']")
    expected = flat_values(load_config(root / 'configs/demo/erm.py'))
    assert flat_values(load_config(tmp_path / 'row.py')) == expected


@pytest.fixture
def changed(root, tmp_path):
    """Loads a config that says what a text says, on top of one of the demo's."""

    def load(text):
        (tmp_path / 'row.py').write_text(f"_base_ = '{root}/configs/demo/erm.py'\n{text}\n")
        return load_config(tmp_path / 'row.py')

    return load


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('import numpy\nepochs = numpy.int64(32)', 'epochs must be an integer, but got'),
        ('import numpy\nclip_norm = numpy.float32(3)', 'clip_norm must be a number or None'),
        (
            'from pathlib import Path\ndata_root = Path("x")',
            'data_root must be text or None, but got',
        ),
        ('optimizer = {"SGD"}', r"optimizer must be a dict, but got \{'SGD'\}"),
        ('import os as model', 'model must be a dict, but got <module'),
        ('def compile(): pass', 'compile must be True or False or a dict, but got <function'),
        ('class metric: pass', 'metric must be a dict, but got <class'),
        ('def work_dir(): pass', "'work_dir' is of dbl 0.1.0; its place takes --work-dir"),
        ('train_cfg = {"epochs"}', "'train_cfg' is of dbl 0.1.0"),
        ('epoch = 3', "top-level key 'epoch' is unknown; choose from epochs"),
        ('epoch = None', "top-level key 'epoch' is unknown"),
        (
            'from pathlib import Path\ndata_rot = Path("x")',
            "'data_rot' is unknown; choose from data_root",
        ),
        ('clip_nrm = {3}', "'clip_nrm' is unknown; choose from clip_norm"),
    ],
)
def test_a_key_has_effect_or_is_refused(changed, text, message):
    with pytest.raises(InputError, match=message):
        changed(text)


def test_a_mapping_is_a_dict(changed):
    text = 'from types import MappingProxyType\noptimizer = MappingProxyType({"lr": 0.3})'
    assert changed(text).optimizer == dict(type='SGD', lr=0.3, momentum=0.9, weight_decay=1e-4)


def test_keys_inside_a_config_are_text(changed):
    part = 'train_dataloader = dict(dataset=dict(pipeline={}))'
    pipeline = changed(part.format("{'1': dict(size=48)}")).train_dataloader.dataset.pipeline
    assert pipeline == [dict(type='RandomCrop'), dict(type='Resize', size=48)]
    with pytest.raises(InputError, match=r"pipeline: keys must be text, such as '1', but got 1"):
        changed(part.format('{1: dict(size=48)}'))
    with pytest.raises(InputError, match=r"optimizer: keys must be text, such as 'None', but got"):
        merge({}, {'optimizer': {None: 1}})


@pytest.mark.parametrize('seed', [0, 2**31 - 1])
def test_a_seed_in_range(changed, seed):
    assert changed(f'seed = {seed}').seed == seed


@pytest.mark.parametrize('seed', [-1, 2**31, 2**64])
def test_a_seed_out_of_range(changed, seed):
    with pytest.raises(InputError, match=rf'seed must .*, but got {seed}$'):
        changed(f'seed = {seed}')


@pytest.mark.parametrize(
    ('key', 'value', 'message'),
    [
        ('clip_norm', -1, 'clip_norm must be above 0, but got -1'),
        ('epochs', 10**400, 'epochs must be finite, but got 1000'),
        ('seed', 2**31, 'seed must be below 2147483648, but got 2147483648'),
        ('epoch', 3, "top-level key 'epoch' is unknown; choose from epochs"),
        ('work_dir', 'x', "'work_dir' is of dbl 0.1.0"),
        ('checkpoint', {'minutes': 0, 'iterations': None}, 'checkpoint.minutes must be above 0'),
        ('checkpoint', {'minutes': 1}, 'the config must have checkpoint.iterations'),
    ],
)
def test_a_config_that_was_changed_is_checked(root, key, value, message):
    config = load_config(root / 'configs/demo/erm.py')
    check_config(config)
    config[key] = value
    with pytest.raises(InputError, match=message):
        check_config(config)


def test_of_missing_keys_the_first_is_named(root):
    config = load_config(root / 'configs/demo/erm.py').to_dict()
    for key in ('seed', 'model', 'epochs'):
        del config[key]
    with pytest.raises(InputError, match='the config must have seed; '):
        check_config(config)


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
    with pytest.raises(InputError, match=f"options must be KEY=VALUE, but got '{text}'"):
        parse_options([text])


def test_of_an_option_that_comes_twice_the_last_value_counts():
    assert parse_options(['a.b=5', 'c=1', 'a.b=x']) == {'a.b': 'x', 'c': 1}


@pytest.mark.parametrize(
    'text', ['{[]: 1}', 'a' * 5000, '[' * 5000, "__import__('os').getpid()", '(', '0x']
)
def test_a_value_that_is_no_python_is_text(text):
    assert parse_options([f'a={text}']) == {'a': text}


def test_the_order_of_options_is_no_matter(root):
    options = {'model.head.loss.gamma': 1.0, 'model.head.loss.type': 'FocalLoss'}
    for each in (options, dict(reversed(options.items()))):
        loss = load_config(root / 'configs/demo/db_focal.py', each).model.head.loss
        assert loss == {'type': 'FocalLoss', 'gamma': 1.0}


PIPELINE = 'train_dataloader.dataset.pipeline'
TWICE = [
    ({'optimizer.lr': 1.0, 'optimizer': {'lr': 2.0}}, 'optimizer.lr'),
    ({'optimizer.lr': 1.0, 'optimizer': {'lr': 1.0}}, 'optimizer.lr'),
    (
        {'model.head': {'loss': {'mu': 1}}, 'model': {'head': {'loss': {'mu': 2}}}},
        'model.head.loss.mu',
    ),
    ({'model.head.loss': 'FocalLoss', 'model.head.loss.gamma': 1.0}, 'model.head.loss'),
    ({PIPELINE: [{'type': 'Resize'}], f'{PIPELINE}.0.size': 32}, PIPELINE),
]


@pytest.mark.parametrize(('options', 'key'), TWICE)
def test_a_key_that_is_given_twice_is_refused(root, options, key):
    for each in (options, dict(reversed(options.items()))):
        with pytest.raises(InputError, match=f"option '{key}' is given twice, or as a whole and"):
            load_config(root / 'configs/demo/db_focal.py', each)


def test_options_are_united_and_left_as_they_are(root):
    loss, optimizer = {'type': 'FocalLoss'}, {'lr': 0.5}
    options = {'optimizer': optimizer, 'model.head.loss': loss}
    options |= {'optimizer.momentum': 0.5, 'model.head.loss.gamma': 1.0}
    config = load_config(root / 'configs/demo/db_focal.py', options)
    assert config.model.head.loss == {'type': 'FocalLoss', 'gamma': 1.0}
    assert (config.optimizer.lr, config.optimizer.momentum) == (0.5, 0.5)
    assert (loss, optimizer) == ({'type': 'FocalLoss'}, {'lr': 0.5})


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


@pytest.mark.parametrize('key', ['data_root', 'model.head.loss.type', 'schedule.milestones'])
def test_a_path_that_no_record_could_hold_is_refused(key):
    """As the name of a folder from a system in Latin-1."""
    name = b'caf\xe9'.decode('utf-8', 'surrogateescape')
    value = [name] if key.endswith('milestones') else name
    with pytest.raises(InputError, match=rf"^{key}[.0]* must be in UTF-8, but got 'caf.udce9'"):
        load_config('demo/db', {key: value})
