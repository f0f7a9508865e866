import os
import zipfile
from time import process_time

import pytest
import torch
from torch import nn

from dbl.config import load_config
from dbl.errors import InputError
from dbl.losses import BCELoss
from dbl.models import LinearHead, MultiLabelClassifier
from dbl.registry import MODELS, build
from dbl.training.checkpoint import (
    check_resumable,
    newest_resumable,
    read_checkpoint,
    save_checkpoint,
)
from dbl.training.fitting_weights import load_weights
from dbl.training.meta import check_meta
from dbl.training.run_files import checkpoints


def classifier(root, num_classes):
    """The model of VOC-MLT's configs."""
    part = load_config(root / 'configs/voc_mlt/erm.py').model
    backbone = build(MODELS, 'backbone', part.backbone)
    neck = build(MODELS, 'neck', part.neck, {'in_features': backbone.out_features})
    head = LinearHead(neck.out_features, num_classes, BCELoss())
    return MultiLabelClassifier(backbone, neck, head)


SOUND = {
    'dbl': '0.2.0',
    'config': '{"epochs": 12}',
    'rng_states': [{}],
    'seed': 0,
    'batch': 32,
    'epoch_length': 7,
    'sha256': '12',
    'val': None,
    'test': '34',
    'pictures': {},
    'optimizer': 'SGD',
    'init_from': None,
    'weights': None,
}


@pytest.fixture
def saved(tmp_path):
    """Two checkpoints of a run, of which that of epoch 10 is the newer one."""
    rest = {'optimizer': {}, 'scaler': {}, 'log': {}, 'statistics': []}
    paths = []
    for epoch in (9, 10):
        meta = {**SOUND, 'iter': 7 * epoch, 'epoch': epoch}
        paths.append(tmp_path / f'epoch_{epoch}.pth')
        weights = nn.Linear(300, 20).state_dict()
        save_checkpoint(paths[-1], {'state_dict': weights, **rest, 'meta': meta})
    return paths


def test_the_newest_checkpoint_goes_on(saved):
    path, checkpoint = newest_resumable(saved)
    assert path == saved[1]
    torch.testing.assert_close(checkpoint['state_dict'], read_checkpoint(path)['state_dict'])


def test_a_torn_checkpoint_is_passed_over(saved, capsys):
    older, newer = saved
    newer.write_bytes(b'torn')
    assert newest_resumable(saved)[0] == older
    assert f"warning: '{newer}' is damaged" in capsys.readouterr().out
    content = older.read_bytes()
    middle = len(content) // 2
    hole = bytes(255 - byte for byte in content[middle : middle + 50])
    older.write_bytes(content[:middle] + hole + content[middle + 50 :])
    with pytest.raises(InputError, match=r'holds no whole checkpoint to go on from'):
        newest_resumable(saved)


def test_a_checkpoint_that_was_cut_anywhere_is_passed_over(saved):
    older, newer = saved
    content = newer.read_bytes()
    assert len(content) < 2**16, 'the end of an archive is searched for in that many bytes'
    for length in [0, 1, 4, 30, *range(100, len(content), 997), len(content) - 1]:
        newer.write_bytes(content[:length])
        assert newest_resumable(saved)[0] == older, length


def test_what_is_no_file_is_passed_over(saved, tmp_path):
    older, newer = saved
    newer.unlink()
    newer.mkdir()
    assert newest_resumable(saved)[0] == older
    newer.rmdir()
    newer.symlink_to(tmp_path / 'nothing')
    assert newest_resumable(checkpoints(tmp_path))[0] == older
    for path in (older, newer):
        path.unlink()
    os.mkfifo(newer)
    with pytest.raises(InputError, match='holds no whole checkpoint'):
        newest_resumable([newer])


