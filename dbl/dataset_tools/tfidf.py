"""Makes features of texts: TF-IDF, by scikit-learn."""

from collections.abc import Iterator
from pathlib import Path

from scipy.sparse import save_npz

from dbl.dataset_tools.feature_files import check_free, make_room, write_labels
from dbl.dataset_tools.splits import read_splits
from dbl.datasets.text_files import read_text
from dbl.errors import InputError
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
        InputError: Texts or labels are missing or malformed, no word is left, or ``out`` holds
            files of one's own.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer  # slow to import

    splits = read_splits(folder)
    if min_df > len(splits['train']):
        raise InputError(
            f'--min-df must be at most {len(splits["train"])}, the number of training texts, but '
            f'got {min_df}'
        )
    vectorizer = TfidfVectorizer(stop_words='english', min_df=min_df)
    check_free(out)
    try:
        vectorizer.fit(_texts(folder, splits['train'].image_paths))
    except InputError:
        raise
    except ValueError as error:  # of scikit-learn
        raise InputError(
            f"the training texts of '{folder}' leave no word with --min-df {min_df}: {error}"
        ) from error
    # All texts are read before anything is deleted.
    matrices = {
        name: vectorizer.transform(_texts(folder, own.image_paths)).astype('float32')
        for name, own in splits.items()
    }
    make_room(out)
    for name, matrix in matrices.items():
        write_labels(out / f'{name}.json', splits[name], str(folder / name))
        with whole_file(out / f'{name}.npz') as part, part.open('wb') as file:
            save_npz(file, matrix)
    return {name: matrix.shape for name, matrix in matrices.items()}


def _texts(folder: Path, paths: list[str]) -> Iterator[str]:
    return (read_text(folder / path) for path in paths)
