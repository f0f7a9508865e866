"""What parts the names in one cell."""

import pytest

from dbl.errors import InputError

PETS = {'a.jpg': ['cat'], 'b.jpg': ['cat', 'dog'], 'c.jpg': ['dog']}


def table(separator, quote='"'):
    rows = (f'{image},{quote}{separator.join(names)}{quote}\n' for image, names in PETS.items())
    return f'image,labels\n{"".join(rows)}'


@pytest.mark.parametrize('separator', ['\n', '\t', '\uff0c', '\u3001', '\uff1b', ' \uff1b '])
def test_line_ends_tabs_and_chinese_commas_part_names(read, separator):
    assert read(table(separator)) == PETS


@pytest.mark.parametrize('separator', ['/', '+', ' & ', ':', '~', '#', ' > ', '_', '-', ' and '])
def test_what_may_part_names_is_asked_for(read, separator):
    with pytest.raises(InputError, match=r"whether 'cat.+dog' is one class or several; --separat"):
        read(table(separator))
    given = separator.strip() if len(separator) < 4 else separator
    assert read(table(separator), separator=given) == PETS
    assert read(table(separator), separator='none')['b.jpg'] == [separator.join(['cat', 'dog'])]


@pytest.mark.parametrize(
    'names', ['cat/dog\nbird', 'hot-dog\nhot\nbird', '/m/01\n/m/02', '#cat\n#dog', 'a_b\nc_d\na_d']
)
def test_a_sign_in_a_name_is_no_separator(read, names):
    text = 'image,labels\n' + ''.join(f'{i}.jpg,{n}\n' for i, n in enumerate(names.split('\n')))
    assert [name for (name,) in read(text).values()] == names.split('\n')


def test_signs_that_part_all_names_are_asked_for_though_none_stands_alone(read):
    with pytest.raises(InputError, match="'a/b' is one class or several"):
        read('image,labels\n1.jpg,a/b\n2.jpg,a/c\n3.jpg,b/c\n')


def test_a_plus_is_asked_for_though_some_parts_come_once(read):
    with pytest.raises(InputError, match=r"'a\+b' is one class or several"):
        read('image,labels\n1.jpg,a+b\n2.jpg,c\n3.jpg,a+c\n')


def test_rows_of_a_picture_may_hold_names_with_a_comma(read):
    text = 'image,label\na.jpg,"hen, female"\na.jpg,"goose, female"\n'
    with pytest.raises(InputError, match=r'--repeated union joins them, or --separator none takes'):
        read(text)
    assert read(text, separator='none') == {'a.jpg': ['goose, female', 'hen, female']}


@pytest.mark.parametrize(
    'cell',
    [
        "{'cat', 'dog'}",
        "frozenset({'cat', 'dog'})",
        "array(['cat', 'dog'], dtype=object)",
        "np.array(['cat', 'dog'])",
        '[cat, dog]',
    ],
)
def test_what_python_prints_of_a_collection_is_a_list(read, cell):
    text = f'image,labels\na.jpg,"{cell}"\nb.jpg,set()\nc.jpg,[cat]\n'
    assert read(text) == {'a.jpg': ['cat', 'dog'], 'b.jpg': [], 'c.jpg': ['cat']}
