import hashlib
import json
import subprocess
import sys

import pytest
from PIL import Image

from dbl.datasets import AnnotatedFiles, read_annotations


@pytest.fixture
def build(root, tmp_path):
    def run(*arguments) -> subprocess.CompletedProcess:
        command = [sys.executable, root / 'tools' / 'build_dataset.py', *arguments]
        return subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=tmp_path)

    return run


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


def test_says_whether_it_is_the_published_set(build, shared, devkit, tmp_path):
    process = build('voc', '--root', shared / 'VOCdevkit', '--out', 'out')
    assert process.returncode == 0, process.stderr
    sentence = 'drawn head to tail with seed 0, equal to the published VOC-MLT, id for id\n'
    assert sentence in process.stdout
    published = json.loads((shared / 'reference' / 'mlt_subsets.json').read_text())['voc_mlt']
    digest = hashlib.sha256('\n'.join(published['image_ids']).encode()).hexdigest()
    assert f'sha-256 of the training ids: {digest}' in process.stdout
    assert read_annotations(tmp_path / 'out' / 'train').built['sha256'] == digest
    assert 'warning: 6094 of 6094 images are missing, the first is' in process.stdout
    other = build('voc', '--root', shared / 'VOCdevkit', '--out', 'out', '--seed', '1')
    assert 'NOT equal to the published VOC-MLT' in other.stdout


def test_coco_mlt_from_a_list_of_ids(build, shared, tmp_path):
    published = json.loads((shared / 'reference' / 'mlt_subsets.json').read_text())['coco_mlt']
    (tmp_path / 'ids.txt').write_text('\n'.join(map(str, published['image_ids'])))
    train_json = shared / 'coco' / 'annotations' / 'instances_train2017_mlt.json'
    arguments = ('coco', '--root', shared / 'coco', '--train-json', train_json, '--out', 'out')
    process = build(*arguments, '--ids', 'ids.txt')
    assert process.returncode == 0, process.stderr
    sentence = 'taken from the list of ids, equal to the published COCO-MLT, id for id\n'
    assert sentence in process.stdout
    assert '22 / 33 / 25' in process.stdout
    drawn = build(*arguments)
    assert drawn.returncode == 0, drawn.stderr
    assert 'NOT equal to the published COCO-MLT' in drawn.stdout


def test_says_which_pictures_are_missing(build, devkit, tmp_path):
    for year in (2007, 2012):
        folder = devkit / f'VOC{year}' / 'JPEGImages'
        folder.mkdir()
        for i in range(9):
            (folder / f'{year}_{i:06d}.jpg').touch()
    process = build('voc', '--root', devkit, '--out', 'out')
    assert "warning: 2 of 20 images are missing, the first is 'out/images/VOC2" in process.stdout
    for year in (2007, 2012):
        (devkit / f'VOC{year}' / 'JPEGImages' / f'{year}_000009.jpg').touch()
    assert 'missing' not in build('voc', '--root', devkit, '--out', 'out').stdout


def test_a_subset_of_one_s_own_data(build, photo_folder, tmp_path):
    arguments = ('csv', '--root', photo_folder, '--max', '15', '--seed', '2')
    for out in ('out', 'again'):
        process = build(*arguments, '--out', out)
        assert process.returncode == 0, process.stderr
    assert (tmp_path / 'out/train.json').read_bytes() == (
        tmp_path / 'again/train.json'
    ).read_bytes()
    train = AnnotatedFiles(ann_file='train', data_root=str(tmp_path / 'out'))
    train.check_images()
    assert train.read(0).shape == (40, 50, 3)
    # Head to tail after 15, 1, 1: removals for owl and dog take cats with them.
    assert max(train.annotations.class_freq) <= 15
    built = json.loads((tmp_path / 'out/train.json').read_text())['metainfo']['built']
    assert (built['seed'], built['counts'][0]) == (2, 15)


@pytest.fixture
def jsonl_folder(tmp_path):
    """A hundred images, cat on all but ten, dog on every fourth, owl on every tenth."""
    folder = tmp_path / 'pool'
    folder.mkdir()
    lines = []
    for i in range(100):
        names = ['cat'] * (i >= 10) + ['dog'] * (i % 4 == 0) + ['owl'] * (i % 10 == 5)
        lines.append(json.dumps({'image': f'i/{i}.jpg', 'labels': names}))
    (folder / 'train.jsonl').write_text('\n'.join(lines))
    return folder


def test_jsonl_split_by_strata(build, jsonl_folder, tmp_path):
    arguments = ('jsonl', '--root', jsonl_folder, '--test-fraction', '0.3', '--no-subset')
    for out in ('out', 'again'):
        process = build(*arguments, '--out', out)
        assert process.returncode == 0, process.stderr
        assert 'warning: 100 of 100 images are missing' in process.stdout
    train, test = (read_annotations(tmp_path / 'out' / split) for split in ('train', 'test'))
    assert train.classes == test.classes == ['cat', 'dog', 'owl']
    assert test.class_freq == pytest.approx([27, 7.5, 3], abs=1)
    assert len(train) + len(test) == 100
    assert not set(train.image_paths) & set(test.image_paths)
    for split in ('train.json', 'test.json'):
        one, other = (tmp_path / out / split for out in ('out', 'again'))
        assert one.read_bytes() == other.read_bytes()
    assert train.built['test_fraction'] == 0.3


