"""Makes input number N of a kind: a folder of sound files, one or some of them damaged."""

import os
import random
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

from damaged_arrays import damaged_array, damaged_arrays
from damaged_bytes import DAMAGES
from damaged_pickles import damaged_checkpoint
from damaged_pictures import damaged_picture
from damaged_texts import damaged_json, damaged_lines, damaged_list, damaged_table, damaged_xml
from odd_values import TEXTS
from sound import FORMS
from targets import KINDS, Target

MOST = 1_000_000  # bytes of a damaged file
# Damage that what reads files of a suffix gets to see.
STRUCTURED: dict[str, Callable[[random.Random, bytes], bytes]] = {
    '.json': damaged_json,
    '.jsonl': damaged_lines,
    '.csv': damaged_table,
    '.txt': damaged_list,
    '.xml': damaged_xml,
    '.npy': damaged_array,
    '.npz': damaged_arrays,
    '.pth': damaged_checkpoint,
    **{f'.{form}': damaged_picture for form in FORMS},
}


def make_input(sound: Path, folder: Path, kind: str, number: int, seed: int) -> Target:
    """Writes an input into an empty folder, and says what is to be done with it.

    The same sound files, kind, number and seed give the same bytes.
    """
    rng = random.Random(f'{seed} {kind} {number}')
    targets = KINDS[kind]
    target = rng.choices(targets, weights=[own.weight for own in targets])[0]
    for name in target.folders:
        shutil.copytree(sound / name, folder / name, symlinks=True)
    victims = sorted(path for pattern in target.victims for path in folder.glob(pattern))
    count = min(len(victims), rng.choice([1, 1, 1, 2]))
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # what damages a file may find it odd
        for path in rng.sample(victims, count):
            path.write_bytes(damaged(rng, path, sound))
    if target.renamed and rng.random() < 0.1:
        rename(rng, folder / target.renamed)
    return target


def damaged(rng: random.Random, path: Path, sound: Path) -> bytes:
    """What becomes of a file, of under a megabyte."""
    content = path.read_bytes()
    scalars = path.name == 'scalars.json'  # a JSON value a line
    structured = damaged_lines if scalars else STRUCTURED[path.suffix]
    for _ in range(20):
        made = _damaged_once(rng, content, structured, sound)
        if len(made) < MOST and made != content:
            return made
    return b''


def _damaged_once(rng: random.Random, content: bytes, structured: Callable, sound: Path) -> bytes:
    how = rng.random()
    if how < 0.6 and content:
        return structured(rng, content)
    if how < 0.65:
        return _spliced(rng, content, sound)
    for _ in range(rng.choice([1, 1, 2, 3])):
        content = rng.choice(DAMAGES)(rng, content)
    return content


def _spliced(rng: random.Random, content: bytes, sound: Path) -> bytes:
    """The beginning of one file and the end of another, or the other alone."""
    files = sorted(path for path in sound.rglob('*') if path.suffix in STRUCTURED)
    other = rng.choice(files).read_bytes()
    if rng.random() < 0.5:
        return other
    return content[: int(rng.random() * len(content))] + other[int(rng.random() * len(other)) :]


def rename(rng: random.Random, path: Path) -> None:
    """Gives a file or folder an odd name, as far as the disk takes it."""
    name = rng.choice(TEXTS).replace('/', '_').replace('\0', '_').encode('utf-8', 'surrogatepass')
    name = name[:200] or b'_'
    if name not in (b'.', b'..'):
        path.rename(path.with_name(os.fsdecode(name)))
