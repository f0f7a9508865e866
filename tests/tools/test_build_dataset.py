import json
import subprocess
import sys

import pytest

from dbl.datasets import MultiLabelDataset, read_annotations
from dbl.datasets.build import build_voc
from dbl.datasets.voc import CLASSES, read_voc_labels
from dbl.errors import InputError


@pytest.fixture
def build(root, tmp_path):
    def run(*arguments) -> subprocess.CompletedProcess:
        command = [sys.executable, root / 'tools' / 'build_dataset.py', *arguments]
        return subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=tmp_path)

    return run


@pytest.fixture
def devkit(tmp_path):
    """Ten images a year: image i shows class i, and image 9 difficult objects of class 0."""
    for year, split in ((2012, 'trainval'), (2007, 'test')):
        folder = tmp_path / 'VOCdevkit' / f'VOC{year}' / 'ImageSets' / 'Main'
        folder.mkdir(parents=True)
        for c, name in enumerate(CLASSES):
            values = [1 if i == c else 0 if (i, c) == (9, 0) else -1 for i in range(10)]
            lines = [f'{year}_{i:06d} {value:2d}\n' for i, value in enumerate(values)]
            (folder / f'{name}_{split}.txt').write_text(''.join(lines))
    return tmp_path / 'VOCdevkit'


def test_reads_the_class_files(devkit):
    image_ids, labels = read_voc_labels(devkit, 2012, 'trainval')
    assert image_ids[9] == '2012_000009'
    assert labels.shape == (10, 20)
    assert [row.nonzero()[0].tolist() for row in labels.toarray()[[3, 9]]] == [[3], [0, 9]]


def test_difficult_objects_may_be_left_out(build, devkit, tmp_path):
    process = build('voc', '--root', devkit, '--out', 'out', '--without-difficult')
    assert process.returncode == 0, process.stderr
    test_set = read_annotations(tmp_path / 'out' / 'test')
    assert test_set.label_indices[9] == [9]
    assert test_set.built['difficult'] is False


def test_voc_mlt_from_a_small_devkit(build, devkit, tmp_path):
    process = build('voc', '--root', devkit, '--out', 'out')
    assert process.returncode == 0, process.stderr
    test_set = read_annotations(tmp_path / 'out' / 'test')
    assert test_set.image_paths[3] == 'images/VOC2007/JPEGImages/2007_000003.jpg'
    assert (tmp_path / 'out' / 'images').resolve() == devkit.resolve()
    assert len(read_annotations(tmp_path / 'out' / 'train')) == 10


def test_voc_mlt_is_the_published_one(shared):
    published = json.loads((shared / 'reference' / 'mlt_subsets.json').read_text())['voc_mlt']
    train, test = build_voc(shared / 'VOCdevkit')
    assert [path.split('/')[-1][:-4] for path in train.image_paths] == published['image_ids']
    assert train.class_freq == published['class_freq']
    assert len(test) == 4952


@pytest.mark.parametrize(
    ('file', 'text', 'message'),
    [
        ('cow_trainval.txt', None, 'does not exist; --root must be a VOCdevkit'),
        ('cow_trainval.txt', 'a 1\nb 2\n', 'line 2: expected a new image id and -1, 0 or 1'),
        ('cow_trainval.txt', 'a 1\na 1\n', 'line 2: expected a new image id'),
        ('cow_trainval.txt', 'a 1\n', 'cow_trainval.txt lists other images than aeroplane'),
    ],
)
def test_a_bad_devkit_is_named(devkit, file, text, message):
    path = devkit / 'VOC2012' / 'ImageSets' / 'Main' / file
    path.unlink() if text is None else path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_voc_labels(devkit, 2012, 'trainval')


def test_a_subset_of_one_s_own_data(build, photo_folder, tmp_path):
    arguments = ('csv', '--root', photo_folder, '--max', '15', '--seed', '2')
    for out in ('out', 'again'):
        process = build(*arguments, '--out', out)
        assert process.returncode == 0, process.stderr
    assert (tmp_path / 'out/train.json').read_bytes() == (
        tmp_path / 'again/train.json'
    ).read_bytes()
    train = MultiLabelDataset(ann_file='train', data_root=str(tmp_path / 'out'))
    train.check_images()
    assert train.load_image(train.get_data_info(0)).shape == (40, 50, 3)
    # Head to tail after 15, 1, 1: removals for owl and dog take cats with them.
    assert max(train.class_freq) <= 15
    built = json.loads((tmp_path / 'out/train.json').read_text())['metainfo']['built']
    assert (built['seed'], built['counts'][0]) == (2, 15)


def test_bad_input_ends_in_one_sentence(build, photo_folder, tmp_path):
    for arguments, sentence in (
        (('voc', '--root', 'no', '--out', 'out'), 'does not exist; --root must be a VOCdevkit'),
        (('csv', '--root', 'no', '--out', 'out'), "neither 'no/train.json' nor"),
        (('csv', '--root', photo_folder, '--out', 'out', '--max', '-3'), 'but got 1 and -3'),
        (('csv', '--root', photo_folder, '--out', 'out', '--exponent', 'nan'), 'but got nan'),
        (
            ('csv', '--root', photo_folder, '--out', photo_folder),
            'holds train annotations of yours',
        ),
    ):
        process = build(*arguments)
        assert process.returncode == 1
        assert process.stderr.startswith('error: ')
        assert sentence in process.stderr
        assert 'Traceback' not in process.stderr
        assert not (tmp_path / 'out').exists()
