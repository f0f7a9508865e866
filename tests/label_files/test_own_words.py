"""Words for yes and no that the owner of a table says."""

import re

import pytest

from dbl.errors import InputError

PETS = {'a.jpg': ['cat'], 'b.jpg': ['cat', 'dog']}
CZECH = {'positive_words': ['ano'], 'negative_words': ['ne']}


def wide(yes, no):
    return f'image;cat;dog\na.jpg;{yes};{no}\nb.jpg;{yes};{yes}\nc.jpg;{no};{no}\n'


@pytest.mark.parametrize(
    'words', ['ano ne', 'da net', 'sim não', '是 否', '+ -', 'YES! NO!', '2 1', '1 2']
)
def test_words_mean_what_one_says(read, reading, words):
    yes, no = words.split()
    answers = {'positive_words': [yes], 'negative_words': [no]}
    assert read(wide(yes, no), **answers) == PETS | {'c.jpg': []}
    found = reading(wide(yes, no), **answers)
    said = f"'{yes}' as 1, '{no}' as 0 (--positive-words, --negative-words)"
    assert found.understood['words'] == said.casefold()
    assert {'positive_words', 'negative_words'} <= found.used


@pytest.mark.parametrize('words', ['✓ ✗', '✔ ✘', 'Present absent'])
def test_some_words_and_signs_are_known(read, words):
    yes, no = words.split()
    assert read(wide(yes, no)) == PETS | {'c.jpg': []}


@pytest.mark.parametrize('words', ['ano ne', '+ -', '是 否'])
def test_words_that_are_not_known_are_asked_for(read, words):
    yes, no = words.split()
    both = re.escape(f"--positive-words and --negative-words say what '{yes}' and '{no}' mean")
    with pytest.raises(InputError, match=rf'leaves open which columns hold labels.*; {both}'):
        read(wide(yes, no))
    with pytest.raises(InputError, match=r'say with --positive-words and --negative-words which'):
        read(wide(yes, no), label_columns=['cat', 'dog'])
    one = f'image,cat\na.jpg,{yes}\nb.jpg,{no}\n'
    with pytest.raises(InputError, match=both):
        read(one)
    with pytest.raises(InputError, match=r'say with --positive-words and --negative-words which'):
        read(one, label_columns=['cat'])


def test_names_of_two_classes_may_stand_in_two_columns(read):
    text = 'image,label1,label2\na.jpg,cat,\nb.jpg,cat,dog\nc.jpg,dog,cat\n'
    assert read(text) == PETS | {'c.jpg': ['cat', 'dog']}
    assert read(text, label_columns=['label1', 'label2']) == read(text)


def test_words_are_added_to_those_that_are_known_and_go_before_them(read):
    text = 'image,cat,dog\na.jpg,ano,no\nb.jpg,1,yes\nc.jpg,0,ne\n'
    assert read(text, **CZECH) == PETS | {'c.jpg': []}
    assert read('image,cat,dog\na.jpg,1,-1\nb.jpg,1,u\n', negative_words=['-1', 'U']) == {
        'a.jpg': ['cat'],
        'b.jpg': ['cat'],
    }


def test_words_change_neither_pictures_nor_names(read, reading):
    text = 'image,cat,dog\n1,1,2\n2,2,2\n3,1,1\n'
    found = read(text, positive_words=['1'], negative_words=['2'])
    assert found == {'1': ['cat'], '2': [], '3': ['cat', 'dog']}
    named = reading('image,labels\na.jpg,ano|dog\nb.jpg,ne\n', **CZECH)
    assert named.annotations.classes == ['ano', 'dog', 'ne']
    assert not named.used & {'positive_words', 'negative_words'}


@pytest.mark.parametrize(
    ('answers', 'message'),
    [
        (
            {'positive_words': ['ano'], 'negative_words': ['Ano']},
            "'ano' is in --positive-words and",
        ),
        ({'negative_words': ['ne', '']}, "'' counts as an empty cell; --blank says"),
        ({'negative_words': ['NA']}, "'na' counts as an empty cell; --blank says"),
    ],
)
def test_words_that_say_nothing_are_refused(read, answers, message):
    with pytest.raises(InputError, match=message):
        read(wide('ano', 'ne'), **answers)
