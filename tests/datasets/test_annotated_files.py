import os
import subprocess
import sys

import cv2
import mmcv
import numpy as np
import pytest
from bombs import picture_of_scans, picture_of_zeros, small_picture_in_a_large_tile
from PIL import ExifTags, Image

from dbl.dataset_tools.check import check_image
from dbl.datasets import AnnotatedFiles, annotated_files, picture_header
from dbl.errors import InputError


@pytest.fixture
def source(photo_folder):
    return AnnotatedFiles('train', data_root=str(photo_folder))


def test_paths_are_relative_to_the_annotations(photo_folder, source):
    assert source.name == str(photo_folder / 'train.csv')
    assert source.annotations.class_freq == [40, 20, 10]
    assert source.path(3) == photo_folder / 'train3.png'
    assert source.read(3).shape == (40, 50, 3)
    assert AnnotatedFiles(f'{photo_folder}/train.csv').name == source.name
    assert AnnotatedFiles(f'{photo_folder}/train.csv', data_root='elsewhere').name == source.name


def test_missing_pictures_are_counted_and_named(photo_folder, source):
    source.check_images()
    (photo_folder / 'train3.png').unlink()
    (photo_folder / 'train8.png').unlink()
    with pytest.raises(InputError, match=r'2 of the 40 images .* the first is .*train3.png'):
        source.check_images()
    with pytest.raises(InputError, match=r'train3.png. of .*train.csv. does not exist'):
        source.read(3)


def test_paths_from_the_working_directory_are_recognised(photo_folder, monkeypatch):
    table = photo_folder / 'train.csv'
    table.write_text(table.read_text().replace('train3', f'{photo_folder.name}/train3'))
    source = AnnotatedFiles('train', data_root=str(photo_folder))
    with pytest.raises(InputError, match='folder of the table: put the images there'):
        source.check_images()
    monkeypatch.chdir(photo_folder.parent)
    path = f'{photo_folder.name}/train3.png'
    with pytest.raises(InputError, match=rf"not to the working directory, where '{path}' exists"):
        source.check_images()


@pytest.mark.parametrize('content', [b'', b'not a picture'])
def test_a_broken_picture_is_named(photo_folder, source, content):
    (photo_folder / 'train3.png').write_bytes(content)
    with pytest.raises(InputError, match=r'train3.png. cannot be decoded.*train.csv'):
        source.read(3)


def test_which_images_are_wider_than_high(photo_folder, source):
    """40x50 pixels all; one made high, one square, and one high one to be turned by its EXIF."""
    for name, size, orientation in (('train1', (40, 50), 1), ('train2', (40, 40), 1)) + (
        ('train3', (40, 50), 6),
    ):
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = orientation
        path = photo_folder / f'{name}.png'
        Image.new('RGB', size).save(path, 'JPEG', exif=exif)
    wide = source.wider_than_high()
    assert wide.tolist() == [True, False, False, True] + [True] * 36
    for i in range(4):
        height, width = source.read(i).shape[:2]
        assert wide[i] == (width > height)


def test_bytes_are_those_of_the_decoded_pictures(photo_folder, source):
    Image.new('L', (20, 30)).save(photo_folder / 'train1.png')
    (photo_folder / 'train7.png').write_bytes(b'broken')
    found = source.picture_bytes()
    assert found[:2] == [source.read(0).nbytes, source.read(1).nbytes] == [6000, 1800]
    assert found[7] == 0


def test_a_broken_header_is_named(photo_folder, source):
    (photo_folder / 'train7.png').write_bytes(b'broken')
    with pytest.raises(InputError, match=r"train7.png' cannot be decoded"):
        source.wider_than_high()


def test_labels_and_headers_need_no_torch(photo_folder):
    code = (
        'import sys\n'
        'from dbl.datasets import AnnotatedFiles, ShapesMLT\n'
        "source = AnnotatedFiles('train')\n"
        'source.check_images(), source.wider_than_high(), source.annotations.sha256\n'
        "ShapesMLT('test').read(0)\n"
        "sys.exit('torch' in sys.modules)\n"
    )
    subprocess.run([sys.executable, '-c', code], cwd=photo_folder, check=True)


