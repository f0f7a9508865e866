"""A file that needs more memory than there is was called damaged."""

import subprocess
import sys

import pytest
from PIL import Image

from dbl.config import load_config
from dbl.dataset_tools.check import check_image
from dbl.datasets.feature_matrix import FeatureMatrix
from dbl.errors import InputError
from dbl.expected_input import check_size
from dbl.inference.input import pixels_of
from dbl.models import TorchvisionBackbone
from dbl.out_of_memory import is_out_of_memory
from dbl.safe_load import safe_load
from dbl.training.loop import train
from dbl.training.run_folder import RunFolder

# Reads large files with little memory left, and prints what each kind ends in.
PROGRAM = """
import resource
import sys
from pathlib import Path

import cv2
import mmcv
import numpy as np
import torch

from dbl.arrays import read_arrays
from dbl.datasets.decoding import read_picture
from dbl.datasets.feature_matrix import FeatureMatrix
from dbl.safe_load import safe_load

folder = Path(sys.argv[1])
large = np.zeros(60_000_000, np.float32)
torch.save({'a': torch.from_numpy(large)}, folder / 'a.pth')
np.save(folder / 'a.npy', large)
np.savez(folder / 'packed.npz', a=large)
cv2.imwrite(str(folder / 'a.png'), np.zeros((8000, 8000, 3), np.uint8))
del large
READERS = {
    'pth': lambda: safe_load(folder / 'a.pth'),
    'npy': lambda: read_arrays(folder / 'a.npy', ['a']),
    'npz': lambda: read_arrays(folder / 'packed.npz', ['a']),
    'mapped': lambda: FeatureMatrix('a', data_root=str(folder)),
    'png': lambda: read_picture(folder / 'a.png'),
}
pages = int(open('/proc/self/statm').read().split()[0])
resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 100_000_000,) * 2)
for kind, read in READERS.items():
    try:
        read()
    except Exception as error:
        print(kind, type(error).__name__, ' '.join(str(error).split()))
"""


@pytest.mark.skipif(sys.platform != 'linux', reason='other systems limit no addresses')
def test_what_needs_more_memory_is_not_called_damaged(tmp_path):
    process = subprocess.run(
        [sys.executable, '-c', PROGRAM, tmp_path], capture_output=True, text=True, check=True
    )
    said = dict(line.split(maxsplit=1) for line in process.stdout.splitlines())
    assert said.keys() == {'pth', 'npy', 'npz', 'mapped', 'png'}, 'some file was read after all'
    for kind, sentence in said.items():
        assert is_out_of_memory(RuntimeError(sentence)), (kind, sentence)
        assert not sentence.startswith('InputError'), (kind, sentence)


@pytest.mark.parametrize(
    ('error', 'is_one'),
    [
        (MemoryError(), True),
        (RuntimeError('CUDA out of memory. Tried to allocate 2.00 GiB'), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), True),
        (RuntimeError('CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate'), True),
        (OSError(12, 'Cannot allocate memory'), True),
        (RuntimeError('storage has wrong byte size'), False),
        (FileNotFoundError(2, 'No such file or directory', '/data/out of memory/a.pth'), False),
    ],
)
def test_it_is_told_from_other_failures(error, is_one):
    assert is_out_of_memory(error) == is_one


def _no_memory(*_, **__):
    raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")


def test_a_run_is_not_said_to_misfit(make, tmp_path, monkeypatch):
    """It was advised to start anew with --overwrite."""
    train(make('erm', epochs=1), tmp_path)
    monkeypatch.setattr('dbl.training.resume._load_optimizer', _no_memory)
    experiment = make('erm', epochs=2)
    refused = pytest.raises(RuntimeError, match='allocate memory')
    with RunFolder(tmp_path, resume=True) as run, refused:
        train(experiment, run)


def test_a_picture_is_not_said_to_be_unreadable(monkeypatch):
    monkeypatch.setattr(Image.Image, 'convert', _no_memory)
    with pytest.raises(RuntimeError, match='allocate memory'):
        pixels_of(Image.new('RGB', (4, 4)))


def test_a_network_is_not_said_to_refuse_a_size(monkeypatch):
    backbone = TorchvisionBackbone('resnet18', weights=None)
    monkeypatch.setattr('dbl.expected_input.output_shape', _no_memory)
    with pytest.raises(RuntimeError, match='allocate memory'):
        check_size(backbone, load_config('demo/erm'))


LENGTH = 2**62  # bytes, which no memory has
CLAIMS = {
    'epoch_8.pth': b'\x80\x02\x8e' + LENGTH.to_bytes(8, 'little'),
    'a.npy': b'\x93NUMPY\x01\x00' + (9002).to_bytes(2, 'little') + b'-' * 9000 + b'1\n',
    'a.jp2': bytes.fromhex('0000000c6a5020200d0a870a00000014667479706a703220000000006a7032')
    + bytes.fromhex('20000000016a703268') + (2**50).to_bytes(8, 'big') + b'0' * 50,
}  # fmt: skip


@pytest.mark.parametrize('name', CLAIMS)
def test_a_length_that_a_file_merely_claims_is_damage(tmp_path, name):
    """It was called a lack of memory: a run took no earlier checkpoint, a check went no further."""
    path = tmp_path / name
    path.write_bytes(CLAIMS[name])
    if name == 'a.jp2':
        assert check_image(path).kind == 'truncated or damaged'
        return
    with pytest.raises(InputError, match='is damaged'):
        safe_load(path) if name == 'epoch_8.pth' else FeatureMatrix('a', data_root=str(tmp_path))
