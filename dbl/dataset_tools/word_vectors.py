"""Makes the word vectors of a data set's classes from a GloVe text file, for ML-GCN."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from dbl.datasets.word_vectors import finite
from dbl.errors import InputError, listed, shortened

# Names that VOC writes as one word.
COMPOUNDS = {
    'diningtable': 'dining table',
    'pottedplant': 'potted plant',
    'tvmonitor': 'tv monitor',
}


def class_words(name: str) -> list[str]:
    """Splits the name of a class into its words, in lower case.

    >>> class_words('Teddy_bear'), class_words('tvmonitor')
    (['teddy', 'bear'], ['tv', 'monitor'])
    """
    name = name.lower()
    return re.findall(r'[^\W_]+', COMPOUNDS.get(name, name))


def class_vectors(classes: Sequence[str], glove: Path) -> np.ndarray:
    """Averages the vectors of the words of each class's name, (C, d).

    Raises:
        InputError: A word is not in the file, or the file is malformed.

    >>> import tempfile
    >>> glove = Path(tempfile.mkdtemp()) / 'glove.txt'
    >>> _ = glove.write_text('teddy 1 2\\nbear 3 4\\n')
    >>> class_vectors(['teddy bear'], glove).tolist()
    [[2.0, 3.0]]
    """
    words = [class_words(name) for name in classes]
    vectors = read_glove(glove, {word for name in words for word in name})
    missing = [
        f"'{word}' (class '{name}')"
        for name, parts in zip(classes, words, strict=True)
        for word in parts or [name]
        if word not in vectors
    ]
    if missing:
        raise InputError(
            f"'{glove}' has no vector of {listed(missing, 400)}; take another GloVe "
            'file, with a word and its numbers per line, or rename the class'
        )
    means = [np.mean([vectors[word] for word in parts], axis=0, dtype=float) for parts in words]
    return np.stack(means).astype(np.float32)


def read_glove(path: Path, words: Iterable[str]) -> dict[str, np.ndarray]:
    """Reads the vectors of those words that the file has, each (d,), float32.

    A line is a word and its numbers, separated by blanks. As some programs write it, a first line
    of two numbers may say how many words and numbers follow.

    Raises:
        InputError: The file is malformed.
    """
    wanted, vectors = set(words), {}
    with path.open(encoding='utf-8-sig', errors='replace') as file:
        first = file.readline().split()
        counts = len(first) == 2 and first[1].isdecimal() and len(first[1]) < 10
        width = int(first[1]) if counts else len(first) - 1
        file.seek(0)
        for number, line in enumerate(file, start=1):
            word, *values = line.split() or ['']
            # Some files have words of several parts, whose lines are longer.
            if word in wanted and len(values) == width > 0:
                vectors[word] = _vector(path, number, values)
                wanted.remove(word)
            if not wanted:
                break
    return vectors


def _vector(path: Path, number: int, values: list[str]) -> np.ndarray:
    try:
        vector = np.array(values, dtype=np.float64)
    except ValueError as error:
        raise InputError(
            f'{path}, line {number}: expected a word and numbers; {shortened(error)}'
        ) from error
    return finite(f'{path}, line {number}', vector)


def write_word_vectors(path: Path, classes: Sequence[str], vectors: np.ndarray) -> None:
    """Writes the vectors, (C, d), with the names of their classes, as .npz.

    >>> import tempfile
    >>> from dbl.datasets.word_vectors import read_word_vectors
    >>> path = Path(tempfile.mkdtemp()) / 'word_vectors.npz'
    >>> write_word_vectors(path, ['cat', 'dog'], np.eye(2))
    >>> read_word_vectors(path, ['cat', 'dog']).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open('wb') as file:
        np.savez(file, classes=np.array(classes), vectors=vectors)