def test_a_picture_above_the_limit_is_refused_before_it_is_decoded(
    photo_folder, source, monkeypatch
):
    """The picture of zeros would unpack to 400 million pixels of 3 bytes; it has 49 kB."""
    path = picture_of_zeros(photo_folder / 'train3.png', 20_000)
    assert path.stat().st_size < 60_000
    monkeypatch.setattr(mmcv, 'imread', lambda path: pytest.fail('decodes'))
    message = rf"pixels of '{path}' are 400000000, but at most 70000000 .* DBL_MAX_PIXELS=4"
    for read in (lambda: source.read(3), source.picture_bytes, source.wider_than_high):
        with pytest.raises(InputError, match=message):
            read()
    monkeypatch.undo()
    monkeypatch.setenv('DBL_MAX_PIXELS', '1999')  # the others have 2000
    with pytest.raises(InputError, match=r"train7.png' are 2000, but at most 1999"):
        source.read(7)
    monkeypatch.setenv('DBL_MAX_PIXELS', '400000000')
    assert source.picture_bytes()[3] == 1_200_000_000, 'who trusts it may have it'


@pytest.mark.parametrize(('form', 'counted'), [('WEBP', 4000), ('JPEG2000', 4000), ('PNG', 2000)])
def test_forms_that_are_held_twice_count_twice(photo_folder, source, monkeypatch, form, counted):
    Image.new('RGB', (50, 40)).save(photo_folder / 'train3.png', form)
    monkeypatch.setenv('DBL_MAX_PIXELS', str(counted))
    source.read(3)
    monkeypatch.setenv('DBL_MAX_PIXELS', str(counted - 1))
    with pytest.raises(InputError, match=f'pixels of .* are {counted}'):
        AnnotatedFiles('train', str(photo_folder)).read(3)


def test_a_jpeg_of_very_many_scans_is_refused(photo_folder, source):
    """Decoding goes over all of the picture for each."""
    picture_of_scans(photo_folder / 'train3.png', 2)
    assert source.read(3).shape == (64, 64, 3)
    path = picture_of_scans(photo_folder / 'train4.png', 500)
    assert path.stat().st_size < 20_000
    with pytest.raises(
        InputError, match=rf"scans of '{path}' are 5\d\d, but at most 100 are allowed"
    ):
        source.read(4)
    assert check_image(path).kind == 'above DBL_MAX_PIXELS or DBL_MAX_SCANS'


def test_pillow_s_own_limit_neither_holds_nor_warns(photo_folder, source, monkeypatch, recwarn):
    monkeypatch.setattr(Image, 'MAX_IMAGE_PIXELS', 500)
    assert source.picture_bytes() == [6000] * 40
    assert source.wider_than_high().all()
    assert source.read(0).shape == (40, 50, 3)
    assert (Image.MAX_IMAGE_PIXELS, len(recwarn)) == (500, 0), 'it is as it was'


def test_tiles_count_that_are_larger_than_their_picture(photo_folder, source):
    """64 x 64 pixels in a tile of 11,000 x 11,000, as the format allows."""
    small_picture_in_a_large_tile(photo_folder / 'train3.png', 64, 11_000)
    with pytest.raises(InputError, match='are 121000000, but at most'):
        source.read(3)


def test_a_header_is_read_once(source, monkeypatch):
    times = []
    monkeypatch.setattr(
        annotated_files,
        'open_picture',
        lambda path: times.append(path) or picture_header.open_picture(path),
    )
    for _ in range(3):
        source.read(0)
    assert times == [source.path(0)]
    source.wider_than_high()
    times.clear()
    source.read(1)
    assert times == []


def test_what_pillow_cannot_open_is_left_to_opencv(photo_folder, source):
    cv2.imwrite(str(photo_folder / 'a.hdr'), np.full((40, 50, 3), 0.5, np.float32))
    (photo_folder / 'a.hdr').rename(photo_folder / 'train3.png')
    assert source.picture_bytes()[3] == 0
    assert source.read(3).shape == (40, 50, 3)


def test_a_pipe_does_not_hold_the_run_up(photo_folder, source):
    (photo_folder / 'train3.png').unlink()
    os.mkfifo(photo_folder / 'train3.png')
    assert source.picture_bytes()[3] == 0
    with pytest.raises(InputError, match=r'1 of the 40 images in .* does not exist'):
        source.check_images()
    with pytest.raises(InputError, match=r"train3.png' of .* does not exist"):
        source.read(3)
