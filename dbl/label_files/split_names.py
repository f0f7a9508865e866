"""How people and tools call the splits of a data set."""

import re

WORDS = {
    'train': ('train', 'training'),
    'test': ('test', 'testing'),
    'val': ('val', 'valid', 'validation', 'dev'),
}
_SPLITS = {word: split for split, words in WORDS.items() for word in words}


def split_called(word: str) -> str | None:
    """The split that a word names, in whatever case, or None.

    >>> split_called(' Valid '), split_called('train2017')
    ('val', None)
    """
    return _SPLITS.get(word.strip().lower())


def splits_in(name: str) -> set[str]:
    """The splits that the words of a longer name mean, which digits and signs part.

    >>> splits_in('instances_train2017'), splits_in('instances_default')
    ({'train'}, set())
    """
    words = re.findall('[a-z]+', name.lower())
    return {split for word in words if (split := split_called(word))}
