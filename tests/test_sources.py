"""What is trained, validated and tested on."""

import shutil

import cv2
import numpy as np
import pytest

from dbl.config import load_config
from dbl.datasets import ShapesMLT, TextFiles
from dbl.errors import InputError
from dbl.experiment import build_experiment
from dbl.sources import Sources, build_sources, warn_about


@pytest.fixture
def sources(root, photo_folder):
    def sources(**options):
        options = {'data_root': str(photo_folder), **options}
        return build_sources(load_config(root / 'configs/custom/erm.py', options))

    return sources


def paths(source) -> set[str]:
    return set(source.annotations.image_paths)


def write_val(folder, rows, name='val'):
    header, *lines = (folder / 'train.csv').read_text().splitlines(keepends=True)
    (folder / f'{name}.csv').write_text(header + ''.join(lines[i] for i in rows))
    kept = [line for i, line in enumerate(lines) if i not in rows]
    (folder / 'train.csv').write_text(header + ''.join(kept))


def test_a_share_of_the_training_images_is_for_validation(sources):
    whole = sources()
    assert whole.val is None
    part = sources(val_fraction=0.25)
    assert len(part.val.annotations) == 10
    assert paths(part.train) | paths(part.val) == paths(whole.train)
    assert not paths(part.train) & paths(part.val)
    shares = np.array(part.val.annotations.class_freq) / whole.train.annotations.class_freq
    assert shares == pytest.approx(0.25, abs=0.06)


def test_the_split_has_a_seed_of_its_own(sources):
    first = sources(val_fraction=0.25)
    assert paths(sources(val_fraction=0.25, seed=7).val) == paths(first.val)
    assert paths(sources(val_fraction=0.25, val_seed=1).val) != paths(first.val)


def test_each_image_is_that_of_its_labels(sources):
    """In the part as in the whole."""
    whole, part = sources().train, sources(val_fraction=0.25).val
    rows = {path: i for i, path in enumerate(whole.annotations.image_paths)}
    for i, path in enumerate(part.annotations.image_paths):
        assert (part.read(i) == whole.read(rows[path])).all()
        assert part.annotations.label_indices[i] == whole.annotations.label_indices[rows[path]]
    assert part.picture_bytes() == [3 * 40 * 50] * 10
    assert part.wider_than_high().tolist() == [True] * 10
    assert all(name.endswith(path) for name, path in zip(
        part.identities(), part.annotations.image_paths, strict=True
    ))  # fmt: skip


def test_a_class_keeps_an_image_to_train_on(sources, photo_folder):
    train = photo_folder / 'train.csv'
    lines = train.read_text().splitlines()
    train.write_text('\n'.join(line[:-1] + '0' if i > 1 else line for i, line in enumerate(lines)))
    for seed in range(5):
        found = sources(val_fraction=0.9, val_seed=seed).train.annotations.class_freq
        assert min(found) >= 1
        assert found[2] == 1


def test_statistics_are_those_of_what_is_trained_on(root, photo_folder):
    options = {
        'data_root': str(photo_folder),
        'val_fraction': 0.25,
        'train_dataloader.batch_size': 8,
    }
    config = load_config(root / 'configs/custom/db_focal.py', options)
    experiment = build_experiment(config, pretrained=False)
    trained = experiment.train_loader.dataset.source.annotations
    assert len(trained) == 30
    assert experiment.model.head.loss.num_images == 30
    assert experiment.model.head.loss.class_freq.tolist() == trained.class_freq
    assert experiment.resolved['metric']['num_images'] == 30
    assert experiment.resolved['metric']['class_freq'] == trained.class_freq
    assert set(experiment.train_loader.sampler.plan(0)) <= set(range(30))
    assert len(experiment.val_loader.dataset) == 10
    assert experiment.val_loader.dataset.pipeline[0].size == 224, "the test's"


