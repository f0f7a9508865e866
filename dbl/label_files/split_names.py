"""How people and tools call the splits of a data set."""

import re

WORDS = {
    'train': ('train', 'training'),
    'test': ('test', 'testing'),
    'val': ('val', 'valid', 'validation', 'dev'),
}
CONTENT = frozenset('set data images image labels imgs img'.split())
_SPLITS = {word: split for split, words in WORDS.items() for word in words}


def split_called(word: str) -> str | None:
    """The split that a word names, in whatever case, or None.

    >>> split_called(' Valid '), split_called('train2017')
    ('val', None)
    """
    return _SPLITS.get(word.strip().lower())


def split_of_folder(name: str) -> str | None:
    """The split of a folder, whose name may have a year or a word for its content.

    >>> split_of_folder('train2017'), split_of_folder('val_set'), split_of_folder('test tubes')
    ('train', 'val', None)
    """
    words = {*re.findall('[a-z]+', name.lower())} - CONTENT
    return split_called(words.pop()) if len(words) == 1 else None


def splits_in(name: str) -> set[str]:
    """The splits that the words of a longer name mean, which digits and signs part.

    >>> splits_in('instances_train2017'), splits_in('instances_default')
    ({'train'}, set())
    """
    words = re.findall('[a-z]+', name.lower())
    return {split for word in words if (split := split_called(word))}
