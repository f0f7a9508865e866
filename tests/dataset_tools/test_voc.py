from time import perf_counter

import pytest
from bombs import beginning

from dbl.dataset_tools.build import build_voc
from dbl.dataset_tools.published import published_subset
from dbl.dataset_tools.voc import CLASSES, read_voc_labels
from dbl.errors import InputError


def test_reads_the_class_files(devkit):
    image_ids, labels = read_voc_labels(devkit, 2012, 'trainval')
    assert image_ids[9] == '2012_000009'
    assert len(labels) == 10
    assert [labels[3], labels[9]] == [[3], [0, 9]]


def test_voc_mlt_worked_out_by_hand(write_class_files, tmp_path):
    """Nine images of two classes each, ten of a person, seven of them before a train.

    Reference counts of 20 classes are 800, 529, ... 11 (15th), ... 5, 4. Expected re-sampling,
    sum_j p(i|j), is 2 for the classes of the pairs, 1 + 7/7 = 2 for person, and 1 + 7/10 for train,
    which comes last: its reference is 4. Person is 15th, ties going by the alphabet. So all images
    are taken before train is visited, and three of its seven removed, persons with them.
    """
    person, train = CLASSES.index('person'), CLASSES.index('train')
    others = [c for c in range(20) if c not in (person, train)]
    pairs = [{others[i], others[i + 1]} for i in range(0, 18, 2)]
    rows = pairs + [{person}] * 3 + [{person, train}] * 7
    write_class_files(2012, 'trainval', rows)
    write_class_files(2007, 'test', [{0}, {1}])
    subset, test = build_voc(tmp_path / 'VOCdevkit')
    numbers = [int(path[-10:-4]) for path in subset.image_paths]
    assert numbers[:12] == list(range(12))
    assert len(numbers) == 16
    assert numbers == sorted(set(numbers))
    assert [subset.class_freq[c] for c in (person, train)] == [7, 4]
    assert {subset.class_freq[c] for c in others} == {1}
    assert subset.built['counts'][14:] == [11, 9, 7, 6, 5, 4]
    assert test.label_indices == [[0], [1]]


def test_voc_mlt_is_the_published_one(shared):
    published = published_subset('voc_mlt')
    train, test = build_voc(shared / 'VOCdevkit')
    assert [path.split('/')[-1][:-4] for path in train.image_paths] == published.image_ids
    assert train.class_freq == published.class_freq
    assert len(test) == 4952


@pytest.fixture
def xml_devkit(devkit):
    """The same devkit with XML annotations instead of class files."""
    for year, split in ((2012, 'trainval'), (2007, 'test')):
        folder = devkit / f'VOC{year}'
        (folder / 'Annotations').mkdir()
        names = [f'{year}_{i:06d}' for i in range(10)]
        for i, name in enumerate(names):
            objects = [(CLASSES[i], 0), (CLASSES[i], 1)] + [(CLASSES[0], 1)] * (i == 9)
            text = ''.join(
                f'<object><name>{c}</name><difficult>{d}</difficult>'
                '<part><name>head</name></part></object>'
                for c, d in objects
            )
            path = folder / 'Annotations' / f'{name}.xml'
            path.write_text(f'<annotation>{text}</annotation>')
        for path in (folder / 'ImageSets' / 'Main').iterdir():
            path.unlink()
        listing = folder / 'ImageSets' / 'Main' / f'{split}.txt'
        listing.write_text('\n'.join(names) + '\n')
    return devkit


@pytest.mark.parametrize('difficult', [True, False])
def test_class_files_and_xml_give_the_same_labels(devkit, request, difficult):
    splits = ((2012, 'trainval'), (2007, 'test'))
    from_files = [read_voc_labels(devkit, *split, difficult) for split in splits]
    request.getfixturevalue('xml_devkit')
    from_xml = [read_voc_labels(devkit, *split, difficult) for split in splits]
    assert from_xml == from_files
    assert from_xml[0][1][9] == ([0, 9] if difficult else [9])


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        (None, 'nor do the class files in ImageSets/Main; unpack'),
        ('<annotation><object>', 'is not an XML annotation of VOC'),
        ('<a><object><name>yak</name></object></a>', "an object is of class 'yak'"),
        ('<a><object/></a>', 'object 1 has no name'),
        ('<?xml version="1.0" encoding="foo"?><a/>', 'is not an XML annotation of VOC'),
    ],
)
def test_a_bad_xml_is_named(xml_devkit, text, message):
    path = xml_devkit / 'VOC2012' / 'Annotations' / '2012_000003.xml'
    path.unlink() if text is None else path.write_text(text)
    with pytest.raises(InputError, match=message) as error:
        read_voc_labels(xml_devkit, 2012, 'trainval')
    assert '2012_000003.xml' in str(error.value)


