import hashlib
import json
import re
import shutil
import subprocess
import sys
import warnings
from itertools import cycle, islice

import cv2
import numpy as np
import pytest
from PIL import Image

from dbl.commands.build_dataset import main
from dbl.config import load_config
from dbl.dataset_tools.coco import CLASSES
from dbl.dataset_tools.published import published_subset
from dbl.datasets import AnnotatedFiles, Annotations, read_annotations
from dbl.datasets.annotation_formats import write_json
from dbl.sources import build_sources


@pytest.fixture
def build(run_here):
    def run(*arguments) -> subprocess.CompletedProcess:
        return run_here(main, *arguments)

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
    assert 'NOT equal to the published VOC-MLT' in process.stdout


def test_says_whether_it_is_the_published_set(build, shared, tmp_path):
    process = build('voc', '--root', shared / 'VOCdevkit', '--out', 'out')
    assert process.returncode == 0, process.stderr
    sentence = 'drawn head to tail with seed 0, equal to the published VOC-MLT, id for id\n'
    assert sentence in process.stdout
    image_ids = published_subset('voc_mlt').image_ids
    digest = hashlib.sha256('\n'.join(image_ids).encode()).hexdigest()
    assert f'sha-256 of the training ids: {digest}' in process.stdout
    assert read_annotations(tmp_path / 'out' / 'train').built['sha256'] == digest
    assert 'warning: 6094 of 6094 images are missing, the first is' in process.stdout
    other = build('voc', '--root', shared / 'VOCdevkit', '--out', 'out', '--seed', '1')
    assert 'NOT equal to the published VOC-MLT' in other.stdout


@pytest.fixture
def coco(tmp_path):
    """COCO with the published ids and class frequencies, but made-up labels.

    Each class is on the images that follow those of the class before, round and round. The images
    stand in the order of their ids, with a thousand others among them that show class 0.
    """
    published = published_subset('coco_mlt')
    ids = [int(i) for i in published.image_ids]
    turn = cycle(ids)
    shown = [(i, c) for c, n in enumerate(published.class_freq) for i in islice(turn, n)]
    others = sorted(set(range(1, 600_000, 597)) - {*ids})
    shown += [(i, 0) for i in others]
    folder = tmp_path / 'coco' / 'annotations'
    folder.mkdir(parents=True)
    for split, images in (('train2017', sorted([*ids, *others])), ('val2017', [139])):
        content = {
            'images': [{'id': i, 'file_name': f'{i:012d}.jpg'} for i in images],
            'categories': [{'id': c + 1, 'name': name} for c, name in enumerate(CLASSES)],
            'annotations': [
                {'image_id': i, 'category_id': c + 1, 'area': 4.0, 'bbox': [0, 0, 2, 2]}
                for i, c in (shown if split == 'train2017' else [(139, 0)])
            ],
        }
        (folder / f'instances_{split}.json').write_text(json.dumps(content))
    return tmp_path / 'coco'


def test_coco_mlt_from_a_list_of_ids(build, coco, tmp_path):
    published = published_subset('coco_mlt')
    (tmp_path / 'ids.txt').write_text('\n'.join(published.image_ids))
    arguments = ('coco', '--root', coco, '--out', 'out')
    process = build(*arguments, '--ids', 'ids.txt')
    assert process.returncode == 0, process.stderr
    sentence = 'taken from the list of ids, equal to the published COCO-MLT, id for id\n'
    assert sentence in process.stdout
    assert '22 / 33 / 25' in process.stdout
    train = read_annotations(tmp_path / 'out' / 'train')
    assert [f'images/train2017/{i:0>12}.jpg' for i in published.image_ids] == train.image_paths
    assert train.class_freq == published.class_freq
    out_of_the_box = build(*arguments)
    assert sentence in out_of_the_box.stdout, out_of_the_box.stderr
    drawn = build(*arguments, '--draw')
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
        assert (
            f'python -m dbl train custom/db_focal --cfg-options data_root={out}\n' in process.stdout
        )
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


def files(folder):
    return {path.name for path in folder.iterdir()}


USE = 'validate on it with --cfg-options val_source.ann_file=val\n'


def lines_of(process):
    """The lines that were printed, the cells of a table's row separated by blanks."""
    return [' '.join(line.replace('│', ' ').split()) for line in process.stdout.splitlines()]


