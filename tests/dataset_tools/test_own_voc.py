"""One's own data in VOC's form, and VOC-MLT made of XML files."""

import pytest

from dbl.dataset_tools.own_voc import read_voc_files
from dbl.dataset_tools.voc_folders import find_voc_files
from dbl.datasets import read_annotations
from dbl.errors import InputError
from dbl.label_files import voc_form
from dbl.label_files.answers import Answers

MAIN = 'ImageSets/Main'


def xml(*names, difficult=0):
    objects = ''.join(
        f'<object><name>{name}</name><difficult>{difficult}</difficult></object>' for name in names
    )
    return f'<annotation>{objects}</annotation>'


def devkit_of(*names):
    """A devkit of XML files, a picture for each name in each year."""
    files = {}
    for year, split in ((2012, 'trainval'), (2007, 'test')):
        ids = [f'{year}_{i:06}' for i in range(len(names))]
        files |= {f'VOC{year}/Annotations/{i}.xml': xml(n) for i, n in zip(ids, names, strict=True)}
        files[f'VOC{year}/{MAIN}/{split}.txt'] = '\n'.join(ids)
    return files


@pytest.fixture
def parsed(monkeypatch):
    """The XML files in the order in which they are parsed."""
    paths = []
    once = voc_form.read_objects
    monkeypatch.setattr(voc_form, 'read_objects', lambda path: paths.append(path) or once(path))
    return paths


@pytest.mark.parametrize('names', [('dog', 'cat', 'person'), ('helmet', 'vest', 'dog')])
def test_each_xml_file_is_parsed_once(write, build, parsed, names):
    assert 'written to' in build('voc', write(devkit_of(*names)))
    assert len(parsed) == len({*parsed}) == 6


def test_what_is_made_of_a_devkit_is_said(write, build, tmp_path):
    root = write(devkit_of('dog', 'cat', 'person'))
    said = build('voc', root)
    assert 'made: VOC-MLT' in said
    train = read_annotations(tmp_path / 'out' / 'train')
    assert train.built['counts'][:2] == [800, 529]
    assert len(train.classes) == 20
    said = build('voc', root, '--max', '300')
    assert 'made: a set of your own, and not VOC-MLT, which takes no --max' in said
    assert 'the published' not in said
    train = read_annotations(tmp_path / 'out' / 'train')
    assert train.built['counts'][0] == 300
    assert train.classes == ['cat', 'dog', 'person']


def test_class_files_alone_make_own_data_with_the_same_labels(devkit, build, tmp_path):
    said = build('voc', devkit, '--max', '300')
    assert "files: VOC2012's class files of trainval" in said
    assert 'made: a set of your own, and not VOC-MLT, which takes no --max' in said
    own = read_annotations(tmp_path / 'out' / 'test')
    assert 'made: VOC-MLT' in build('voc', devkit)
    published = read_annotations(tmp_path / 'out' / 'test')
    assert own.label_indices == published.label_indices
    assert own.image_paths == published.image_paths
    assert own.classes == published.classes


@pytest.mark.parametrize('folder', ['Train', 'TRAINING', 'train'])
def test_a_folder_is_called_by_a_split_in_whatever_case(write, folder):
    root = write({f'{folder}/a.xml': xml('cat'), 'Valid/b.xml': xml('cat')})
    assert {*find_voc_files(root)} == {'train', 'val'}


def test_two_folders_of_one_split_are_refused(write):
    root = write({'val/a.xml': xml('cat'), 'dev/b.xml': xml('cat'), 'train/c.xml': xml('cat')})
    with pytest.raises(InputError, match='has both dev/ and val/; keep one of them'):
        find_voc_files(root)


def test_what_a_list_of_test_pictures_names_is_not_trained_on(write):
    files = {f'Annotations/{name}.xml': xml('cat') for name in 'abc'}
    readings = read_voc_files(write({**files, f'{MAIN}/test.txt': 'b\n'}), Answers(), True)
    paths = {name: reading.annotations.image_paths for name, reading in readings.items()}
    assert paths == {
        'test': ['JPEGImages/b.jpg'],
        'train': ['JPEGImages/a.jpg', 'JPEGImages/c.jpg'],
    }


def test_difficult_objects_are_left_out_where_there_are_any(write):
    root = write({'train/a.xml': xml('cat'), 'test/b.xml': xml('cat', 'dog')})
    with pytest.raises(InputError, match='--without-difficult has no effect: no object is diffi'):
        read_voc_files(root, Answers(), difficult=False)
    root = write({'test/b.xml': xml('cat', difficult=1), 'test/c.xml': xml('cat')})
    assert read_voc_files(root, Answers(), False)['test'].annotations.label_indices == [[], [0]]


def test_xml_of_cvat_is_told_from_that_of_voc(write):
    root = write({'annotations.xml': '<annotations><image name="a.jpg"/></annotations>'})
    with pytest.raises(InputError, match="is CVAT's export; read it with `build_dataset table`"):
        read_voc_files(root, Answers(), difficult=True)


