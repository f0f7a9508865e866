"""Makes features of texts: TF-IDF, by scikit-learn."""

from collections.abc import Iterator
from pathlib import Path

from scipy.sparse import save_npz

from dbl.dataset_tools.feature_files import make_room, write_labels
from dbl.dataset_tools.splits import read_splits
from dbl.datasets.text_files import read_text
from dbl.files import whole_file


def write_tfidf(folder: Path, out: Path, min_df: int = 1) -> dict[str, tuple[int, int]]:
    """Writes TF-IDF of the texts that each split of a folder lists: sparse, (N, D), and its labels.

    The vocabulary and its document frequencies are those of the training texts, without the English
    stop words of scikit-learn. :class:`~dbl.datasets.FeatureMatrix` reads what is written.

    Args:
        folder: Has texts and their labels, see :class:`~dbl.datasets.TextFiles`.
        out: Folder to write to.
        min_df: Training texts that a word has to be in.

    Returns:
        The shape of each matrix, by split.

    Raises:
        InputError: Texts or labels are missing or malformed, or ``out`` holds files of one's own.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer  # slow to import

    splits = read_splits(folder)
    vectorizer = TfidfVectorizer(stop_words='english', min_df=min_df)
    vectorizer.fit(_texts(folder, splits['train'].image_paths))
    make_room(out)
    shapes = {}
    for name, annotations in splits.items():
        matrix = vectorizer.transform(_texts(folder, annotations.image_paths)).astype('float32')
        write_labels(out / f'{name}.json', annotations, str(folder / name))
        with whole_file(out / f'{name}.npz') as part, part.open('wb') as file:
            save_npz(file, matrix)
        shapes[name] = matrix.shape
    return shapes


def _texts(folder: Path, paths: list[str]) -> Iterator[str]:
    return (read_text(folder / path) for path in paths)