def test_an_archive_that_unpacks_to_more_than_it_is_is_refused(saved):
    newer = saved[1]
    with zipfile.ZipFile(newer) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(newer, 'w', zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        with archive.open('archive/data/9', 'w', force_zip64=True) as member:
            for _ in range(200):
                member.write(bytes(2**20))
    assert newer.stat().st_size < 2**20
    begin = process_time()
    assert newest_resumable(saved)[0] == saved[0]
    assert process_time() - begin < 0.5, 'it is not unpacked for it'


@pytest.mark.parametrize(
    'change',
    [
        {'iter': 'x'},
        {'iter': -70},
        {'iter': 10**400},
        {'iter': 7},
        {'epoch': 3},
        {'epoch': None},
        {'seed': [1]},
        {'seed': -1},
        {'batch': 0},
        {'epoch_length': 0},
        {'rng_states': {}},
        {'pictures': 1},
        {'optimizer': 5},
        {'sha256': None},
        {'config': None},
        {'config': '[' * 100_000},
    ],
    ids=str,
)
def test_a_meta_that_cannot_be_is_passed_over(saved, change, capsys):
    older, newer = saved
    checkpoint = read_checkpoint(newer)
    save_checkpoint(newer, {**checkpoint, 'meta': {**checkpoint['meta'], **change}})
    assert newest_resumable(saved)[0] == older
    assert f"warning: '{newer}' is damaged: it" in capsys.readouterr().out


@pytest.mark.parametrize('part', ['optimizer', 'scaler', 'log', 'statistics', 'meta'])
def test_a_checkpoint_without_a_part_is_tested_not_resumed(saved, part):
    checkpoint = read_checkpoint(saved[0])
    check_resumable(checkpoint, saved[0])
    del checkpoint[part]
    with pytest.raises(
        InputError, match=r'epoch_9.pth. is not from .python -m dbl train.; it can be tested'
    ):
        check_resumable(checkpoint, saved[0])


@pytest.mark.parametrize('values', ['{', None, '[]', 'import os'])
def test_values_that_are_no_config_are_refused(saved, values):
    checkpoint = read_checkpoint(saved[0])
    checkpoint['meta']['config'] = values
    with pytest.raises(InputError, match=r"epoch_9.pth' is damaged: its "):
        check_meta(checkpoint['meta'], saved[0])


def test_a_checkpoint_of_0_1_0_is_said_to_be_so(saved):
    checkpoint = read_checkpoint(saved[0])
    checkpoint['message_hub'] = {}
    with pytest.raises(InputError, match=r'from a run of dbl 0.1.0, which .* cannot go on with'):
        check_resumable(checkpoint, saved[0])


@pytest.fixture
def net():
    return nn.Linear(3, 2)


def test_loads_weights(tmp_path, net):
    state = {k: torch.ones_like(v) for k, v in net.state_dict().items()}
    torch.save({'state_dict': state, 'meta': {}}, tmp_path / 'a.pth')
    load_weights(net, tmp_path / 'a.pth')
    assert (net.weight == 1).all()


def test_reads_the_released_code_s_checkpoints(root, tmp_path, released_checkpoint):
    net = released_checkpoint(tmp_path / 'epoch_8.pth', depth=50, num_classes=20)
    model = classifier(root, num_classes=20).eval()
    load_weights(model, tmp_path / 'epoch_8.pth')
    images = torch.randn(2, 3, 64, 64, dtype=torch.float64)
    with torch.inference_mode():
        # The logits are float32 whatever the weights are.
        torch.testing.assert_close(model.double()(images), net.double()(images).float())


def test_the_released_code_s_checkpoints_are_tested_not_resumed(
    root, tmp_path, released_checkpoint
):
    path = tmp_path / 'epoch_8.pth'
    released_checkpoint(path, depth=50, num_classes=20)
    with pytest.raises(
        InputError, match=r'epoch_8.pth. is not from .python -m dbl train.; it can be tested'
    ):
        newest_resumable([path])
    with pytest.raises(InputError, match=r"2 weights differ, such as 'head.fc.weight': \(20, "):
        load_weights(classifier(root, num_classes=80), path)


class Payload:
    def __reduce__(self):
        return print, ('executed',)


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (None, 'does not exist'),
        (b'garbage', 'is damaged'),
        (b'<html>', 'is damaged'),
        ({'weights': 1}, 'is neither from .python -m dbl train. nor'),
        ({'state_dict': {1: torch.zeros(1)}}, 'is neither from .python -m dbl train. nor'),
        ({'state_dict': {'a': 1}}, 'is neither from .python -m dbl train. nor'),
        ({'state_dict': Payload()}, 'is damaged'),
        (
            {'state_dict': {'weight': torch.zeros(4, 3), 'bias': torch.zeros(4)}},
            r"2 weights differ, such as 'weight': \(4, 3\) in the file, \(2, 3\) in the config",
        ),
    ],
    ids='missing garbage text other numbers odd payload classes'.split(),
)
def test_bad_checkpoints_are_named(tmp_path, net, capsys, content, message):
    path = tmp_path / 'a.pth'
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        torch.save(content, path)
    with pytest.raises(InputError, match=message) as error:
        load_weights(net, path)
    assert str(path) in str(error.value)
    assert 'executed' not in capsys.readouterr().out


