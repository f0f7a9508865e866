"""Folders with a label file for each picture: of YOLO, LabelMe and Supervisely."""

import pytest

PETS = ['cat'], ['cat', 'dog'], ['dog'], []
BOX = ' 0.5 0.5 0.2 0.2'
YAML = 'train: images\nnc: 3\nnames: [cat, dog, bird]\n'
WHOLE = ('--no-subset', '--test-fraction', '0.5')


def texts(path):
    numbers = {'cat': 0, 'dog': 1}
    return {
        path.format(i): ''.join(f'{numbers[name]}{BOX}\n' for name in names)
        for i, names in enumerate(PETS)
    }


def pictures(path):
    return {path.format(i): '' for i in range(len(PETS))}


def shapes(names, **more):
    return {'version': '5', 'flags': {}, 'shapes': [{'label': n} for n in names], **more}


@pytest.fixture
def shown(build, labels):
    """The classes of each picture that is built, and what is printed."""

    def shown(root, *options):
        said = build('table', root, *options)
        return labels(), said

    return shown


@pytest.mark.parametrize(
    ('text', 'picture', 'names'),
    [
        ('labels/{}.txt', 'images/{}.jpg', {'data.yaml': YAML}),
        ('labels/{}.txt', 'images/{}.jpg', {'pets.yml': 'names: {0: cat, 1: dog, 2: bird}\n'}),
        ('labels/{}.txt', 'images/{}.PNG', {'labels/classes.txt': 'cat\ndog\nbird\n'}),
        ('images/{}.txt', 'images/{}.jpg', {'images/classes.txt': 'cat\ndog\n'}),
        ('train/labels/{}.txt', 'train/images/{}.jpg', {'data.yaml': YAML}),
        ('labels/train/{}.txt', 'images/train/{}.jpg', {'classes.txt': 'cat\ndog\n'}),
        ('obj_train_data/{}.txt', 'obj_train_data/{}.jpg', {'obj.names': 'cat\ndog\n'}),
        ('{}.txt', '{}.jpg', {'_darknet.labels': 'cat\ndog\n'}),
    ],
)
def test_yolo_s_files_are_read_wherever_they_lie(write, shown, text, picture, names):
    found, said = shown(write({**texts(text), **pictures(picture), **names}), *WHOLE)
    assert found == {picture.format(i): row for i, row in enumerate(PETS)}
    assert f"YOLO's label files, names of classes from '{next(iter(names))}'" in said


def test_yolo_s_classes_are_numbers_where_no_file_names_them(write, shown):
    root = write(texts('labels/{}.txt') | pictures('images/{}.jpg'))
    assert shown(root, *WHOLE)[0]['images/1.jpg'] == ['0', '1']
    found, said = shown(root, *WHOLE, '--names', 'cat', 'dog')
    assert found['images/1.jpg'] == ['cat', 'dog']
    assert 'from no file (--names)' in said


def test_the_splits_of_single_pictures_are_those_of_their_folders(write, shown, splits):
    files = {}
    for split, count in (('train', 4), ('valid', 2)):
        files |= [*texts(f'{split}/labels/{{}}.txt').items()][:count]
        files |= [*pictures(f'{split}/images/{{}}.jpg').items()][:count]
    root = write({**files, 'data.yaml': YAML, 'test/images/9.jpg': ''})
    assert 'written to' in shown(root, '--no-subset')[1]
    assert {name: len(paths) for name, paths in splits().items()} == {'train': 4, 'test': 2}


def test_a_picture_without_a_label_file_may_show_anything(write, shown):
    files = texts('labels/{}.txt') | pictures('images/{}.jpg') | {'data.yaml': YAML}
    root = write({**files, 'images/9.jpg': '', 'masks/0.png': ''})
    assert 'no label in record 5; --blank negative' in shown(root, *WHOLE)[1]
    found = shown(root, *WHOLE, '--blank', 'negative')[0]
    assert found['images/9.jpg'] == []
    assert len(found) == 5