def test_a_picture_that_is_listed_under_two_names_hinders_no_split(sources, photo_folder):
    for i in range(1, 40):
        shutil.copy(photo_folder / 'train0.png', photo_folder / f'train{i}.png')
    assert len(sources(val_fraction=0.25).val.annotations) == 10


def test_a_file_of_its_own(sources, photo_folder):
    write_val(photo_folder, range(5))
    found = sources(val_source={'ann_file': 'val'})
    assert len(found.val.annotations) == 5
    assert len(found.train.annotations) == 35


def test_the_demo_has_scenes_for_validation(root):
    config = load_config(root / 'configs/demo/erm.py', {'val_source.split': 'val'})
    found = build_sources(config)
    sets = [set(source.identities()) for source in found]
    assert [len(own) for own in sets] == [1157, 2000, 2000]
    assert not sets[0] & sets[1]
    assert not sets[2] & (sets[0] | sets[1])
    assert ShapesMLT('val', 1).identities() != found.val.identities()


def test_a_class_without_images_for_validation_is_named(sources, photo_folder, caplog):
    write_val(photo_folder, [1, 2, 3])
    warn_about(sources(val_source={'ann_file': 'val'}))
    assert "val.csv': no image to validate on shows owl; left out of the mAPs" in caplog.text


def other_folder(folder):
    """The test set in another folder, its pictures copied."""
    (folder / 'other').mkdir()
    shutil.copy(folder / 'test.csv', folder / 'other/val.csv')
    for path in folder.glob('test*.png'):
        shutil.copy(path, folder / 'other')
    return {'ann_file': 'other/val'}


def renamed(folder):
    """A test picture under another name."""
    shutil.copy(folder / 'test3.png', folder / 'copy.png')
    (folder / 'val.csv').write_text('image,cat,dog,owl\ncopy.png,1,0,0\n')
    return {'ann_file': 'val'}


def linked(folder):
    (folder / 'link.png').symlink_to(folder / 'test3.png')
    (folder / 'val.csv').write_text('image,cat,dog,owl\nlink.png,1,0,0\ntrain1.png,1,1,0\n')
    return {'ann_file': 'val'}


@pytest.mark.parametrize(
    ('make_val', 'message'),
    [
        (
            lambda folder: {'ann_file': 'test'},
            "must be no test images, but 8 of the 8 are, as '.*test0.png'",
        ),
        (renamed, r'must be no test images, but 1 of the 1 is, as .*copy\.png'),
        (linked, r'must be no test images, but 1 of the 2 is, as .*test3\.png'),
        (other_folder, r'must be no test images, but 8 of the 8 are, .*other/test0\.png'),
        (lambda folder: {'ann_file': 'train'}, 'must be no training images, but 40 of the'),
        (lambda folder: {'ann_file': 'vall'}, "none of '.*vall.json', '.csv' and '.jsonl' exists"),
        (lambda folder: {'ann_fil': 'val'}, r"val_source \(AnnotatedFiles\): argument 'ann_fil'"),
        (lambda folder: {'type': 'Files'}, "val_source.type 'Files' is unknown"),
    ],
    ids=['test', 'renamed', 'linked', 'copied', 'train', 'missing', 'argument', 'type'],
)
def test_what_is_no_set_for_validation_is_refused(sources, photo_folder, make_val, message):
    with pytest.raises(InputError, match=message):
        sources(val_source=make_val(photo_folder))


def test_of_a_few_copies_for_validation_it_is_warned(sources, photo_folder, caplog):
    names = [f'val{i}.png' for i in range(12)]
    for i, name in enumerate(names):
        picture = np.full((20, 20, 3), 10 * i, np.uint8)
        cv2.imwrite(str(photo_folder / name), picture)
    shutil.copy(photo_folder / 'train3.png', photo_folder / names[5])
    rows = ''.join(f'{name},1,0,0\n' for name in names)
    (photo_folder / 'val.csv').write_text(f'image,cat,dog,owl\n{rows}')
    warn_about(sources(val_source={'ann_file': 'val'}))
    assert 'should be no copies of training images, but 1 of the 12 is' in caplog.text


