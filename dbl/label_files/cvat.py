"""CVAT's own XML ("CVAT for images"), which is one file for all pictures of a task."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from dbl.errors import InputError
from dbl.label_files.annotation_tools import attribute_records
from dbl.label_files.table import Record
from dbl.limits import check_most


def read_xml_records(path: Path) -> tuple[list[Any], str]:
    """Reads the records of CVAT's XML, and says whose form it is.

    Raises:
        InputError: It is too large, no XML, or XML of another form.
    """
    check_most('DBL_MAX_CVAT', path.stat().st_size, f"the bytes of '{path}'")
    try:
        root = ElementTree.fromstring(path.read_bytes())
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise InputError(f"'{path}' is not XML: {error}") from error
    if root.tag == 'annotation':
        raise InputError(f"'{path}' is in VOC's form; read its folder with `build_dataset voc`")
    if root.find('track') is not None:
        raise InputError(
            f"'{path}' is CVAT's export of a video; export it as 'CVAT for images' instead"
        )
    return cvat_images(root), "CVAT's export"


def cvat_images(root: ElementTree.Element) -> list[Record]:
    """Turns XML into records: the tags and the labels of shapes, and a column for each attribute.

    >>> text = '<annotations><image name="a.jpg"><tag label="cat"/></image></annotations>'
    >>> cvat_images(ElementTree.fromstring(text))
    [{'image': 'a.jpg', 'labels': ['cat']}]
    """
    images = list(root.iter('image'))
    return attribute_records(
        (image.get('name', ''), [a for node in image for a in _attributes(node)])
        for image in images
    )


def _attributes(node: ElementTree.Element) -> Iterator[dict[str, Any]]:
    """The label of a tag or a shape, and its attributes, of which boxes are ticked or not."""
    label = node.get('label')
    if not label:
        return
    yield {'labels': {label: True}}
    for attribute in node.iter('attribute'):
        name, value = attribute.get('name', ''), (attribute.text or '').strip()
        if value in ('true', 'false'):
            yield {f'{label}: ticked': {name: value == 'true'}}
        else:
            yield {f'{label}: {name}': value}
