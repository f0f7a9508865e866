import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import mmcv
import numpy as np
import torch
from mmengine.dataset import BaseDataset
from PIL import ExifTags, Image
from scipy.sparse import csr_array
from torch import Tensor

from dbl.datasets.annotations import Annotations, find_annotations, multi_hot, read_annotations
from dbl.datasets.picture_store import PictureStore
from dbl.errors import InputError
from dbl.registry import DATASETS, TRANSFORMS
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
    Where transforms are left to the device, there are, instead of ``images``, ``pictures`` (H, W,
    3), BGR, uint8, and ``draws``, the parameters of each of those transforms.

    Args:
        ann_file: Annotation file under ``data_root``; its suffix may be left out.
        data_root: Folder of the annotation file.
        pipeline: Transforms of the decoded image, (H, W, 3), BGR, uint8.
        device_pipeline: Transforms after these that the device applies: here they only draw.
        memory_budget: Most memory for decoded pictures, in GB; those beyond are decoded each time.
        **kwargs: Passed to mmengine's ``BaseDataset``.

    Raises:
        InputError: The annotations are not of the form, or an image is missing or unreadable.
    """

    labels: csr_array  # (N, C), multi-hot
    class_freq: list[int]
    store: PictureStore | None = None

    def __init__(
        self,
        *args,
        device_pipeline: Sequence[dict] = (),
        memory_budget: float = 0,
        **kwargs,
    ) -> None:
        if not memory_budget >= 0:
            raise ValueError(f'memory_budget must be at least 0 GB, but got {memory_budget}')
        self.device_transforms = [TRANSFORMS.build(part) for part in device_pipeline]
        self.memory_budget = memory_budget
        super().__init__(*args, **kwargs)

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

    def share_pictures(self) -> None:
        """Has pictures decoded once, for all workers that are forked from here, and all processes
        of this machine; those have to call it at the same time."""
        if self.memory_budget > 0:
            self.store = PictureStore(self.picture_bytes(), self.memory_budget)

    def picture_bytes(self) -> list[int]:
        """Bytes of each decoded image, by its header; 0 where that cannot be read."""
        infos = (self.get_data_info(i) for i in range(len(self)))
        return [self._from_header(info, lambda im: 3 * im.width * im.height) or 0 for info in infos]

    def picture(self, index: int) -> np.ndarray:
        """Takes an image, (H, W, 3), BGR, uint8, from memory, or decodes it; not to write to."""
        held = self.store and self.store.get(index)
        if held is not None:
            return held
        image = self.load_image(self.get_data_info(index))
        if self.store:
            self.store.put(index, image)
        return image

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
        return np.array([self._is_wide(self.get_data_info(i)) for i in range(len(self))])

    def _is_wide(self, info: dict) -> bool:
        wide = self._from_header(info, _is_wide)
        if wide is None:  # decoding knows, or says
            height, width = self.load_image(info).shape[:2]
            return width > height
        return wide

    def _from_header(self, info: dict, read: Callable[[Image.Image], Any]) -> Any:
        """Reads something of an image that Pillow has opened; None if it cannot."""
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # Pillow's, on large pictures and broken EXIF blocks
            try:
                with Image.open(self.image_path(info)) as image:
                    return read(image)
            except Exception:  # whatever the bytes lead Pillow into
                return None

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
        generator = draw.generator()
        image = self.pipeline({**info, 'img': self.picture(draw.index), 'generator': generator})
        targets = torch.zeros(len(self.class_freq))
        targets[info['labels']] = 1
        labels = {'targets': targets, 'img_path': info['img_path']}
        return {**self._tensors(image['img'], generator), **labels}

    def _tensors(self, image: np.ndarray, generator: np.random.Generator) -> dict:
        if self.device_transforms:
            draws = [transform.draw(generator) for transform in self.device_transforms]
            # Writeable, as torch wants it: a picture that is held is not.
            return {'pictures': torch.from_numpy(np.require(image, None, 'CW')), 'draws': draws}
        return {'images': torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))}


def _is_wide(image: Image.Image) -> bool:
    on_its_side = image.getexif().get(ExifTags.Base.Orientation) in range(5, 9)
    return image.height > image.width if on_its_side else image.width > image.height