def equal_tables(folder):
    shutil.copy(folder / 'train.csv', folder / 'test.csv')


def one_row_of_both(folder):
    with (folder / 'test.csv').open('a') as file:
        file.write('./train3.png,1,1,0\n')


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (equal_tables, r'no training images, but (40|36) of the 40 are, as .*train0\.png'),
        (one_row_of_both, r'no training images, but 1 of the 9 is, as .*train3\.png'),
    ],
)
@pytest.mark.parametrize('fraction', [None, 0.1])
def test_test_images_that_are_trained_on_are_refused(
    sources, photo_folder, change, message, fraction
):
    """They were tested in silence."""
    change(photo_folder)
    with pytest.raises(InputError, match=rf"test.csv': test images must be {message}"):
        sources(val_fraction=fraction)


def test_copies_of_training_images_in_the_test_set_are_named(sources, photo_folder, caplog):
    warn_about(sources())
    assert caplog.messages == []
    for i in range(2):
        shutil.copy(photo_folder / f'train{i}.png', photo_folder / f'test{i}.png')
    warn_about(sources())
    found = f"but 2 of the 8 are, as '{photo_folder}/test0.png'; the mAPs are too high"
    assert len(caplog.messages) == 1
    assert caplog.messages[0].endswith(found)


def test_other_pictures_of_the_same_names_are_others(sources, photo_folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp('elsewhere')
    shutil.copy(photo_folder / 'test.csv', elsewhere / 'val.csv')
    for i in range(8):
        shutil.copy(photo_folder / f'train{i}.png', elsewhere / f'test{i}.png')
        (photo_folder / f'train{i}.png').write_bytes(b'another')
    assert sources(val_source={'ann_file': 'val', 'data_root': str(elsewhere)}).val is not None


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'val_fraction': 0}, 'val_fraction must be above 0, but got 0'),
        ({'val_fraction': 1.0}, 'val_fraction must be below 1, but got 1.0'),
        ({'backbone_lr': float('inf')}, 'backbone_lr must be finite, but got inf'),
        ({'val_fraction': '0.1'}, 'val_fraction must be a number or None, but got'),
        ({'val_fraction': 0.001}, 'of the 40 images in .* leaves none to train or to validate on'),
        ({'val_fraction': 0.1, 'val_source': {'ann_file': 'val'}}, 'exclude each other'),
        ({'val_seed': 1}, 'val_seed has no effect without val_fraction'),
        ({'select': 'best'}, "select='best' and patience need images apart from the test set"),
        ({'patience': 3}, "select='best' and patience need images apart from the test set"),
        ({'select': 'first'}, "select 'first' is unknown"),
        ({'val_dataloader': {}}, "'val_dataloader' is of dbl 0.1.0; its place takes val_fraction"),
    ],
    ids=str,
)
def test_settings_of_validation_that_cannot_be_are_refused(sources, options, message):
    with pytest.raises(InputError, match=message):
        sources(**options)


def test_images_for_validation_of_classes_that_are_not_trained_are_refused(sources, photo_folder):
    write_val(photo_folder, [0])
    text = (photo_folder / 'val.csv').read_text()
    (photo_folder / 'val.csv').write_text(text.replace('1,0,1', '0,0,0'))
    with pytest.raises(InputError, match='no image shows a class that is trained'):
        sources(val_source={'ann_file': 'val'})


def test_texts_are_called_texts(tmp_path, caplog):
    for split, path in (('train', 'a.txt'), ('test', 'b.txt')):
        (tmp_path / path).write_text('Tin rose.')
        (tmp_path / f'{split}.csv').write_text(f'image,tin,gold\n{path},1,0\n')
    train, test = (TextFiles(split, data_root=str(tmp_path)) for split in ('train', 'test'))
    warn_about(Sources(train, test, None))
    assert 'no text to train on shows gold' in caplog.text
    assert 'test texts should be no copies of training texts' in caplog.text