@pytest.mark.parametrize(
    ('file', 'picture'),
    [
        ('xmls/{}.xml', 'images/{}.jpg'),
        ('annotations/xmls/{}.xml', 'images/{}.png'),
        ('Annotations/{}.XML', 'JPEGImages/{}.jpg'),
        ('images/{}.XML', 'images/{}.JPG'),
    ],
)
def test_xml_files_are_found_in_other_folders(write, file, picture):
    names = 'ab'
    files = {file.format(n): xml(n) for n in names} | {picture.format(n): '' for n in names}
    found = read_voc_files(write(files), Answers(), True)['train'].annotations
    assert found.image_paths == [picture.format(n) for n in names]
    assert found.label_indices == [[0], [1]]


@pytest.mark.parametrize('folder', ['images', 'annotations', 'labels'])
def test_folders_of_splits_may_lie_in_others(write, folder):
    files = {f'{folder}/train/a.xml': xml('cat'), f'{folder}/val/b.xml': xml('cat')}
    root = write({**files, 'images/train/a.jpg': '', 'images/val/b.jpg': ''})
    found = find_voc_files(root)
    assert {name: [picture for _, picture in of] for name, of in found.items()} == {
        'train': ['images/train/a.jpg'],
        'val': ['images/val/b.jpg'],
    }


@pytest.mark.parametrize(
    ('files', 'left_out'),
    [
        (['train/a.xml', 'train/a.jpg'], ''),
        (
            ['train/a.xml', 'train/b.jpg', 'train/c.PNG', 'train/notes.txt'],
            "2 pictures without an XML file, as 'train/b.jpg'",
        ),
        (
            ['Annotations/a.xml', 'JPEGImages/a.jpg', 'JPEGImages/b.jpg'],
            "1 picture without an XML file, as 'JPEGImages/b.jpg'",
        ),
        (['a.xml', 'a.jpg', 'b.jpg'], "1 picture without an XML file, as 'b.jpg'"),
        (['annotations/train/a.xml', 'images/train/a.jpg', 'images/other.jpg'], ''),
    ],
)
def test_pictures_without_an_xml_file_are_counted(write, files, left_out):
    root = write({name: xml('cat') if name.endswith('.xml') else '' for name in files})
    reading = read_voc_files(root, Answers(), True)['train']
    assert reading.understood.get('left out', '') == left_out
    assert len(reading.annotations) == 1


@pytest.mark.parametrize(
    ('files', 'passed'),
    [
        (['train/a.xml', 'train/a.jpg', 'test/b.jpg', 'valid/c.png'], "'test/', 'valid/'"),
        (['train/a.xml', 'train/a.jpg', 'test/notes.txt', 'masks/a.png'], ''),
        (['images/train/a.xml', 'images/train/a.jpg', 'images/val/b.jpg'], "'images/val/'"),
        (['annotations/train/a.xml', 'images/train/a.jpg', 'images/val/b.jpg'], "'images/val/'"),
        (['Annotations/a.xml', 'JPEGImages/a.jpg', 'test/b.jpg'], ''),
        (['train/a.xml', 'train/a.jpg', 'test/._b.jpg'], ''),
    ],
)
def test_folders_of_pictures_without_any_xml_file_are_told(write, files, passed):
    root = write({name: xml('cat') if name.endswith('.xml') else '' for name in files})
    reading = read_voc_files(root, Answers(), True)['train']
    told = f'{passed}: without XML files' if passed else ''
    assert reading.understood.get('passed over', '') == told
    assert len(reading.annotations) == 1


def test_a_folder_of_the_data_that_is_called_as_a_split_is_no_split(write):
    root = write({'train/a.xml': xml('cat'), 'train/a.jpg': '', 'test/b.jpg': ''}) / 'train'
    reading = read_voc_files(root, Answers(), True)['train']
    assert 'passed over' not in reading.understood
    assert reading.annotations.classes == ['cat']


def test_pictures_without_an_xml_file_are_told_once_of_two_splits(write, build):
    files = {f'Annotations/{name}.xml': xml('cat') for name in 'abc'}
    files |= {f'JPEGImages/{name}.jpg': '' for name in 'abcd'}
    said = build('voc', write({**files, f'{MAIN}/test.txt': 'b\n'}), '--no-subset')
    assert said.count("left out: 1 picture without an XML file, as 'JPEGImages/d.jpg'") == 1
    assert 'written to' in said


def test_what_labelme_has_deleted_does_not_count(tmp_path):
    kept, deleted = ('<object><name>{}</name><deleted>{}</deleted></object>',) * 2
    objects = kept.format('cat', 0) + deleted.format('dog', 1)
    (tmp_path / 'a.xml').write_text(f'<annotation>{objects}</annotation>')
    assert voc_form.read_objects(tmp_path / 'a.xml') == [('cat', False)]