@pytest.mark.parametrize(
    ('files', 'message'),
    [
        ({'labels/1.txt': f'3{BOX}'}, 'labels/1.txt, line 1: class 3 has no name; there are 3'),
        ({'labels/1.txt': f'cat{BOX}'}, 'line 1: expected the number of a class, and a box, but'),
        ({'data.yaml': 'names: [cat'}, "data.yaml' is not YAML"),
    ],
)
def test_what_is_wrong_with_yolo_s_files_is_named(write, build, files, message):
    there = texts('labels/{}.txt') | pictures('images/{}.jpg') | {'data.yaml': YAML}
    assert message in build('table', write(there | files), *WHOLE)


@pytest.mark.parametrize('caption', ['a photo of a cat', 'cat, dog', '1girl 2 3'])
def test_other_texts_beside_pictures_are_none_of_yolo_s(write, build, caption):
    root = write({'images/0.jpg': '', 'images/0.txt': caption})
    assert 'has no table of labels' in build('table', root, *WHOLE)


def test_a_table_goes_before_files_of_single_pictures(write, build):
    files = texts('labels/{}.txt') | pictures('images/{}.jpg')
    root = write({**files, 'labels.csv': 'image,cat\n0.jpg,1\n1.jpg,0\n'})
    assert 'text in cells parted by comma' in build('table', root, *WHOLE)


@pytest.mark.parametrize(
    ('file', 'picture', 'written'),
    [
        ('images/{}.json', 'images/{}.jpg', '{}.jpg'),
        ('{}.json', '{}.jpg', '{}.jpg'),
        ('annotations/{}.json', 'images/{}.jpg', r'..\images\{}.jpg'),
        ('images/{}.json', 'images/{}.jpg', r'C:\me\{}.jpg'),
        ('images/{}.json', 'images/{}.png', 'old{}.jpg'),
    ],
)
def test_labelme_s_files_are_read_wherever_they_lie(write, shown, file, picture, written):
    files = {
        file.format(i): shapes(names, imagePath=written.format(i)) for i, names in enumerate(PETS)
    }
    found, said = shown(write(files | pictures(picture)), *WHOLE)
    assert found == {picture.format(i): row for i, row in enumerate(PETS)}
    assert "LabelMe's files" in said


def test_labelme_s_flags_are_labels_and_beside_shapes_asked_for(write, shown):
    flags = [{'flags': {name: name in names for name in ('cat', 'dog')}} for names in PETS]
    files = {f'{i}.json': shapes([], **f) for i, f in enumerate(flags)}
    found = shown(write(files | pictures('{}.jpg')), *WHOLE)[0]
    assert found == {f'{i}.jpg': row for i, row in enumerate(PETS)}
    files = {f'{i}.json': shapes(n, flags={'dim': True}) for i, n in enumerate(PETS)}
    root = write(files)
    assert "of 'flags' (as '['dim']'), 'labels'" in shown(root, *WHOLE)[1]
    assert shown(root, *WHOLE, '--labels-column', 'labels')[0]['1.jpg'] == ['cat', 'dog']


@pytest.mark.parametrize('kind', ['objects', 'tags'])
def test_supervisely_s_files_are_read(write, shown, kind):
    key = {'objects': 'classTitle', 'tags': 'name'}[kind]
    files = {
        f'ds/ann/{i}.jpg.json': {'tags': [], 'objects': []} | {kind: [{key: n} for n in names]}
        for i, names in enumerate(PETS)
    }
    root = write({**files, **pictures('ds/img/{}.jpg'), 'meta.json': {'classes': []}})
    found, said = shown(root, *WHOLE)
    assert found == {f'ds/img/{i}.jpg': row for i, row in enumerate(PETS)}
    assert "Supervisely's files" in said


def test_a_single_file_of_yolo_says_that_there_are_more(write, command):
    root = write({'labels/0.txt': f'0{BOX}'})
    said = command('inspect', root / 'labels' / '0.txt')
    assert "is YOLO's label file of one picture; name the whole folder" in said


