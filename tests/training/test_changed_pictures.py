"""Pictures that are others under their names, and other labels, are noticed."""

import cv2
import numpy as np
import pytest
import torch

from dbl.errors import InputError
from dbl.training.loop import train
from dbl.training.run_folder import RunFolder


@pytest.fixture
def go_on(make, tmp_path):
    """Trains one epoch more of a run that has had one; returns what it is about."""
    train(make(val_fraction=0.2), tmp_path / 'run')

    def go_on(epochs=2, **options):
        with RunFolder(tmp_path / 'run', resume=True) as run:
            train(make(val_fraction=0.2, epochs=epochs, **options), run)

    return go_on


def change(path):
    image = cv2.imread(str(path))
    cv2.imwrite(str(path), 255 - image)


def pictures(folder, table):
    lines = (folder / table).read_text().splitlines()[1:]
    return [folder / line.split(',')[0] for line in lines]


def test_the_same_pictures_elsewhere_and_touched_go_on(go_on, photo_folder):
    for path in pictures(photo_folder, 'train.csv'):
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
    go_on()


@pytest.mark.parametrize(
    ('table', 'what'), [('train.csv', '(training|validation)'), ('test.csv', 'test')]
)
def test_changed_pictures_are_refused_by_name(go_on, photo_folder, table, what):
    path = pictures(photo_folder, table)[3]
    change(path)
    message = (
        f'had other {what} pictures under the same names: 1 of .* differ, '
        f"the first is '{path.name}'"
    )
    with pytest.raises(InputError, match=message.replace(path.name, f'.*{path.name}')):
        go_on()


def test_all_pictures_of_a_split_are_counted(go_on, photo_folder):
    paths = pictures(photo_folder, 'test.csv')
    for path in paths:
        change(path)
    with pytest.raises(InputError, match=f'{len(paths)} of {len(paths)} differ'):
        go_on()


@pytest.mark.parametrize('edit', ['labels', 'rows', 'order'])
def test_another_test_set_is_refused(go_on, photo_folder, edit):
    """Its numbers would go into the curve of the first one."""
    path = photo_folder / 'test.csv'
    header, *rows = path.read_text().splitlines()
    if edit == 'labels':
        rows[0] = rows[0].replace(',1', ',2').replace(',0', ',1').replace(',2', ',0')
    rows = {'labels': rows, 'rows': rows[:-1], 'order': rows[::-1]}[edit]
    path.write_text('\n'.join([header, *rows]))
    with pytest.raises(InputError, match='had other test images, or labels, than there are now'):
        go_on()


def test_the_demo_s_scenes_are_their_names():
    from dbl.datasets import ShapesMLT

    one, other = ShapesMLT('test').fingerprints(), ShapesMLT('test', scene_seed=1).fingerprints()
    assert len(np.unique(np.concatenate([one, other]))) == 4000
    np.testing.assert_array_equal(one, ShapesMLT('test').fingerprints())


@pytest.mark.parametrize('damage', ['shape', 'kind', 'missing'])
def test_fingerprints_that_are_damaged_are_named(go_on, tmp_path, damage):
    path = tmp_path / 'run/epoch_1.pth'
    checkpoint = torch.load(path, weights_only=True)
    pictures = checkpoint['meta']['pictures']
    changed = {
        'shape': torch.zeros(1, dtype=torch.int64).expand(10**9, len(pictures['training'])),
        'kind': pictures['training'].double(),
    }
    if damage == 'missing':
        del pictures['training']
    else:
        pictures['training'] = changed[damage]
    torch.save(checkpoint, path)
    with pytest.raises(InputError, match=r"epoch_1.pth' does not fit the config"):
        go_on()
