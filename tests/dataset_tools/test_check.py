import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from bombs import picture_of_zeros, small_picture_in_a_large_tile
from PIL import Image

from dbl.dataset_tools import check
from dbl.dataset_tools.check import Finding, check_annotations, check_image, check_images
from dbl.datasets import AnnotatedFiles
from dbl.errors import InputError


def picture(path, size=(50, 40), **options):
    pixels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path, **options)
    return path


def test_a_sound_folder_has_no_findings(photo_folder):
    findings, splits = check_annotations(photo_folder)
    assert findings == []
    paths = [photo_folder / path for path in splits['train'].image_paths]
    assert list(check_images(paths)) == [None] * 40


@pytest.mark.parametrize('suffix', ['jpg', 'png'])
def test_what_is_wrong_with_an_image(tmp_path, suffix):
    sound = picture(tmp_path / f'sound.{suffix}')
    assert check_image(sound) is None
    content = sound.read_bytes()
    for kind, bad in (
        ('truncated or damaged', content[: len(content) // 2]),
        ('truncated or damaged', content[:-2]),
        ('empty file', b''),
        ('not an image', b'<html>not found</html>'),
    ):
        (tmp_path / f'bad.{suffix}').write_bytes(bad)
        assert check_image(tmp_path / f'bad.{suffix}').kind == kind
    assert check_image(tmp_path / 'none.png') == Finding('missing', str(tmp_path / 'none.png'))
    assert check_image(picture(tmp_path / f'small.{suffix}', (31, 99))).kind == 'under 32 px'
    assert check_image(picture(tmp_path / f'least.{suffix}', (32, 99))) is None


def write(folder, split, classes, rows):
    data_list = [{'img_path': path, 'labels': labels} for path, labels in rows]
    content = {'metainfo': {'classes': classes}, 'data_list': data_list}
    (folder / f'{split}.json').write_text(json.dumps(content))


def test_what_is_wrong_with_the_annotations(tmp_path):
    write(tmp_path, 'train', ['ant', 'bee'], [('a', [0]), ('b', [0]), ('a', [0]), ('a', [])])
    write(tmp_path, 'test', ['ant', 'bee', 'cow'], [('b', [1]), ('c', [1])])
    findings, _ = check_annotations(tmp_path)
    assert findings == [
        Finding(
            'duplicate row', f"'{tmp_path}/train.json': image 3 is 'a', as is image 1; keep one"
        ),
        Finding(
            'duplicate row', f"'{tmp_path}/train.json': image 4 is 'a', as is image 1; keep one"
        ),
        Finding('in training and test', 'b'),
        Finding('class of one split alone', 'cow, of test'),
        Finding('class without training images', 'bee'),
        Finding('class without test images', 'ant'),
        Finding('class without test images', 'cow'),
    ]


def test_classes_in_another_order_are_a_finding(tmp_path):
    write(tmp_path, 'train', ['ant', 'bee'], [('a', [0, 1])])
    write(tmp_path, 'test', ['bee', 'ant'], [('b', [0, 1])])
    assert check_annotations(tmp_path)[0] == [
        Finding('classes in another order', 'training and test')
    ]


def test_images_for_validation_are_compared_with_both_others(tmp_path):
    write(tmp_path, 'train', ['ant', 'bee'], [('a', [0]), ('b', [1])])
    write(tmp_path, 'test', ['ant', 'bee'], [('c', [0, 1])])
    write(tmp_path, 'val', ['ant', 'bee'], [('d', [0]), ('./b', [1]), ('c', [1])])
    findings, splits = check_annotations(tmp_path)
    assert findings == [
        Finding('in training and validation', 'b'),
        Finding('in test and validation', 'c'),
    ]
    assert splits['val'].image_paths == ['d', 'b', 'c']


def test_a_class_that_validation_does_not_show_is_no_finding(tmp_path):
    for split in ('train', 'test'):
        write(tmp_path, split, ['ant', 'bee'], [(split, [0, 1])])
    write(tmp_path, 'val', ['ant', 'bee'], [('val', [0])])
    assert check_annotations(tmp_path)[0] == []


def test_classes_of_three_splits_that_differ_are_findings(tmp_path):
    write(tmp_path, 'train', ['ant', 'bee'], [('a', [0, 1])])
    write(tmp_path, 'test', ['ant', 'cow'], [('b', [0, 1])])
    write(tmp_path, 'val', ['ant', 'bee'], [('c', [0])])
    assert check_annotations(tmp_path)[0] == [
        Finding('class that one split lacks', 'bee, not of test'),
        Finding('class of one split alone', 'cow, of test'),
    ]
    write(tmp_path, 'test', ['ant', 'bee'], [('b', [0, 1])])
    write(tmp_path, 'val', ['bee', 'ant'], [('c', [0])])
    assert check_annotations(tmp_path)[0] == [
        Finding('classes in another order', 'training and validation'),
        Finding('classes in another order', 'test and validation'),
    ]


def test_a_validation_file_that_cannot_be_read_is_a_finding(photo_folder):
    (photo_folder / 'val.csv').write_text('')
    findings, splits = check_annotations(photo_folder)
    assert [finding.kind for finding in findings] == ['annotations']
    assert "val.csv, line 1: expected the header 'image," in findings[0].where
    assert [*splits] == ['train', 'test']
    (photo_folder / 'val.csv').unlink()
    (photo_folder / 'val.csv').symlink_to('nowhere.csv')
    (finding,), _ = check_annotations(photo_folder)
    assert "val.json', '.csv' and '.jsonl' exists" in finding.where


def test_two_files_of_one_split_are_a_finding(photo_folder):
    for suffix in ('csv', 'json'):
        (photo_folder / f'val.{suffix}').touch()
    (finding,), _ = check_annotations(photo_folder)
    assert finding.kind == 'annotations'
    assert finding.where.endswith("val.csv' exist; keep one of them")


def test_what_training_does_not_decode_is_a_finding(tmp_path):
    for suffix in ('tga', 'pcx', 'ico'):
        path = picture(tmp_path / f'a.{suffix}', (64, 64))
        assert check_image(path).kind == 'of a form that training does not read'
    for suffix in ('webp', 'bmp', 'tiff', 'ppm'):
        assert check_image(picture(tmp_path / f'a.{suffix}', (64, 64))) is None


def test_a_huge_image_is_read_as_in_training(tmp_path, monkeypatch):
    path = picture(tmp_path / 'a.png', (100, 100))
    monkeypatch.setattr(Image, 'MAX_IMAGE_PIXELS', 4999)
    assert check_image(path) is None
    monkeypatch.setattr(Image, 'MAX_IMAGE_PIXELS', 5001)
    assert list(check_images([path])) == [None], 'without a warning'


def test_what_cannot_be_looked_at_is_a_finding(tmp_path):
    (tmp_path / 'folder').mkdir()
    (tmp_path / 'loop').symlink_to('loop')
    for name in ('folder', 'loop', 'x' * 300):
        assert check_image(tmp_path / name).kind == 'missing'


def test_one_image_under_two_names_is_a_duplicate(tmp_path):
    write(tmp_path, 'train', ['ant'], [('a/r', [0]), ('./a//r', [0])])
    write(tmp_path, 'test', ['ant'], [('a/../a/r', [0])])
    kinds = [finding.kind for finding in check_annotations(tmp_path)[0]]
    assert kinds == ['duplicate row', 'in training and test']


def test_labels_of_unknown_classes_are_a_finding(tmp_path):
    for split in ('train', 'test'):
        write(tmp_path, split, ['ant'], [(split, [0]), (f'{split}2', [0, 1])])
    findings, _ = check_annotations(tmp_path)
    assert [finding.kind for finding in findings] == ['unknown class'] * 2
    assert 'data_list[1]: labels must lie in [0, 1), but got [0, 1]' in findings[0].where


def test_every_row_that_does_not_fit_is_a_finding(tmp_path):
    write(tmp_path, 'train', ['ant'], [('a', [1]), ('b', [0]), (3, [0]), ('', [0])])
    (tmp_path / 'test.csv').write_text('image,ant\nc,1\nd,2\ne\n')
    findings, splits = check_annotations(tmp_path)
    assert {f.kind for f in findings} == {'unreadable row', 'unknown class'}
    places = ['data_list[0]: labels must', 'data_list[2]: img_path', "image 2, '', is empty"]
    places += ["test.csv, line 3, class 'ant'", 'test.csv, line 4: expected 2 cells']
    for finding, place in zip(findings, places, strict=True):
        assert place in finding.where
    assert splits['train'].image_paths == ['b']
    assert splits['test'].image_paths == ['c']


def test_rows_of_a_jsonl_that_do_not_fit_are_findings(tmp_path):
    lines = ['{"image": "a", "labels": ["ant"]}', 'x', '{"image": "b", "labels": ["ant", "ant"]}']
    (tmp_path / 'train.jsonl').write_text('\n'.join(lines))
    (tmp_path / 'test.jsonl').write_text(lines[0].replace('"a"', '"c"'))
    findings, splits = check_annotations(tmp_path)
    assert [finding.where.split(': ')[0] for finding in findings] == [
        f'{tmp_path}/train.jsonl, line {number}' for number in (2, 3)
    ]
    assert splits['train'].image_paths == ['a']


def test_annotations_that_cannot_be_read_are_a_finding(tmp_path):
    (tmp_path / 'train.json').write_text('{}')
    findings, splits = check_annotations(tmp_path)
    assert [finding.kind for finding in findings] == ['annotations', 'annotations']
    assert 'must hold metainfo.classes' in findings[0].where
    assert 'none of' in findings[1].where
    assert splits == {}


@pytest.mark.parametrize(
    ('mode', 'suffix'),
    [('CMYK', 'jpg'), ('L', 'jpg'), ('P', 'png'), ('RGBA', 'png'), ('LA', 'png'), ('1', 'png')],
)
def test_pictures_of_every_mode_become_rgb(photo_folder, mode, suffix):
    """Flat colours, so that no decoder's rounding matters."""
    flat = Image.new('RGB', (50, 40), (200, 40, 90)).convert(mode)
    flat.save(photo_folder / 'train0.png', 'JPEG' if suffix == 'jpg' else 'PNG')
    assert check_image(photo_folder / 'train0.png') is None
    image = AnnotatedFiles('train', data_root=str(photo_folder)).read(0)
    assert (image.shape, image.dtype) == ((40, 50, 3), np.uint8)
    expected = np.asarray(flat.convert('RGB'))[..., ::-1]
    assert np.abs(image.astype(int) - expected).max() <= 3


def test_sixteen_bits_keep_the_upper_eight(photo_folder):
    grey = np.full((40, 50), 0x9ABC, dtype=np.uint16)
    Image.fromarray(grey).save(photo_folder / 'train0.png')
    assert check_image(photo_folder / 'train0.png') is None
    image = AnnotatedFiles('train', data_root=str(photo_folder)).read(0)
    assert image.dtype == np.uint8
    assert np.abs(image.astype(int) - 0x9A).max() <= 1


def test_a_picture_above_the_limit_is_a_finding_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(check, '_is_decoded', lambda path, see: pytest.fail('decodes'))
    paths = [
        picture_of_zeros(tmp_path / 'zeros.png', 20_000),
        small_picture_in_a_large_tile(tmp_path / 'tile.tiff', 64, 11_000),
    ]
    kind = 'above DBL_MAX_PIXELS or DBL_MAX_SCANS'
    assert list(check_images(paths)) == [Finding(kind, str(path)) for path in paths]
    monkeypatch.undo()
    small = picture(tmp_path / 'small.png', (50, 40))
    for limit, found in (('1999', kind), ('2000', None)):
        monkeypatch.setenv('DBL_MAX_PIXELS', limit)
        finding = check_image(small)
        assert (finding and finding.kind) == found
    monkeypatch.setenv('DBL_MAX_PIXELS', 'many')
    with pytest.raises(InputError, match=r"DBL_MAX_PIXELS must be a whole number.* 'many'"):
        list(check_images([small]))


MEASURED = """
import resource, sys
from pathlib import Path
from dbl.dataset_tools.check import check_images

def peak():  # of this program alone: in a child, ru_maxrss begins with its parent's
    return int(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]) / 1e3

before = peak()
print([finding.kind for finding in check_images(map(Path, sys.argv[1:]))], peak() - before < 50)
"""


@pytest.mark.skipif(not os.path.exists('/proc/self/status'), reason='measured as Linux says it')
def test_what_is_above_the_limit_costs_no_memory(tmp_path):
    path = picture_of_zeros(tmp_path / 'zeros.png', 20_000)
    command = [sys.executable, '-c', MEASURED, *[str(path)] * 8]
    process = subprocess.run(command, capture_output=True, text=True)
    assert process.stdout == f'{["above DBL_MAX_PIXELS or DBL_MAX_SCANS"] * 8} True\n', (
        process.stderr
    )


def test_no_more_is_decoded_at_a_time_than_the_largest_picture_has(tmp_path, monkeypatch):
    """Of pictures with 2000 pixels, two where 5000 are allowed, whatever the threads."""
    path = picture(tmp_path / 'a.png', (50, 40))
    at_work, most_at_work = [], []

    def decoded(path, see):
        at_work.append(path)
        most_at_work.append(len(at_work))
        time.sleep(0.01)
        at_work.remove(path)
        return True

    monkeypatch.setattr(check, '_is_decoded', decoded)
    monkeypatch.setattr(os, 'cpu_count', lambda: 8)
    monkeypatch.setenv('DBL_MAX_PIXELS', '5000')
    assert list(check_images([path] * 20)) == [None] * 20
    assert max(most_at_work) == 2


def test_forms_that_training_does_not_read_are_not_decoded(tmp_path, monkeypatch):
    monkeypatch.setattr(check, '_is_decoded', lambda path, see: pytest.fail('decodes'))
    path = picture(tmp_path / 'a.eps')  # of which Pillow would have Ghostscript made a picture
    assert check_image(path).kind == 'of a form that training does not read'


def test_a_split_without_a_row_that_fits_is_left_out(tmp_path):
    (tmp_path / 'train.csv').write_text('image,ant\n../a,1\n../b,0\n')
    (tmp_path / 'test.csv').write_text('image,ant\nc,1\n')
    findings, splits = check_annotations(tmp_path)
    assert [*splits] == ['test']
    assert [finding.kind for finding in findings] == ['unreadable row'] * 2 + ['annotations']
    assert findings[2].where == f"'{tmp_path}/train.csv' names no image that fits"


def test_long_names_and_cells_are_shown_by_their_beginning(tmp_path):
    (tmp_path / 'train.csv').write_text(f'image,ant\na,{"1" * 99_999}\n{"b" * 99_999},1\nc,1\n')
    (tmp_path / 'test.csv').write_text(f'image,{"a" * 99_999}\nd,1\n')
    findings, _ = check_annotations(tmp_path)
    assert len(findings) == 3
    assert all(len(finding.where) < 500 for finding in findings)
