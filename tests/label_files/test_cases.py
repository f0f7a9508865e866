"""Label files as people have them: each builds to labels written by hand, or says what reads it.

Nearly all folders hold the same sixteen pictures under other names, of which every fourth is a test
picture. The labels are written here from the README of the folders and from their files.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dbl.commands import build_dataset
from dbl.dataset_tools.own_data import Pool
from dbl.datasets import Annotations
from dbl.errors import InputError

# What the pictures 0 to 15 show, as places in a case's list of names.
SHOWN = [[*map(int, row.strip('-'))] for row in '0 0 01 0 01 02 0 1 013 0 12 0 - 01 2 0'.split()]
TESTED = (3, 7, 11, 15)
FRACTION = ('--test-fraction', '0.3')


@dataclass(frozen=True)
class Case:
    """A folder, the command that is run on it, and what comes of it.

    Attributes:
        folder: Its name.
        names: The classes.
        path: A picture's path, by its number ``i`` and what follows from that.
        given: Options without which it is not tried.
        refused: What it says without further options; None where it builds.
        options: Those with which it builds; None where none reads it.
        changed: What some pictures show instead; None where they are not listed.
        missing: Pictures that are not there.
    """

    folder: str
    names: Sequence[str] = ('cat', 'dog', 'bird', 'fish')
    path: str = 'images/{i:04}.jpg'
    given: Sequence[str] = ()
    refused: str | None = None
    options: Sequence[str] | None = ()
    changed: Mapping[int, set[str] | None] = field(default_factory=dict)
    missing: int = 0

    def picture(self, i: int) -> str:
        tested = i in TESTED
        return self.path.format(
            i=i, j=i + 1, p=i // 2 + 1, q=i // 2, k=i % 2, v=i % 2 + 1, y=2007 if tested else 2012,
            s='val' if tested else 'train', t='test' if tested else 'train',
        )  # fmt: skip

    def labels(self, numbers: Sequence[int] = range(16)) -> dict[str, set[str]]:
        """What each picture shows."""
        own = {i: {self.names[c] for c in SHOWN[i]} for i in numbers if i < len(SHOWN)}
        shown = own | {i: row for i, row in self.changed.items() if i in numbers}
        return {self.picture(i): row for i, row in shown.items() if row is not None}


FINDINGS, XRAYS = ['Infiltration', 'Effusion', 'Mass', 'Hernia'], '{p:08}_{k:03}.png'
CHEXPERT = ['No Finding', 'Cardiomegaly', 'Edema', 'Fracture']
STUDIES = 'CheXpert-v1.0-small/train/patient{q:05}/study1/view{v}_frontal.jpg'
FACES = ['Smiling', 'Young', 'Eyeglasses', 'Bald']
LEAVES = ['scab', 'rust', 'complex', 'powdery_mildew']
CONCEPTS = ['airport', 'animal', 'clouds', 'tiger']
NUMBERS = ['0', '1', '2', '3']
NAMES = ('--names', 'cat', 'dog', 'bird', 'fish')
NO_FINDING, UNLISTED = {12: {'No Finding'}}, {12: None}
LINES_OF_BLANKS = r"empty cell in line 2 \('\w+'\), .*; --blank negative, positive or unknown says"
NO_LABEL, NEGATIVE = 'no label in .* 1\\d; --blank negative takes', ('--blank', 'negative')
# Four spellings of one class: a picture that shows any shows it.
ONE_CLASS = {i: {'cat'} for i, row in enumerate(SHOWN) if row}
TWICE = {0: {'cat', 'fish'}, 3: {'cat', 'fish'}}
TABLES = [
    Case('01-nih-raw', FINDINGS, f'images_001/images/{XRAYS}', FRACTION, changed=NO_FINDING),
    Case('01b-nih-two-columns', FINDINGS, f'images/{XRAYS}', FRACTION, changed=NO_FINDING),
    Case('02c-floats', CHEXPERT, STUDIES, FRACTION),
    Case('02e-blank-is-zero', CHEXPERT, STUDIES, FRACTION, LINES_OF_BLANKS, NEGATIVE),
    Case('03b-celeba-csv', FACES, 'img_align_celeba/{j:06}.jpg', FRACTION),
    Case(
        '04-plant-pathology', LEAVES, 'train_images/{i:016x}.jpg', FRACTION,
        r"'\w+ \w+' is one class or several; --separator none takes it as one, --separator ' ' ",
        ('--separator', ' '), {12: {'healthy'}},
    ),
    Case(
        '05-human-protein-atlas', NUMBERS, 'train/{i:08x}-bbad-11e8_green.png', FRACTION,
        '16 of the 16 pictures are not .*: --suffix takes those of one ending, of _blue.png, _gr',
        ('--suffix', '_green.png'), {12: {'25'}},
    ),
    Case('06b-no-suffix', ['clear', 'primary', 'water', 'blow_down'], 'train_{i}.jpg'),
    Case(
        '07-open-images-long', ['/m/0bt9lr', '/m/01yrx', '/m/04yx4', '/m/0k4j'], '{i:016x}.jpg',
        FRACTION, changed=UNLISTED,
    ),
    Case('07b-long-form', ['dog', 'cat', 'man', 'car'], '{i:016x}.jpg', FRACTION, changed=UNLISTED),
    Case('09a-bom-crlf'),
    Case('09b-semicolon'),
    Case('09d-header-capital'),
    Case('09e-header-filename'),
    Case('09f-index-column'),
    Case('09h-trailing-column'),
    Case('09i-trailing-commas-rows'),
    Case('09j-blank-lines'),
    Case(
        '09l-gbk', ['猫', '狗', '鸟', '鱼'],
        refused="--encoding says in which: .*gb18030 reads '猫'", options=('--encoding', 'gb18030'),
    ),
    Case('09m-space-after-comma'),
    Case('09n-backslash'),
    Case('09p-absolute'),
    Case('09q-url', refused='a URL instead of a picture in line 2.*--image-column', options=None),
    Case('09r-bare-names'),
    Case('09t-quoted', path='images/a, b {i}.jpg'),
    Case('09u-metadata-01'),
    Case('09v-two-header-lines'),
    Case('09x-nan', refused=LINES_OF_BLANKS, options=NEGATIVE),
    Case('09y-tsv-suffix'),
    Case('09z-last-column-image'),
    Case(
        '09zb-no-header', refused='has no header; --header names its columns',
        options=('--header', 'image', 'cat', 'dog', 'bird', 'fish'), changed={9999: {'cat'}},
        missing=2,
    ),
    Case('09zc-dot-slash'),
    Case('09zd-space-before-name'),
    Case('09zf-cr-only'),
    Case('10a-hf-imagefolder'),
    Case('10b-label-ids', NUMBERS),
    Case('10b-label-ids', given=NAMES),
    Case('10d-one-hot', NUMBERS),
    Case('10d-one-hot', given=NAMES),
    Case(
        '10e-variants-of-a-name', ['Cat', 'dog', 'bird', 'fish'],
        refused="'Cat' and 'cat', which differ by case alone.*--merge-case",
        options=('--merge-case',),
    ),
    Case(
        '10f-typo-in-test', refused=r"'catt' \(perhaps 'cat' is meant\); rename them, .*--classes",
        options=('--classes', 'cat', 'dog', 'bird', 'fish'),
        changed={i: set() for i in (3, 11, 15)},
    ),
    Case('10h-fiftyone'),
    Case('10i-json-records'),
    Case('10j-label-studio-min', refused=NO_LABEL, options=NEGATIVE),
    Case('10l-via-csv'),
    Case('10m-mmpretrain-json'),
    Case('10n-mltdataset-pkl', refused='is a pickle, .*; save it as train.csv', options=None),
    Case('10p-nested-label', refused=NO_LABEL, options=NEGATIVE),
    Case('10q-json-pretty'),
    Case('10r-json-duplicate-name-nfc', ['B\u00e4r', 'dog', 'bird', 'fish']),
    Case('10t-hf-metadata-csv', path='{t}/{i:04}.jpg'),
    Case('10t2-hf-header-renamed', path='{t}/{i:04}.jpg'),
    Case('10u-jsonl-tail-class-not-in-test'),
    Case('14a-same-image-twice'),
    Case(
        '14b-same-image-other-labels',
        refused=r"again, with other labels in line 14 \('images/0000.jpg' of 2\); --repeated union",
        options=('--repeated', 'union'), changed=TWICE,
    ),
    Case('14l-dollar-names', ['$5 & $10', r'a_b^c \frac', '<b>50%</b>', '#1, "best" {x}']),
    Case('14m-empty-string-label', refused=NO_LABEL, options=NEGATIVE),
    Case('16-nus-wide', CONCEPTS, 'actor/{i:04}_99.jpg', missing=16),
    Case('18a-sep-line'),
    Case(
        '18g-blank-and-case-variants', refused="'cat' and 'cat', which differ .*--merge-case",
        options=('--merge-case',), changed=ONE_CLASS,
    ),
    Case(
        '18h-confidence', refused=r'between 0 and 1 in line 2 .*--confidence 0\.5',
        options=('--confidence', '0.5'),
    ),
]  # fmt: skip
PROTECTION = ['helmet', 'vest', 'glove', 'goggles']
BESIDE = '{s}2017/{i:04}.jpg'
COCO = [
    Case('11b-coco-cvat', PROTECTION),
    Case('11c-coco-roboflow', PROTECTION, '{s}/{i:04}.jpg'),
    Case('11d-coco-roboflow-root-class', PROTECTION, BESIDE),
    Case('11f-coco-string-ids', PROTECTION, BESIDE),
    Case('11g-coco-no-area', PROTECTION, BESIDE),
    Case('11h-coco-area-0', PROTECTION, BESIDE),
    Case('11j-coco-empty-bbox', PROTECTION, BESIDE),
    Case('11k-coco-normalised-bbox', PROTECTION, BESIDE),
    Case('11l-coco-area-null', PROTECTION, BESIDE),
    Case('11n-coco-bom', PROTECTION, BESIDE),
    Case('11o-coco-duplicate-file', PROTECTION, BESIDE),
    Case('11p-coco-orphan', PROTECTION, BESIDE),
    Case('11r-coco-backslash', PROTECTION, '{s}2017/JPEGImages/{i:04}.jpg'),
    Case('11s-coco-prefix', PROTECTION, BESIDE),
    Case('11t-coco-lvis', PROTECTION, BESIDE),
    Case('11v-coco-nan-area', PROTECTION, BESIDE),
    Case(
        '11w-coco-no-annotations-key', PROTECTION, BESIDE,
        refused='val2017.json. has no labels, which a test set needs; --test-fraction 0.3 passes ',
        options=None,
    ),
    Case('11x-coco-2014', PROTECTION, '{s}2014/{i:04}.jpg'),
    Case(
        '11z-coco-val-other-order', PROTECTION, BESIDE,
        changed={i: {'glove' if i == 7 else 'goggles'} for i in TESTED},
    ),
    Case('11za-coco-one-pixel', PROTECTION, BESIDE),
    Case('11zb-coco-point-labels', PROTECTION, BESIDE),
    Case('11zd-coco-string-numbers', PROTECTION, BESIDE),
    Case('11ze-coco-test-area-0', PROTECTION, BESIDE),
    Case('11zf-coco-some-area-0', PROTECTION, BESIDE),
]  # fmt: skip
ANIMALS, JPEGS = ['dog', 'person', 'cat', 'tvmonitor'], 'VOC{y}/JPEGImages/{y}_{i:06}.jpg'
OF_VOC = [
    Case('12b-voc-no-difficult', ANIMALS, JPEGS),
    Case('12f-voc-crlf-single-space', ANIMALS, JPEGS),
    Case('12g-voc-blank-last-line', ANIMALS, JPEGS),
    Case('12j-voc-utf8-bom', ANIMALS, JPEGS),
    Case('12k-voc-gb2312', ANIMALS, JPEGS),
    Case('12l-voc-difficult-words', ANIMALS, JPEGS),
    Case('12n-voc-list-with-suffix', ANIMALS, JPEGS),
    Case('12p-voc-png', ANIMALS, JPEGS.replace('.jpg', '.JPG')),
]
VOC = [
    *OF_VOC,
    Case('12c-voc-own-classes', ['helmet', 'hard hat', 'vest', 'glove'], JPEGS),
    Case('12d-voc-upper-case', ['Dog', 'Person', 'Cat', 'tvmonitor'], JPEGS),
    Case(
        '12l-voc-difficult-words', ANIMALS, JPEGS, ('--without-difficult',),
        'none of the 18 objects counts; without --without-difficult they do', None,
    ),
    Case(
        '12h-voc-root-one-level-deep/VOC2012', ANIMALS, 'JPEGImages/{y}_{i:06}.jpg',
        refused='has no test images; .*--test-fraction', options=FRACTION,
        changed=dict.fromkeys(TESTED),
    ),
    Case('12o-voc-one-class-file-missing', ANIMALS, JPEGS),
    Case('12r-voc-coco-names', ['airplane', 'tv', 'couch', 'motorcycle'], JPEGS),
    Case(
        '12s-voc-xml-cut', refused='2007_000015.xml. is not an XML annotation of VOC: unclosed',
        options=None,
    ),
    Case('12t-voc-roboflow', PROTECTION, '{t}/{i:04}_jpg.rf.{i:04x}.jpg'),
]  # fmt: skip
ALL = [('table', c) for c in TABLES] + [('coco', c) for c in COCO] + [('voc', c) for c in VOC]
# Of these the tests below say more.
OTHERS = {
    '02-chexpert-raw', '02d-minus-one', '08b-roboflow-moved', '14c-image-in-both',
    '14n-patients-both-sides', '17-movie-genre', '18c-kaggle-test', '18d-sample-submission',
    '18e-test-fewer-classes', '18i-singletons-test-fraction',
}  # fmt: skip


@pytest.fixture
def folders(shared: Path) -> Path:
    return shared / 'cases' / 'label_files'


@pytest.fixture
def build(folders, monkeypatch):
    """What the command would write, of a folder of the cases or another one."""

    def build(kind: str, folder: str | Path, *options: str) -> Pool:
        command = ['build_dataset', kind, '--root', str(folders / folder), '--out', 'nowhere']
        monkeypatch.setattr(sys, 'argv', [*command, *options])
        args = build_dataset.parse_args()
        return args.read(args)

    return build


def shown(*splits: Annotations) -> dict[str, set[str]]:
    """The classes of each picture, by the path below the link to the folder."""
    return {
        path.removeprefix('images/'): {split.classes[c] for c in row}
        for split in splits
        for path, row in zip(split.image_paths, split.label_indices, strict=True)
    }


def test_every_folder_is_listed(folders):
    there = {path.name for path in folders.iterdir() if path.is_dir()}
    listed = {case.folder.split('/')[0] for _, case in ALL} | OTHERS
    assert there == listed
    assert len(there) == 108


@pytest.mark.parametrize(('kind', 'case'), ALL, ids=lambda value: getattr(value, 'folder', value))
def test_a_folder_builds_right_or_is_refused_with_what_reads_it(build, folders, kind, case):
    options = ['--no-subset', *case.given]
    if case.refused is not None:
        with pytest.raises(InputError, match=case.refused):
            build(kind, case.folder, *options)
    if case.options is None:
        return
    splits = build(kind, case.folder, *options, *case.options).splits
    assert splits['train'].classes == splits['test'].classes
    assert shown(*splits.values()) == case.labels([*range(16), 9999])
    if '--test-fraction' not in (*options, *case.options):
        assert shown(splits['test']).keys() - {'images/9999.jpg'} == case.labels(TESTED).keys()
    paths = [path for split in splits.values() for path in split.image_paths]
    files = [folders / case.folder / path.removeprefix('images/') for path in paths]
    assert sum(not file.is_file() for file in files) == case.missing


@pytest.mark.parametrize('case', OF_VOC, ids=lambda case: case.folder)
def test_classes_of_voc_make_a_subset_of_voc_mlt_s_kind(build, case):
    splits = build('voc', case.folder).splits
    assert len(splits['train'].classes) == 20
    assert shown(splits['test']) == case.labels(TESTED)
    assert shown(splits['train']).items() <= case.labels().items()


def test_a_class_file_that_is_missing_is_named_with_what_is_read_without_any(build):
    with pytest.raises(InputError, match=r'sofa_trainval.txt. does not exist.* the XML files in'):
        build('voc', '12o-voc-one-class-file-missing')


# A row a picture, a letter a class: 1 and 0, u for -1, and _ for an empty cell.
RAW = """100_ 10u0 1100 100u 11_u 1_10 1__u 01uu 11u1 1_0_ u11_ 1u00 u_00 110u u_1u 100u"""
MINUS_ONE = """1uu0 1uu0 11u0 1000 11uu 1010 1000 01uu 1101 10uu u11u 1u0u 0uu0 1100 u010 1u0u"""


@pytest.mark.parametrize(
    ('folder', 'rows', 'helps'),
    [
        ('02-chexpert-raw', RAW, ['--blank negative, positive or', '--uncertain negative, pos']),
        ('02d-minus-one', MINUS_ONE, ['--uncertain negative, positive or unknown says']),
    ],
)
def test_what_is_not_known_of_x_rays_is_refused_or_counts_as_one_says(build, folder, rows, helps):
    with pytest.raises(InputError) as caught:
        build('table', folder, *FRACTION)
    assert all(text in str(caught.value) for text in helps)
    for count in ('negative', 'positive', 'unknown'):
        options = [
            '--no-subset',
            *FRACTION,
            *(w for text in helps for w in (text.split()[0], count)),
        ]
        splits = build('table', folder, *options).splits.values()
        found = {path: row for split in splits for path, row in zip(*codes(split), strict=True)}
        as_said = {'u': {'negative': '0', 'positive': '1', 'unknown': '?'}[count]}
        table = str.maketrans(as_said | {'_': as_said['u']})
        expected = [row.translate(table) for row in rows.split()]
        paths = [f'images/{Case(folder, path=STUDIES).picture(i)}' for i in range(16)]
        assert found == dict(zip(paths, expected, strict=True))


def codes(split: Annotations) -> tuple[list[str], list[str]]:
    """The paths, and each row of a split as a letter a class."""
    unknown = split.unknown or [[] for _ in split.image_paths]
    letters = [
        ''.join('1' if c in row else '?' if c in open_ else '0' for c in range(4))
        for row, open_ in zip(split.label_indices, unknown, strict=True)
    ]
    return split.image_paths, letters


def test_roboflow_s_own_files_moved_beside_the_folders(build):
    splits = build('table', '08b-roboflow-moved', '--no-subset').splits
    for name, count in (('train', 16), ('test', 6)):
        path = f'{name}/{name}{{i}}_jpg.rf.{{i:06x}}.jpg'
        assert shown(splits[name]) == Case('', path=path).labels(range(count))


def test_pictures_of_both_tables_are_built_and_named(build, capsys):
    splits = build('table', '14c-image-in-both', '--no-subset').splits
    case = Case('14c-image-in-both')
    assert shown(splits['test']) == case.labels([*TESTED, 0, 1])
    assert shown(splits['train']) == case.labels(sorted({*range(16)} - {*TESTED}))
    build_dataset.warn(Path('nowhere'), splits)
    assert '2 of the images in test.json are in train.json' in capsys.readouterr().out


def test_a_patient_stays_on_one_side(build, folders):
    group = ['--group', r'(\d+)_\d+\.png$']
    splits = build('table', '14n-patients-both-sides', '--no-subset', *FRACTION, *group).splits
    header, *lines = (folders / '14n-patients-both-sides' / 'train.csv').read_text().split()
    rows = [line.split(',') for line in lines]
    names = header.split(',')[1:]
    expected = {
        path: {n for n, c in zip(names, cells, strict=True) if c == '1'} for path, *cells in rows
    }
    assert shown(*splits.values()) == expected
    patients = [{Path(path).stem.split('_')[0] for path in shown(s)} for s in splits.values()]
    assert not patients[0] & patients[1]
    assert sum(map(len, patients)) == len({Path(path).stem.split('_')[0] for path in expected})


def test_posters_are_named_by_their_number_once_they_are_there(build):
    genres = Case('17-movie-genre', ['Drama', 'Comedy', 'War', 'Western'], '{i}.jpg')
    with pytest.raises(InputError, match="--encoding says in which: cp1252 reads 'Am\u00e9lie'"):
        build('table', genres.folder, *FRACTION)
    encoding = ['--encoding', 'cp1252', *FRACTION]
    with pytest.raises(InputError, match=r'a URL instead of a picture .*--image-column'):
        build('table', genres.folder, *encoding)
    column = [*encoding, '--image-column', 'imdbId', '--suffix', '.jpg']
    with pytest.raises(InputError, match='no label in line 14; --blank negative'):
        build('table', genres.folder, *column)
    splits = build('table', genres.folder, '--no-subset', *column, '--blank', 'negative').splits
    assert shown(*splits.values()) == genres.labels()


@pytest.mark.parametrize('folder', ['18c-kaggle-test', '18d-sample-submission'])
def test_a_test_table_without_labels_is_passed_over_where_test_images_are_split_off(build, folder):
    with pytest.raises(
        InputError, match=r'no labels, which a test set needs; --test-fraction 0.3 passes it over'
    ):
        build('table', folder)
    pool = build('table', folder, '--no-subset', *FRACTION)
    assert pool.understood['train']['passed over'] == "'test.csv': without labels"
    trained = sorted({*range(16)} - {*TESTED})
    assert shown(*pool.splits.values()) == Case(folder).labels(trained)


def test_classes_that_the_test_table_has_not_are_left_out_where_one_says_so(build):
    with pytest.raises(InputError, match=r"no column .*: 'bird', 'fish'; .*--classes"):
        build('table', '18e-test-fewer-classes')
    splits = build(
        'table', '18e-test-fewer-classes', '--no-subset', '--classes', 'cat', 'dog'
    ).splits
    assert shown(splits['test']) == {f'images/{i:04}.jpg': {'cat'} for i in (3, 7)}
    expected = Case('').labels(sorted({*range(16)} - {*TESTED}))
    assert shown(splits['train']) == {path: row & {'cat', 'dog'} for path, row in expected.items()}


def test_a_class_of_few_pictures_keeps_one_to_train_on(build):
    splits = build('table', '18i-singletons-test-fraction', '--no-subset', *FRACTION).splits
    assert all(splits['train'].class_freq)
    few = {'one': {5}, 'two': {11, 12}, 'three': {20, 21, 22}, 'b': {*range(0, 40, 3)}}
    found = shown(*splits.values())
    assert found == {
        f'images/{i:04}.jpg': {'a', *(name for name, those in few.items() if i in those)}
        for i in range(40)
    }
