import shutil
from time import perf_counter

import cv2
import numpy as np
import pytest

from dbl.dataset_tools.check import Finding, check_annotations, check_images
from dbl.dataset_tools.look_alikes import MOST, check_copies, look_alikes, look_of


@pytest.fixture
def scene() -> np.ndarray:
    return draw(0)


def draw(seed: int) -> np.ndarray:
    """A picture of soft spots, as photographs have them, and some grain."""
    rng = np.random.default_rng(seed)
    spots = cv2.resize(rng.integers(20, 220, (9, 12, 3), dtype=np.uint8), (240, 180))
    return cv2.add(spots, rng.integers(0, 12, spots.shape, dtype=np.uint8))


def encoded(picture: np.ndarray, quality: int) -> np.ndarray:
    data = cv2.imencode('.jpg', picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(data, cv2.IMREAD_COLOR)


def bits(one: np.ndarray, other: np.ndarray) -> int:
    return (look_of(one) ^ look_of(other)).bit_count()


CHANGES = {
    'saved anew': lambda p: encoded(p, 60),
    'slightly brighter': lambda p: cv2.convertScaleAbs(p, alpha=1.05, beta=8),
    'smaller': lambda p: cv2.resize(p, (120, 90)),
    'grey': lambda p: cv2.cvtColor(cv2.cvtColor(p, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR),
    'in another form': lambda p: cv2.imdecode(cv2.imencode('.png', p)[1], cv2.IMREAD_COLOR),
}


@pytest.mark.parametrize('change', CHANGES)
def test_a_copy_looks_like_its_original(scene, change):
    assert bits(scene, CHANGES[change](scene)) <= MOST


def test_other_pictures_do_not():
    looks = [look_of(draw(seed)) for seed in range(100)]
    least = min((a ^ b).bit_count() for i, a in enumerate(looks) for b in looks[:i])
    assert least > MOST


def test_even_pictures_have_no_look():
    assert look_of(np.full((50, 60, 3), 90, np.uint8)) is None


def test_all_that_differ_in_a_few_bits_are_found_and_no_others():
    rng = np.random.default_rng(0)
    theirs = {f't{i}': int(rng.integers(2**63)) for i in range(50)}
    for flips in range(MOST + 3):
        ours = {
            f'o{i}': look ^ sum(1 << int(b) for b in rng.choice(63, flips, replace=False))
            for i, look in enumerate(theirs.values())
        }
        expected = [(f'o{i}', f't{i}') for i in range(50)] if flips <= MOST else []
        assert list(look_alikes(ours, theirs)) == expected


def test_100_000_pictures_take_no_longer_than_a_table():
    rng = np.random.default_rng(0)
    looks = dict(enumerate(rng.integers(2**63, size=100_000).tolist()))
    begin = perf_counter()
    found = list(look_alikes(looks, {f't{i}': look for i, look in list(looks.items())[:50_000]}))
    assert len(found) >= 50_000
    assert perf_counter() - begin < 60, 'takes seconds; each with each takes an hour'


def test_copies_in_two_splits_are_findings(photo_folder):
    """Of bytes, of what was saved anew, and of what is in both tables."""
    for i, split in enumerate(['train', 'test']):
        for k in range(8):
            cv2.imwrite(str(photo_folder / f'{split}{k}.png'), draw(100 * i + k))
    shutil.copy(photo_folder / 'test1.png', photo_folder / 'train1.png')
    brighter = CHANGES['slightly brighter'](draw(102))
    cv2.imwrite(str(photo_folder / 'train2.png'), encoded(brighter, 80))
    (photo_folder / 'val.csv').write_text('image,cat,dog,owl\ntrain3.png,1,1,1\n')
    findings, splits = check_annotations(photo_folder)
    assert findings == [Finding('in training and validation', 'train3.png')]
    looks = {}
    images = [photo_folder / path for split in splits.values() for path in split.image_paths]
    seen = check_images(images, lambda path, picture: looks.update({path: look_of(picture)}))
    assert not any(seen)
    assert list(check_copies(photo_folder, splits, looks)) == [
        Finding('copy of a test picture', f'{photo_folder}/train1.png'),
        Finding(
            'looks like a test picture',
            f'{photo_folder}/train2.png, like {photo_folder}/test2.png',
        ),
    ]
