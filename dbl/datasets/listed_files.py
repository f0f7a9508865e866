"""Files that an annotation file lists."""

import os
from pathlib import Path

import numpy as np

from dbl.datasets.annotation_formats import find_annotations, read_annotations
from dbl.datasets.fingerprint import fingerprints
from dbl.errors import InputError


class ListedFiles:
    """Files that an annotation file lists, by their paths from its folder.

    Args:
        ann_file: Annotation file under ``data_root``; its suffix may be left out.
        data_root: Folder of the annotation file.

    Attributes:
        kind: What each file is, for messages.

    Raises:
        InputError: The annotations are missing or malformed.
    """

    kind = 'file'

    def __init__(self, ann_file: str, data_root: str = '') -> None:
        self.ann_file = find_annotations(Path(data_root, ann_file))
        self.annotations = read_annotations(self.ann_file)

    @property
    def name(self) -> str:
        """The path of the annotation file, for messages."""
        return str(self.ann_file)

    def path(self, index: int) -> Path:
        """Gives the path of a file: the annotation file's folder and the path that it lists."""
        return self.ann_file.parent / self.annotations.image_paths[index]

    def existing(self, index: int) -> Path:
        """Gives the path of a file that exists.

        Raises:
            InputError: It does not.
        """
        path = self.path(index)
        if not os.path.isfile(path):  # a pipe is none: opening it would wait
            raise InputError(f"{self.kind} '{path}' of '{self.name}' does not exist")
        return path

    def identities(self) -> list[str]:
        """Names each file by its path, with links resolved."""
        return [os.path.realpath(self.path(i)) for i in range(len(self.annotations))]

    def fingerprints(self) -> np.ndarray:
        """Hashes the size and the first bytes of each file, (N,), int64.

        Raises:
            InputError: A file cannot be read.
        """
        return fingerprints([self.path(i) for i in range(len(self.annotations))])

    def check_images(self) -> None:
        """Raises InputError, with their number and the first path, if files are missing."""
        paths = self.annotations.image_paths
        missing = [path for i, path in enumerate(paths) if not os.path.isfile(self.path(i))]
        if missing:
            do = 'does' if len(missing) == 1 else 'do'
            remedy = f': put the {self.kind}s there, or change the paths'
            if os.path.isfile(missing[0]):
                remedy = f", not to the working directory, where '{missing[0]}' exists"
            raise InputError(
                f"{len(missing)} of the {len(paths)} {self.kind}s in '{self.name}' {do} not exist, "
                f"the first is '{self.ann_file.parent / missing[0]}'; paths are relative to the "
                f'folder of the table{remedy}'
            )
