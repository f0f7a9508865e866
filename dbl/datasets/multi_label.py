import warnings
from pathlib import Path

import cv2
import mmcv
import numpy as np
import torch
from mmengine.dataset import BaseDataset
from PIL import ExifTags, Image
from scipy.sparse import csr_array
from torch import Tensor

from dbl.datasets.annotations import Annotations, find_annotations, multi_hot, read_annotations
from dbl.errors import InputError
from dbl.registry import DATASETS
from dbl.samplers import Draw


@DATASETS.register_module()
class MultiLabelDataset(BaseDataset):
    """Images with multi-hot labels, from an annotation file.

    ::

        data_root/
            train.json, train.csv or train.jsonl
            test.json, test.csv or test.jsonl
            (images, at the paths that the annotation file gives, relative to its folder)

    A .csv has the header ``image,<class>,...`` and cells 0 or 1; a .jsonl has
    ``{"image": ..., "labels": ["a", "b"]}`` a line. A .json has mmengine's form:
    ``{"metainfo": {"classes": [...]}, "data_list": [{"img_path": ..., "labels": [0, 2]}, ...]}``.

    Items are dicts of ``images`` (3, H, W), ``targets`` (C,), multi-hot, and ``img_path``. The
    index of a training item is a :class:`~dbl.samplers.Draw`, whose numbers its transforms use.

    Args:
        ann_file: Annotation file under ``data_root``; its suffix may be left out.
        data_root: Folder of the annotation file.
        pipeline: Transforms of the decoded image, (H, W, 3), BGR, uint8.
        **kwargs: Passed to mmengine's ``BaseDataset``.

    Raises:
        InputError: The annotations are not of the form, or an image is missing or unreadable.
    """

    labels: csr_array  # (N, C), multi-hot
    class_freq: list[int]

    def load_annotations(self) -> Annotations:
        """Reads the annotations; the seam for data of another form."""
        self.ann_file = str(find_annotations(Path(self.ann_file)))
        return read_annotations(self.ann_file)

    def load_data_list(self) -> list[dict]:
        annotations = self.load_annotations()
        self._metainfo = {**self._metainfo, 'classes': annotations.classes}
        pairs = zip(annotations.image_paths, annotations.label_indices, strict=True)
        return [{'img_path': path, 'labels': indices} for path, indices in pairs]

    def full_init(self) -> None:
        if self._fully_initialized:
            return
        super().full_init()
        indices = [self.get_data_info(i)['labels'] for i in range(len(self))]
        self.labels = multi_hot(indices, len(self.metainfo['classes']))
        self.class_freq = self.labels.sum(axis=0).tolist()

    def load_image(self, info: dict) -> np.ndarray:
        """Decodes an image to (H, W, 3), BGR, uint8, upright after its EXIF orientation."""
        path = self.image_path(info)
        try:
            image = mmcv.imread(str(path))
        except FileNotFoundError as error:
            raise InputError(f"image '{path}' of '{self.ann_file}' does not exist") from error
        except cv2.error:  # an empty file
            image = None
        if image is None:
            raise InputError(
                f"image '{path}' cannot be decoded; replace it, or take it out of '{self.ann_file}'"
            )
        return image

    def image_path(self, info: dict) -> Path:
        """Where an image lies: its path is relative to the folder of the annotation file."""
        return Path(self.ann_file).parent / info['img_path']

    def wider_than_high(self) -> np.ndarray:
        """Finds which images are wider than high, (N,), upright.

        The header tells, but of a .png, which is decoded.
        """
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # Pillow's, on large pictures and broken EXIF blocks
            return np.array([self._is_wide(self.get_data_info(i)) for i in range(len(self))])

    def _is_wide(self, info: dict) -> bool:
        try:
            with Image.open(self.image_path(info)) as image:
                width, height = image.size
                on_its_side = image.getexif().get(ExifTags.Base.Orientation) in range(5, 9)
        except Exception:  # whatever the bytes lead Pillow into: decoding knows, or says
            height, width = self.load_image(info).shape[:2]
            on_its_side = False
        return height > width if on_its_side else width > height

    def check_images(self) -> None:
        """Raises InputError with count and first path where images are missing."""
        paths = (self.image_path(self.get_data_info(i)) for i in range(len(self)))
        missing = [path for path in paths if not path.is_file()]
        if missing:
            raise InputError(
                f"{len(missing)} of the {len(self)} images in '{self.ann_file}' do not exist, "
                f"the first is '{missing[0]}'; put them there (data/README.md draws the folders)"
            )

    def __getitem__(self, index: int | Draw) -> dict[str, Tensor | str]:
        draw = index if isinstance(index, Draw) else Draw(index, seed=0, epoch=0, position=index)
        info = self.get_data_info(draw.index)
        results = {**info, 'img': self.load_image(info), 'generator': draw.generator()}
        image = self.pipeline(results)['img']
        targets = torch.zeros(len(self.class_freq))
        targets[info['labels']] = 1
        image = torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))
        return {'images': image, 'targets': targets, 'img_path': info['img_path']}