@pytest.mark.parametrize(
    ('change', 'found'),
    [
        (lambda weight: weight.to(torch.int64), 'torch.int64'),
        (lambda weight: weight.half(), 'torch.float16'),
        (lambda weight: weight.to_sparse(), 'torch.sparse_coo'),
        (lambda weight: torch.empty_like(weight, device='meta'), 'meta'),
    ],
    ids='integers half sparse meta'.split(),
)
def test_weights_of_another_kind_are_refused(tmp_path, change, found):
    """They were cast, or passed over: a network of random numbers was tested."""
    net = nn.Linear(3, 2)
    state_dict = net.state_dict()
    state_dict['weight'] = change(state_dict['weight'])
    torch.save({'state_dict': state_dict}, tmp_path / 'a.pth')
    before = net.weight.clone()
    message = r"1 weights differ, such as 'weight': \(2, 3\), .*" + found
    with pytest.raises(InputError, match=message):
        load_weights(net, tmp_path / 'a.pth')
    assert torch.equal(net.weight, before)


def test_a_folder_in_the_place_of_a_checkpoint_gives_way_to_it(saved):
    newer = saved[1]
    content = read_checkpoint(newer)
    newer.unlink()
    newer.mkdir()
    (newer / 'file').write_text('')
    save_checkpoint(newer, content)
    assert newest_resumable(saved)[0] == newer


# The data of checkpoints: a dict with such a key, and bytes of such a length.
COSTLY = {
    'deep': b'}()' + 2_000_000 * b'\x85' + b'K\x01u',
    'twice': b'}()' + 60 * b'2\x86' + b'K\x01u',
    'long': b'cbuiltins\nbytearray\nJ\xff\xff\xff\x7f\x85R',
}


@pytest.mark.parametrize('name', COSTLY)
@pytest.mark.parametrize('older_form', [True, False])
def test_a_pickle_that_costs_far_more_than_its_size_is_not_loaded(saved, name, older_form):
    newer, data = saved[1], b'\x80\x02' + COSTLY[name] + b'.'
    with zipfile.ZipFile(newer) as archive:
        members = {own: archive.read(own) for own in archive.namelist()}
    if older_form:
        newer.write_bytes(data)
    else:
        with zipfile.ZipFile(newer, 'w') as archive:
            for own, content in members.items():
                archive.writestr(own, data if own.endswith('data.pkl') else content)
    begin = process_time()
    assert newest_resumable(saved)[0] == saved[0]
    assert process_time() - begin < 5


def test_averaged_weights_that_are_none_are_named(tmp_path, net):
    state = net.state_dict()
    averaged = {'state_dict': {**state, 'weight': {}}}
    torch.save({'state_dict': state, 'averaged': averaged}, tmp_path / 'a.pth')
    with pytest.raises(InputError, match=r"a.pth' has no averaged weights"):
        load_weights(net, tmp_path / 'a.pth', averaged=True)


def test_a_misfit_without_a_config_names_no_values(saved):
    """It listed every value of the checkpoint, as if each had been left out."""
    with pytest.raises(InputError, match='check the config') as error:
        load_weights(nn.Linear(2, 2), saved[0])
    assert 'unset' not in str(error.value)