def test_a_long_tailed_benchmark_of_some_classes(build, jsonl_folder, tmp_path):
    options = '--test-fraction 0.3 --max 20 --min 2 --exponent 3 --seed 5 --head 15 --tail 4'
    arguments = ('--classes', 'owl', 'cat', *options.split())
    process = build('jsonl', '--root', jsonl_folder, '--out', 'out', *arguments)
    assert process.returncode == 0, process.stderr
    train = read_annotations(tmp_path / 'out' / 'train')
    assert train.classes == ['owl', 'cat']
    assert train.built['counts'] == [20, 2]
    assert 'metric.head=15 metric.tail=4' in process.stdout
    assert '1 / 0 / 1' in process.stdout


def test_a_benchmark_of_one_s_own_is_read_back_for_training(build, photo_folder, tmp_path):
    process = build('csv', '--root', photo_folder, '--out', 'out', '--no-subset')
    assert process.returncode == 0, process.stderr
    assert 'missing' not in process.stdout
    train = AnnotatedFiles(ann_file='train', data_root=str(tmp_path / 'out'))
    assert train.annotations.class_freq == [40, 20, 10]
    train.check_images()


def test_bad_input_ends_in_one_sentence(build, photo_folder, tmp_path):
    for arguments, sentence in (
        (('voc', '--root', 'no', '--out', 'out'), 'does not exist; --root must be a VOCdevkit'),
        (('coco', '--root', 'no', '--out', 'out'), 'does not exist; --root must be a folder with'),
        (('coco', '--root', 'no', '--ids', 'no.txt', '--out', 'out'), "'no.txt': No such file"),
        (('csv', '--root', 'no', '--out', 'out'), "'no/train.csv' does not exist; --root must be"),
        (
            ('csv', '--root', photo_folder, '--out', 'out', '--test-fraction', '0.5'),
            "test.csv' exists; leave --test-fraction out",
        ),
        (
            ('csv', '--root', photo_folder, '--out', 'out', '--classes', 'cat', 'elk'),
            "--classes: class 'elk' is unknown; choose from cat, dog, owl",
        ),
        (
            ('csv', '--root', photo_folder, '--out', 'out', '--head', '3'),
            'expected 0 <= --tail <= --head, but got 20 and 3',
        ),
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


def test_check_lists_what_is_wrong_and_changes_nothing(build, photo_folder, tmp_path):
    sound = build('check', photo_folder)
    assert (sound.returncode, sound.stdout) == (0, '48 images: nothing wrong\n'), sound.stderr
    (photo_folder / 'train3.png').unlink()
    for name in ('train4.png', 'train5.png'):
        (photo_folder / name).write_bytes(b'<html>')
    before = {path: path.read_bytes() for path in photo_folder.iterdir()}
    broken = build('check', photo_folder)
    assert broken.returncode == 1
    rows = [line.split('│')[1:4] for line in broken.stdout.splitlines() if line.startswith('│')]
    cells = [[cell.strip() for cell in row] for row in rows]
    assert ['missing', '1'] in [row[:2] for row in cells]
    assert ['not an image', '2'] in [row[:2] for row in cells]
    where = ''.join(row[2] for row in cells)  # long paths are folded
    for name in ('train3.png', 'train4.png', 'train5.png'):
        assert name in where
    assert 'Traceback' not in broken.stderr
    assert {path: path.read_bytes() for path in photo_folder.iterdir()} == before


def test_stats_as_tables_and_a_picture(build, photo_folder, tmp_path):
    process = build('stats', photo_folder, '--head', '15', '--tail', '12', '--out', 'new/s.png')
    assert process.returncode == 0, process.stderr
    for row in (
        'train 40 1.75 2 0 40 10 4.00',
        'head 2 60 12 1.75',
        'tail 1 10 2 2.00',
        'dog head 20 4 2.00 15',  # 10 draws a class: (p(dog|cat) + p(dog|dog)) * 10
        'owl 10 cat 1.00',
    ):
        assert row in [
            ' '.join(line.replace('│', ' ').split()) for line in process.stdout.splitlines()
        ]
    assert 'training and test: 1.00' in process.stdout
    with Image.open(tmp_path / 'new' / 's.png') as picture:
        assert picture.size[0] > 300


def test_names_are_printed_and_drawn_as_they_are(build, photo_folder):
    names = {'cat': '[/b]', 'dog': ':cat:', 'owl': 'a$\\frac$'}
    for split in ('train', 'test'):
        path = photo_folder / f'{split}.csv'
        rest = path.read_text().split('\n', 1)[1]
        path.write_text('image,' + ','.join(names.values()) + '\n' + rest)
    process = build('stats', photo_folder)
    assert process.returncode == 0, process.stderr
    assert all(name in process.stdout for name in names.values())
    other = build('stats', photo_folder, '--out', 'a.xyz')
    assert other.returncode == 1
    assert other.stderr.startswith("error: cannot draw 'a.xyz': Format 'xyz' is not supported")


def test_stats_of_other_classes_are_refused(build, photo_folder):
    path = photo_folder / 'test.csv'
    path.write_text(path.read_text().replace('owl', 'elk'))
    process = build('stats', photo_folder)
    assert process.returncode == 1
    assert 'training and test must have the same classes in the same order' in process.stderr
