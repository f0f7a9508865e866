"""Exports of annotation tools in which several attributes, or blocks, name classes."""

import csv
import io
import json
import re

import pytest

from dbl.errors import InputError

TICKED = {'cat': True, 'dog': False}
PETS = {'a.jpg': ['cat'], 'b.jpg': ['cat', 'dog']}


def via(first, second, regions=()):
    """A project of two pictures with the given attributes."""
    regions = [{'region_attributes': region} for region in regions]
    entries = {
        'a1': {'filename': 'a.jpg', 'file_attributes': first, 'regions': []},
        'b2': {'filename': 'b.jpg', 'file_attributes': second, 'regions': regions},
    }
    return json.dumps({'_via_img_metadata': entries})


def via_csv(rows):
    file = io.StringIO()
    names = ('filename', 'file_attributes', 'region_attributes')
    csv.writer(file).writerows([names, *((n, json.dumps(f), json.dumps(r)) for n, f, r in rows)])
    return file.getvalue()


@pytest.mark.parametrize('name', ['classes', 'kind', 'quality'])
def test_one_attribute_holds_the_labels_whatever_its_name(read, reading, name):
    text = via({name: TICKED, 'caption': ''}, {}, [{name: 'cat'}, {name: 'dog'}])
    assert read(text, 'train.json') == PETS
    said = reading(text, 'train.json').understood['labels']
    assert said == f"in the column '{name}', lists (--labels-column, --separator)"
    rows = [
        ('a.jpg', {name: TICKED}, {}),
        ('b.jpg', {}, {name: 'cat'}),
        ('b.jpg', {}, {name: 'dog'}),
    ]
    assert read(via_csv(rows)) == PETS


@pytest.mark.parametrize('other', ['quality', 'caption', 'tags'])
def test_of_several_attributes_none_is_chosen(read, other):
    both = {'classes': {'cat': True, 'dog': True}, other: 'sharp'}
    files = {
        'train.json': via({'classes': TICKED, other: 'blurred'}, both),
        'train.csv': via_csv([('a.jpg', {'classes': TICKED}, {other: 'dim'}), ('b.jpg', both, {})]),
    }
    for name, text in files.items():
        with pytest.raises(
            InputError, match=rf"open .* of 'classes' .*'{other}' .*--labels-column"
        ):
            read(text, name)
        assert read(text, name, labels_column='classes') == PETS


def test_attributes_that_name_nothing_leave_no_labels(read):
    with pytest.raises(InputError, match='no columns of labels'):
        read(via({'caption': '', 'classes': {'cat': False}}, {}), 'train.json')


def tasks(*given, **more):
    """Tasks of Label Studio, of which each block holds some choices."""
    return json.dumps(
        [
            {
                'data': {'image': image},
                'annotations': [
                    {
                        'result': [
                            {'from_name': block, 'value': {'choices': names}}
                            for block, names in blocks.items()
                        ]
                        + more.get(image[0], [])
                    }
                ],
            }
            for image, blocks in zip(PETS, given, strict=True)
        ]
    )


def test_one_block_of_label_studio_holds_the_labels(read, reading):
    text = tasks({'animal': ['cat']}, {'animal': ['cat', 'dog']})
    assert read(text, 'train.json') == PETS
    assert reading(text, 'train.json').understood['labels'].startswith("in the column 'animal'")


def test_shapes_of_label_studio_have_labels(read):
    shapes = [
        {
            'from_name': 'box',
            'type': 'rectanglelabels',
            'value': {'x': 1, 'rectanglelabels': [name]},
        }
        for name in ('cat', 'dog')
    ]
    assert read(tasks({}, {}, a=shapes[:1], b=shapes), 'train.json') == PETS


@pytest.mark.parametrize('other', ['quality', 'choice', 'labels'])
def test_of_several_blocks_none_is_chosen(read, other):
    text = tasks({'animal': ['cat'], other: ['sharp']}, {'animal': ['cat', 'dog'], other: ['dim']})
    with pytest.raises(InputError, match=rf"open .* of 'animal' .*'{other}' .*--labels-column"):
        read(text, 'train.json')
    assert read(text, 'train.json', labels_column='animal') == PETS
    short = [
        {'image': 'a.jpg', 'animal': {'choices': ['cat']}, other: {'choices': ['sharp']}},
        {'image': 'b.jpg', 'animal': {'choices': ['cat', 'dog']}, other: {'choices': ['dim']}},
    ]
    with pytest.raises(InputError, match='leaves open which columns hold labels'):
        read(json.dumps(short), 'train.json')
    assert read(json.dumps(short), 'train.json', labels_column='animal') == PETS


def test_numbers_and_boxes_are_no_rivals_of_names(read):
    records = [
        {'image': image, 'labels': names, 'areas': [1.5] * 3, 'boxes': [{'x': 1, 'y': 2}]}
        for image, names in PETS.items()
    ]
    assert read(json.dumps(records), 'train.json') == PETS


def test_an_attribute_may_not_be_called_as_the_pictures(read):
    with pytest.raises(InputError, match=r"labels are called 'image'.*; rename them"):
        read(via({'image': 'cat'}, {}), 'train.json')


@pytest.mark.parametrize('cell', ['[1]', '{', ''])
def test_attributes_that_are_none_are_refused(read, cell):
    row = f'a.jpg;{{}};{cell}' if cell else 'a.jpg;{}'
    with pytest.raises(
        InputError, match=rf"row 1: expected region_attributes .* '{re.escape(cell)}'"
    ):
        read(f'filename;file_attributes;region_attributes\n{row}\n')


def cvat(node):
    images = ''.join(
        f'<image name="{image}">{"".join(node(name) for name in names)}</image>'
        for image, names in PETS.items()
    )
    return f'<annotations>{images}</annotations>'


def test_cvat_s_attributes_are_asked_for(read):
    kinds = cvat(lambda n: f'<tag label="pet"><attribute name="kind">{n}</attribute></tag>')
    ticks = cvat(lambda n: f'<tag label="pet"><attribute name="{n}">true</attribute></tag>')
    for text, column in ((kinds, 'pet: kind'), (ticks, 'pet: ticked')):
        with pytest.raises(InputError, match=rf"of 'labels' .*'{column}' .*--labels-column"):
            read(text, 'train.xml')
        assert read(text, 'train.xml', labels_column=column) == PETS
        assert read(text, 'train.xml', labels_column='labels') == {key: ['pet'] for key in PETS}
    numbers = cvat(lambda n: f'<box label="{n}"><attribute name="age">7</attribute></box>')
    assert read(numbers, 'train.xml') == PETS


@pytest.mark.parametrize('key', ['photo', 'image', 'my picture'])
@pytest.mark.parametrize('kind', ['choices', 'taxonomy', 'rectanglelabels'])
def test_label_studio_s_pictures_and_choices_may_be_called_anything(read, key, kind):
    def value(names):
        return {kind: [[name] for name in names] if kind == 'taxonomy' else names}

    tasks = [
        {'data': {'text': 'x', key: i}, 'annotations': [{'result': [{'value': value(n)}]}]}
        for i, n in PETS.items()
    ]
    assert read(json.dumps(tasks), 'train.json') == PETS