@pytest.mark.parametrize('command', ['csv', 'jsonl'])
def test_what_the_subset_leaves_out_validates(build, request, tmp_path, command):
    root = request.getfixturevalue({'csv': 'photo_folder', 'jsonl': 'jsonl_folder'}[command])
    options = ('--test-fraction', '0.3') if command == 'jsonl' else ()
    process = build(command, '--root', root, '--out', 'out', '--max', '15', *options)
    assert process.returncode == 0, process.stderr
    train, test, val = (read_annotations(tmp_path / 'out' / s) for s in ('train', 'test', 'val'))
    assert f'val.json: left over by the subset drawn head to tail with seed 0; {USE}' in (
        process.stdout
    )
    freq = val.class_freq
    row = f'val {len(val)} {sum(freq)} {len(freq)} {max(freq)} {min(freq)}'
    assert row in lines_of(process)
    assert len(train) + len(val) == {'csv': 40, 'jsonl': 100 - len(test)}[command]
    assert not set(val.image_paths) & {*train.image_paths, *test.image_paths}
    numbers = [int(re.sub(r'\D', '', path)) for path in val.image_paths]
    assert numbers == sorted(numbers), "in the pool's order"


def test_a_drawn_set_is_trained_and_validated_on(build, photo_folder, tmp_path, root):
    process = build('csv', '--root', photo_folder, '--out', 'out', '--max', '15')
    assert process.returncode == 0, process.stderr
    options = {'data_root': str(tmp_path / 'out'), 'val_source.ann_file': 'val'}
    config = load_config(root / 'configs' / 'custom' / 'db_focal.py', options)
    sources = build_sources(config)
    assert len(sources.train.annotations) + len(sources.val.annotations) == 40
    sources.val.check_images()


def test_a_subset_of_voc_2007_and_what_it_leaves_out(build, shared, tmp_path):
    process = build('csv', '--root', shared / 'voc07', '--out', 'out', '--max', '800')
    assert process.returncode == 0, process.stderr
    sizes = {s: len(read_annotations(tmp_path / 'out' / s)) for s in ('train', 'test', 'val')}
    assert sizes == {'train': 1001, 'test': 1500, 'val': 1599}
    digest = 'e9704473131496945976c013047086484770702d1a28c7f3f19ca46b610a97db'
    assert read_annotations(tmp_path / 'out' / 'train').built['sha256'] == digest
    assert 'warning' not in process.stdout


@pytest.fixture
def validated_folder(photo_folder):
    """The same folder with a val.csv, its classes in another order, of two more pictures."""
    rows = ['image,owl,cat,dog', 'v1.png,0,1,0', 'v0.png,1,1,1']
    (photo_folder / 'val.csv').write_text('\n'.join(rows))
    rng = np.random.default_rng(1)
    for name in ('v0.png', 'v1.png'):
        picture = rng.integers(0, 256, (40, 50, 3), dtype=np.uint8)
        cv2.imwrite(str(photo_folder / name), picture)
    return photo_folder


@pytest.mark.parametrize('options', [('--max', '15'), ('--no-subset',)])
def test_a_validation_file_of_one_s_own_is_what_validates(
    build, validated_folder, tmp_path, options
):
    arguments = ('csv', '--root', validated_folder, '--out', 'out', '--classes', 'dog', 'cat')
    process = build(*arguments, *options)
    assert process.returncode == 0, process.stderr
    assert f'val.json: all of val; {USE}' in process.stdout
    assert 'left over' not in process.stdout
    val = read_annotations(tmp_path / 'out' / 'val')
    assert val.image_paths == ['images/v1.png', 'images/v0.png']
    assert (val.classes, val.label_indices) == (['dog', 'cat'], [[1], [0, 1]])


def test_without_a_subset_or_a_file_nothing_validates(build, photo_folder, tmp_path):
    arguments = ('csv', '--root', photo_folder, '--out', 'out')
    assert 'removed' not in build(*arguments, '--max', '15').stdout
    assert 'val.json' in files(tmp_path / 'out')
    process = build(*arguments, '--no-subset')
    assert process.returncode == 0, process.stderr
    assert 'removed out/val.json, left from an earlier build\n' in process.stdout
    assert USE not in process.stdout
    assert files(tmp_path / 'out') == {'images', 'train.json', 'test.json'}


