from dbl.datasets.annotations import Annotations, read_annotations, write_json
from dbl.datasets.multi_label import MultiLabelDataset
from dbl.datasets.shapes import ShapesMLT

__all__ = [
    'Annotations',
    'MultiLabelDataset',
    'ShapesMLT',
    'read_annotations',
    'write_json',
]