@pytest.mark.parametrize(
    ('name', 'content', 'message'),
    [
        ('a.json', shapes([['cat']]), "a.json' is of another form than its kind"),
        ('a.json', shapes(['cat'], flags=[1]), "a.json' is of another form than its kind"),
        ('a.json', '{"shapes": [', "a.json' is not JSON"),
        ('ann/a.jpg.json', {'objects': 7}, "a.jpg.json' is of another form than its kind"),
        ('ann/a.jpg.json', '[]', 'is no object of JSON, as one for a picture is'),
    ],
)
def test_a_damaged_file_of_a_picture_is_named(write, build, name, content, message):
    assert message in build('table', write({name: content}), *WHOLE)


def test_a_score_behind_a_box_of_yolo_is_refused(write, build):
    """Predictions of 0.04 counted as shown."""
    found = texts('labels/{}.txt') | pictures('images/{}.jpg')
    found['labels/0.txt'] = f'0{BOX} 0.04\n'
    said = build('table', write(found), *WHOLE)
    assert "line 1: '0 0.5 0.5 0.2 0.2 0.04' ends in a score; keep the lines" in said
    found['labels/0.txt'] = f'0{BOX} 17\n'  # the number of a track
    assert 'written to' in build('table', write(found), *WHOLE)


@pytest.mark.parametrize('name', ['val2017', 'validation_set', 'val'])
def test_a_split_of_yolo_may_have_a_year_or_a_word_behind_it(write, build, splits, name):
    """They were taken for training images."""
    found = {'classes.txt': 'cat\ndog\n'}
    for folder in ('train2017', name, 'test_images'):
        found |= texts(f'labels/{folder}/{{}}.txt') | pictures(f'images/{folder}/{{}}.jpg')
    assert 'written to' in build('table', write(found), '--no-subset')
    assert {path.split('/')[1] for path in splits()['val']} == {name}


def test_names_of_yolo_s_classes_come_in_utf_8_or_utf_16(write, build, labels):
    root = write(texts('labels/{}.txt') | pictures('images/{}.jpg'))
    (root / 'classes.txt').write_bytes('Löwe\ndog\n'.encode('cp1252'))
    assert "classes.txt' is not text in UTF-8; save it as such" in build('table', root, *WHOLE)
    (root / 'classes.txt').write_bytes('Löwe\ndog\n'.encode('utf-16'))
    build('table', root, *WHOLE)
    assert labels()['images/0.jpg'] == ['Löwe']


def test_labelme_s_keys_may_be_sorted(write, shown):
    """The picture itself then stands before the shapes."""
    files = {f'{i}.jpg': '' for i in range(4)}
    for i, names in enumerate(PETS):
        content = shapes(names, imageData='A' * 5000, imagePath=f'{i}.jpg')
        files[f'{i}.json'] = dict(sorted(content.items()))
    assert shown(write(files), *WHOLE)[0] == {f'{i}.jpg': row for i, row in enumerate(PETS)}


def test_a_folder_called_so_comes_before_one_whose_name_begins_so(write, build, splits):
    """A parent called train_data took the validation images for training."""
    found = {'classes.txt': 'cat\ndog\n'}
    for folder in ('train', 'val', 'test'):
        found |= texts(f'train_data/labels/{folder}/{{}}.txt')
        found |= pictures(f'train_data/images/{folder}/{{}}.jpg')
    assert 'written to' in build('table', write(found), '--no-subset')
    assert {name: len(paths) for name, paths in splits().items()} == {
        'train': 4, 'val': 4, 'test': 4
    }  # fmt: skip


def test_texts_beside_pictures_in_another_encoding_are_none_of_yolo(write, shown):
    root = write({f'{i}.jpg': '' for i in range(4)} | {
        f'{i}.json': shapes(names, imagePath=f'{i}.jpg') for i, names in enumerate(PETS)
    })  # fmt: skip
    for i in range(4):
        (root / f'{i}.txt').write_bytes('\u732b'.encode('gbk'))
    assert shown(root, *WHOLE)[0] == {f'{i}.jpg': row for i, row in enumerate(PETS)}