def test_voc_mlt_has_no_images_for_validation(build, devkit, tmp_path):
    (tmp_path / 'out').mkdir()
    ours = Annotations(['cat'], ['images/a.png'], [[0]], {'from': 'own data'})
    write_json(tmp_path / 'out' / 'val.json', ours)
    process = build('voc', '--root', devkit, '--out', 'out')
    assert process.returncode == 0, process.stderr
    assert 'removed out/val.json' in process.stdout
    assert files(tmp_path / 'out') == {'images', 'train.json', 'test.json'}


@pytest.mark.parametrize('options', [('--max', '15'), ('--no-subset',)])
def test_a_val_json_of_the_user_s_own_stays(build, photo_folder, tmp_path, options):
    (tmp_path / 'out').mkdir()
    (tmp_path / 'out' / 'val.json').write_text('{"mine": 1}')
    process = build('csv', '--root', photo_folder, '--out', 'out', *options)
    assert process.returncode == 1
    assert "'out' holds val annotations of yours; choose another --out" in process.stderr
    assert (tmp_path / 'out' / 'val.json').read_text() == '{"mine": 1}'
    assert files(tmp_path / 'out') == {'val.json'}


def test_says_which_images_are_missing_or_cannot_validate(build, validated_folder):
    (validated_folder / 'v0.png').unlink()
    with (validated_folder / 'val.csv').open('a') as file:
        file.write('\ntrain7.png,1,1,1\ntest3.png,1,1,1\n./test2.png,1,1,1\n')
    process = build('csv', '--root', validated_folder, '--out', 'out', '--no-subset')
    assert process.returncode == 0, process.stderr
    assert "1 of 53 images are missing, the first is 'out/images/v0.png'" in process.stdout
    refused = "'; training refuses to validate on them\n"
    for sentence in (
        "1 of the images in val.json are in train.json, too, the first is 'images/train7.png",
        "2 of the images in val.json are in test.json, too, the first is 'images/test2.png",
    ):
        assert f'warning: {sentence}{refused}' in process.stdout


