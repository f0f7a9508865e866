"""What a run needs of data: annotations and the sources of pictures, all without torch."""

from dbl.datasets.annotated_files import AnnotatedFiles
from dbl.datasets.annotations import Annotations, read_annotations, write_json
from dbl.datasets.shapes import ShapesMLT
from dbl.datasets.single_shapes import SingleShapes

__all__ = [
    'AnnotatedFiles',
    'Annotations',
    'ShapesMLT',
    'SingleShapes',
    'read_annotations',
    'write_json',
]
