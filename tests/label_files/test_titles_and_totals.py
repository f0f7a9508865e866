"""Lines above the header of a table, and rows of totals below it."""

import pytest

from dbl.errors import InputError

PETS = {'a.jpg': ['cat'], 'b.jpg': ['cat', 'dog']}
WIDE = 'image,cat,dog\na.jpg,1,0\nb.jpg,1,1\n'
LONG = 'image;label\na.jpg;cat\nb.jpg;cat\nb.jpg;dog\n'


@pytest.mark.parametrize(
    ('above', 'said'),
    [
        ('My data set 2024\n', "; line 1, 'My data set 2024', is left out (--skip-lines)"),
        ('My set\n\n', "; line 1, 'My set', is left out (--skip-lines)"),
        ('My set,,\n,,\n', "; line 1, 'My set', is left out (--skip-lines)"),
        ('My set\nby me\n\n', "; lines 1 to 2, 'My set' ..., are left out (--skip-lines)"),
        ('# by me\nMy set\n', "; lines 1 to 2, '# by me' ..., are left out (--skip-lines)"),
        ('"Pets, 2024"\n', "; line 1, 'Pets, 2024', is left out (--skip-lines)"),
    ],
)
def test_titles_are_left_out_and_named(read, reading, above, said):
    assert read(above + WIDE) == PETS
    assert reading(above + WIDE).understood['file'] == f'text in cells parted by comma{said}'
    assert read((above + LONG).replace(',', ';')) == PETS


@pytest.mark.parametrize('end', ['\n', '\r\n', '\r'])
@pytest.mark.parametrize('above', ['Pets, 2024\n', 'Pets,2024,of me\n', '"Pets" of 2024\n"x\n'])
def test_lines_are_skipped_as_one_says(read, reading, above, end):
    count = above.count('\n')
    text = (above + WIDE).replace('\n', end)
    assert read(text, skip_lines=count) == PETS
    which = 'line 1 is' if count == 1 else f'lines 1 to {count} are'
    said = reading(text, skip_lines=count).understood['file']
    assert said == f'text in cells parted by comma; {which} left out (--skip-lines)'
    headless = (above + WIDE.partition('\n')[2]).replace('\n', end)
    assert read(headless, skip_lines=count, header=['image', 'cat', 'dog']) == PETS


def test_skipped_lines_count_in_the_numbers_of_messages(read):
    with pytest.raises(InputError, match=r"neither 0 nor 1 in line 6 \('dog': '3'\)"):
        read(f'Pets, 2024\n\n{WIDE}c.jpg,1,3\n', skip_lines=2)
    assert read(f'sep=;\n{LONG}', skip_lines=1) == PETS


@pytest.mark.parametrize(
    ('text', 'options', 'message'),
    [
        (f'Pets, 2024\n{WIDE}', {}, "line 1: 'Pets, 2024' is too short .*; --skip-lines 1 leaves"),
        (f'Pets\n{WIDE}c.jpg,1,0,\n', {}, "line 1: 'Pets' is too short .*; --skip-lines 1"),
        ('Pets\na.jpg,1,0\nb.jpg,1,1\n', {}, 'has no header; --header'),
        ('Pets\na.jpg,1,0\n', {'header': ['image', 'cat', 'dog']}, "'Pets' is too short .*--skip"),
        (WIDE, {'skip_lines': 9}, r'is empty below its first 9 lines \(--skip-lines\)'),
        (WIDE, {'skip_lines': -1}, '--skip-lines must be at least 0, but got -1'),
        (f'Pets\n{WIDE}', {'skip_lines': 0}, "'Pets' is too short"),
    ],
)
def test_what_may_be_a_title_is_not_guessed(read, text, options, message):
    with pytest.raises(InputError, match=message):
        read(text, **options)


@pytest.mark.parametrize(
    ('text', 'options', 'expected'),
    [
        ('image\ncat\n', {'header': ['image', 'x'], 'delimiter': ','}, None),
        ('x\na.jpg\n', {}, None),
        ('cat dog \na.jpg 1 -1\nb.jpg 1  1\n', {}, PETS),
    ],
)
def test_a_header_or_a_picture_is_no_title(read, text, options, expected):
    if expected is None:
        with pytest.raises(InputError, match=r'no columns of labels|number of cells'):
            read(text, **options)
    else:
        assert read(text, 'train.txt', **options) == expected


@pytest.mark.parametrize(
    ('text', 'word'),
    [
        (f'{WIDE}Total,12,30\n', 'Total'),
        (f'{WIDE}Total,1,0\n', 'Total'),
        (f'{WIDE},2,1\n', ''),
        (f'{WIDE}Made in May,,\n', 'Made in May'),
        (f'{LONG}Total;3\n'.replace(';', ','), 'Total'),
        (WIDE.replace('.jpg', '1') + 'Total,12,30\n', 'Total'),
        (WIDE.replace('.jpg', '1') + 'Mean,1,0.5\n', 'Mean'),
        (WIDE.replace('.jpg', '1') + ',12,30\n', ''),
    ],
)
def test_a_row_of_totals_is_named(read, text, word):
    line = text.count('\n')
    place = rf"line {line} \('{word}'\)" if word else f'line {line}'
    with pytest.raises(InputError, match=rf"csv': no picture in {place}; remove a row that is of"):
        read(text)


def test_an_odd_cell_in_the_last_row_is_still_that_of_a_picture(read):
    for text in (WIDE, WIDE.replace('.jpg', '1')):
        with pytest.raises(InputError, match=r"neither 0 nor 1 in line 4 \('cat': '2'\)"):
            read(text + 'c1.jpg,2,1\n')


@pytest.mark.parametrize(
    ('text', 'name'),
    [
        ('"image" "cat" "dog"\n"1" "a.jpg" 1 0\n"2" "b.jpg" 1 1\n', 'train.txt'),
        ('cat,image,dog\n7,1,a.jpg,0\n9,1,b.jpg,1\n', 'train.csv'),
        (',label,label\n,cat,dog\nimage,,\na.jpg,1,0\nb.jpg,1,1\n', 'train.csv'),
        ('image,label,label\n,cat,dog\na.jpg,1,0\nb.jpg,1,1\n', 'train.csv'),
    ],
)
def test_headers_of_r_and_of_pandas_with_two_levels_are_understood(read, text, name):
    assert read(text, name) == PETS


@pytest.mark.parametrize('rows', ['a.jpg,1,0,1\n', 'p1,1,0,1\np2,1,1,1\n', '5,a,0,1\n5,b,1,1\n'])
def test_a_cell_too_many_is_no_name_of_a_row(read, rows):
    with pytest.raises(InputError, match='4 cells instead of 3'):
        read(f'image,cat,dog\n{rows}')
