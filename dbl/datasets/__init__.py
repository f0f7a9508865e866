"""The data of a run: annotations and sources of pictures or texts, all without torch."""

from dbl.datasets.annotated_files import AnnotatedFiles
from dbl.datasets.annotation_formats import read_annotations, write_json
from dbl.datasets.annotations import Annotations
from dbl.datasets.feature_matrix import FeatureMatrix
from dbl.datasets.other_shapes import OtherShapes
from dbl.datasets.shapes import ShapesMLT
from dbl.datasets.text_files import TextFiles

__all__ = [
    'AnnotatedFiles',
    'Annotations',
    'FeatureMatrix',
    'OtherShapes',
    'ShapesMLT',
    'TextFiles',
    'read_annotations',
    'write_json',
]