def test_bad_input_ends_in_one_sentence(build, photo_folder, tmp_path):
    for arguments, sentence in (
        (('voc', '--root', 'no', '--out', 'out'), 'has no XML files, nor .* or a VOCdevkit'),
        (('coco', '--root', 'no', '--out', 'out'), "no .json files in COCO's form, .* download co"),
        (
            ('coco', '--root', 'no', '--ids', 'no.txt', '--out', 'out'),
            "'no.txt' cannot be read: No such",
        ),
        (('csv', '--root', 'no', '--out', 'out'), "'no' is no folder; --root must be the folder"),
        (
            ('csv', '--root', photo_folder, '--out', 'out', '--test-fraction', '0.5'),
            'has test images; leave --test-fraction out',
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
        assert re.search(sentence, process.stderr)
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


def test_check_opens_the_images_for_validation(build, validated_folder):
    path = validated_folder / 'val.csv'
    path.write_text(path.read_text().replace('owl,cat,dog', 'cat,dog,owl'))
    sound = build('check', validated_folder)
    assert (sound.returncode, sound.stdout) == (0, '50 images: nothing wrong\n'), sound.stderr
    (validated_folder / 'v1.png').write_bytes(b'')
    path.write_text(path.read_text() + '\ntrain7.png,1,1,1\n')
    shutil.copy(validated_folder / 'v0.png', validated_folder / 'test0.png')
    cv2.imwrite(str(validated_folder / 'train2.png'), brighter(validated_folder / 'test1.png'))
    broken = build('check', validated_folder)
    assert broken.returncode == 1
    kinds = [line.split('│')[1:3] for line in broken.stdout.splitlines() if line.startswith('│')]
    found = [[cell.strip() for cell in row] for row in kinds if row[0].strip()]
    assert found == [
        ['in training and validation', '1'],
        ['empty file', '1'],
        ['copy of a test picture', '1'],
        ['looks like a test picture', '1'],
    ]


def brighter(path):
    return cv2.convertScaleAbs(cv2.imread(str(path)), alpha=0.95, beta=10)


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
        assert row in lines_of(process)
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
    assert 'train, test must have the same classes in the same order' in process.stderr


def test_stats_show_validation_beside_training_and_test(build, validated_folder):
    path = validated_folder / 'val.csv'
    path.write_text(path.read_text().replace('owl,cat,dog', 'cat,dog,owl'))
    process = build('stats', validated_folder, '--head', '15', '--tail', '12')
    assert process.returncode == 0, process.stderr
    # Both pictures show a dog, and one of them all three classes.
    for row in ('val 2 2.00 3 0 2 1 2.00', 'dog head 20 4 2 2.00 15'):
        assert row in lines_of(process)


def test_stats_of_other_classes_or_two_files_are_refused(build, validated_folder):
    process = build('stats', validated_folder)
    assert process.returncode == 1
    assert 'train, test, val must have the same classes in the same order' in process.stderr
    (validated_folder / 'val.json').write_text('{}')
    process = build('stats', validated_folder)
    assert process.returncode == 1
    assert "val.csv' exist; keep one of them" in process.stderr


def coco_of(folder, name):
    """Writes COCO's two files, with one image and one category of that name."""
    thing = {'image_id': 1, 'category_id': 1, 'area': 9, 'bbox': [0, 0, 9, 9]}
    content = {
        'images': [{'id': 1, 'file_name': '1.jpg'}],
        'categories': [{'id': 1, 'name': name}],
        'annotations': [thing],
    }
    (folder / 'annotations').mkdir(parents=True)
    for split in ('train', 'val'):
        (folder / 'annotations' / f'instances_{split}2017.json').write_text(json.dumps(content))


def test_what_would_not_be_read_is_not_built(build, tmp_path):
    coco_of(tmp_path / 'empty', '')
    process = build('coco', '--root', 'empty', '--out', 'out')
    assert process.returncode == 1
    sentence = "the name of class 1, '', is empty\n"
    assert process.stderr.endswith(sentence)
    assert not (tmp_path / 'out').exists()
    coco_of(tmp_path / 'sound', 'cat')
    assert build('coco', '--root', 'sound', '--out', 'out').returncode == 0
    assert read_annotations(tmp_path / 'out' / 'train').classes == ['cat']


def test_a_path_that_grows_too_long_is_refused_before_anything_is_written(build, tmp_path):
    """Written, it begins with ``images/``."""
    (tmp_path / 'own').mkdir()
    for split in ('train', 'test'):
        (tmp_path / 'own' / f'{split}.csv').write_text(f'image,cat\n{split[0] * 4090},1\n')
    process = build('csv', '--root', 'own', '--out', 'out')
    assert process.returncode == 1
    message = "error: the training set of 'own': the name of image 1, 'images/ttt"
    assert process.stderr.startswith(message)
    assert 'has 4097 characters' in process.stderr
    assert not (tmp_path / 'out').exists()


@pytest.mark.parametrize(
    ('classes', 'train', 'test'),
    [
        (['a'], [[0]], [[0]]),
        (['a'], [[]], [[]]),
        (['a', 'b'], [[]], [[]]),
        (['a', 'b', 'c'], [[0, 1, 2]] * 3, [[0, 1, 2]]),
        (['a', 'b', 'c'], [[0], [0, 1]], [[0, 1, 2]]),
        (['猫', '$b', 'c' * 255], [[0], [0, 1]], [[0], [1]]),
    ],
)
@pytest.mark.parametrize(
    'groups', [(), ('--head', '0', '--tail', '0'), ('--head', '2', '--tail', '1')]
)
def test_stats_of_sets_where_nothing_varies(
    tmp_path, monkeypatch, capsys, classes, train, test, groups
):
    for name, rows in (('train', train), ('test', test)):
        paths = [f'{name}{i}' for i in range(len(rows))]
        write_json(tmp_path / f'{name}.json', Annotations(classes, paths, rows))
    monkeypatch.setattr(sys, 'argv', ['build_dataset', 'stats', str(tmp_path), *groups])
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        main()
    out, err = capsys.readouterr()
    assert err == ''
    assert 'nan' not in out
    varies = all(
        len({sum(c in row for row in rows) for c in range(len(classes))}) > 1
        for rows in (train, test)
    )
    assert ('training and test: none' in out) == (not varies)


@pytest.mark.parametrize('command', [['inspect'], ['table', '--out', 'out', '--root']])
def test_what_is_understood_is_said_before_the_rows_that_are_not(build, tmp_path, command):
    table = tmp_path / 'photos' / 'train.csv'
    table.parent.mkdir()
    table.write_text('filename,tags\na.jpg,cat|dog\nb.jpg,\n')
    process = build(*command, table if command == ['inspect'] else table.parent)
    assert process.returncode == 1
    assert "pictures: in the column 'filename' (--image-column)" in process.stdout
    assert "labels: in the column 'tags', names parted by '|'" in process.stdout
    assert 'no label in line 3' in process.stderr
    assert '--blank negative' in process.stderr
