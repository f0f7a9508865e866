import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, sparray


def images_by_class(labels: ArrayLike | sparray) -> list[np.ndarray]:
    """Lists the images of each class, ascending.

    Shape:
        - labels: (N, C), multi-hot. Output: C arrays of image indices.
    """
    columns = csr_array(labels).tocsc()
    columns.sort_indices()
    return np.split(columns.indices, columns.indptr[1:-1])
