import subprocess
import sys

import pytest
from PIL import ExifTags, Image

from dbl.datasets import AnnotatedFiles
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