@pytest.mark.parametrize(
    ('file', 'text', 'message'),
    [
        ('cow_trainval.txt', None, 'does not exist; --root must be a VOCdevkit'),
        ('cow_trainval.txt', 'a 1\nb 2\n', 'line 2: expected a new image id and -1, 0 or 1'),
        ('cow_trainval.txt', 'a 1\na 1\n', 'line 2: expected a new image id'),
        ('cow_trainval.txt', 'a 1\n', 'cow_trainval.txt lists no images, or others than aero'),
        ('aeroplane_trainval.txt', '', 'aeroplane_trainval.txt lists no images'),
        ('cow_trainval.txt', b'caf\xe9 1\n', "cow_trainval.txt' is not text in UTF-8"),
    ],
)
def test_a_bad_devkit_is_named(devkit, file, text, message):
    path = devkit / 'VOC2012' / 'ImageSets' / 'Main' / file
    if text is None:
        path.unlink()
    else:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=message):
        read_voc_labels(devkit, 2012, 'trainval')


LAUGHS = ''.join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))


def test_entities_that_multiply_are_refused(xml_devkit):
    """Ten to the ninth times a word of three letters, in 600 bytes."""
    path = xml_devkit / 'VOC2012' / 'Annotations' / '2012_000003.xml'
    path.write_text(
        f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]><a><object><name>&l9;</name></object></a>'
    )
    with pytest.raises(
        InputError, match=r'2012_000003.xml. is not an XML annotation of VOC: limit'
    ):
        read_voc_labels(xml_devkit, 2012, 'trainval')


def test_a_large_xml_is_refused_before_it_is_parsed(xml_devkit, monkeypatch):
    path = xml_devkit / 'VOC2012' / 'Annotations' / '2012_000003.xml'
    text = '<a b="{}"><object><name>cow</name></object></a>'
    path.write_text(text.format('x' * 10**6))
    size = path.stat().st_size
    message = rf"the bytes of '{path}' are {size}, but at most 1000000 .* DBL_MAX_XML={size} in"
    with pytest.raises(InputError, match=message):
        read_voc_labels(xml_devkit, 2012, 'trainval')
    monkeypatch.setenv('DBL_MAX_XML', str(size))
    assert read_voc_labels(xml_devkit, 2012, 'trainval')[1][3] == [CLASSES.index('cow')]


def test_a_long_value_takes_no_longer_than_its_length(xml_devkit, monkeypatch):
    """Who trusts an attribute of 50 MB may have it: it took a minute when fed in pieces."""
    path = xml_devkit / 'VOC2012' / 'Annotations' / '2012_000003.xml'
    path.write_text(f'<a b="{"x" * 50_000_000}"/>')
    monkeypatch.setenv('DBL_MAX_XML', '60000000')
    start = perf_counter()
    assert read_voc_labels(xml_devkit, 2012, 'trainval')[1][3] == []
    assert perf_counter() - start < 20


@pytest.mark.parametrize(
    'name', ['../../../secret', '/secret', 'a' * 5000, 'a\x1bb'], ids=beginning
)
@pytest.mark.parametrize('form', ['devkit', 'xml_devkit'])
def test_an_image_id_is_no_way_out_of_the_folder(devkit, request, form, name):
    request.getfixturevalue(form)
    main = devkit / 'VOC2012' / 'ImageSets' / 'Main'
    for path in main.iterdir():
        path.write_text(path.read_text().replace('2012_000003', name))
    with pytest.raises(InputError, match='the name of image 4, ') as error:
        read_voc_labels(devkit, 2012, 'trainval')
    assert len(str(error.value)) < 500


def test_a_long_line_is_not_shown_whole(devkit):
    path = devkit / 'VOC2012' / 'ImageSets' / 'Main' / 'cow_trainval.txt'
    path.write_text('a' * 99_999)
    with pytest.raises(InputError, match=r"and -1, 0 or 1, but got 'a{80}\.\.\.'"):
        read_voc_labels(devkit, 2012, 'trainval')
