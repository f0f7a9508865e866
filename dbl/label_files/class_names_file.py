"""Names for classes that a table writes as codes or numbers, in a file of their own."""

import json
from collections.abc import Mapping
from pathlib import Path

from dbl.errors import InputError, listed, shortened
from dbl.files import unique_keys
from dbl.label_files.answers import Answers
from dbl.label_files.faults import Faults
from dbl.label_files.labelled import Labels
from dbl.label_files.text import decode, find_delimiter, split_rows
from dbl.label_files.words import one_spelling

TWO_CELLS = (
    "write two cells in each line, such as '0,cat'; a list of names alone, that of 0 first, is for "
    '--names'
)


def read_class_names(answers: Answers) -> dict[str, str]:
    """Reads the file of --class-names: in each line a class as tables write it, and its name.

    Its header, if it has one, is a line of which no table writes the class. A .json holds an object
    instead, as ``{"0": "cat"}`` or ``{"cat": 0}``. Without a file there are no names.

    Raises:
        InputError: The file is missing, or a line of it is at fault.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / 'class-descriptions.csv'
    >>> _ = path.write_text('/m/01yrx,Cat\\n/m/0bt9lr,Dog\\n')
    >>> read_class_names(Answers(class_names=path))
    {'/m/01yrx': 'Cat', '/m/0bt9lr': 'Dog'}
    """
    path = answers.class_names
    if path is None:
        return {}
    if answers.names:
        raise InputError('--names and --class-names exclude each other; leave out one')
    text = decode(path, answers.encoding)
    names = _of_json(path, text) if path.suffix.lower() == '.json' else _of_lines(path, text)
    if not names:
        raise InputError(f"--class-names: '{path}' names no class")
    return names


def _of_lines(path: Path, text: str) -> dict[str, str]:
    names, faults = dict[str, str](), Faults(path)
    for number, row in split_rows(path, text, find_delimiter(path, text)):
        cells, place = list(map(one_spelling, row)), f'line {number}'
        if len(cells) != 2 or not all(cells):
            faults.add('other than a class and its name', place, TWO_CELLS)
        elif names.setdefault(cells[0], cells[1]) != cells[1]:
            faults.add('another name for a class', f"{place} ('{shortened(cells[0], 40)}')")
    faults.raise_if_any()
    return names


def _of_json(path: Path, text: str) -> dict[str, str]:
    """The names in an object of JSON, as ``{"0": "cat"}`` or ``{"cat": 0}``."""
    try:
        content = json.loads(text, object_pairs_hook=unique_keys)
    except (ValueError, RecursionError) as error:
        raise InputError(f"'{path}' is not JSON: {shortened(error, 200)}") from error
    pairs = content.items() if isinstance(content, dict) else []
    if pairs and all(type(value) is int for _, value in pairs):
        pairs = [(str(number), name) for name, number in pairs]
    if not pairs or not all(isinstance(name, str) for _, name in pairs):
        raise InputError(f'--class-names: \'{path}\' is no object such as {{"0": "cat"}}')
    return {one_spelling(code): one_spelling(name) for code, name in pairs}


def rename(table: Path, labels: Labels, names: Mapping[str, str]) -> Labels:
    """Gives classes their names. One without a name keeps what the table calls it, which is said.

    Args:
        table: The table, for the message.
        labels: What it says.
        names: Those that are to be given.

    Raises:
        InputError: There is none for any class.

    >>> from dbl.label_files.labelled import Cells
    >>> labels = Labels(['/m/01yrx', '/m/x'], [], Cells.ONE_NAME, '', {}, frozenset())
    >>> named = rename(Path('train.csv'), labels, {'/m/01yrx': 'Cat'})
    >>> named.classes, named.notes['names']
    (['Cat', '/m/x'], "given to 1 of 2 classes, not to '/m/x' (--class-names)")
    """
    classes = labels.classes
    if not names or not classes:
        return labels
    without = [name for name in classes if name not in names]
    if len(without) == len(classes):
        raise InputError(
            f"--class-names has no name for any class of '{table}', such as "
            f"'{shortened(classes[0], 40)}', but for '{shortened(next(iter(names)), 40)}'; its "
            'lines need a class as the table writes it, and the name'
        )
    left = f', not to {listed(map(repr, without))}' if without else ''
    said = f'given to {len(classes) - len(without)} of {len(classes)} classes{left}'
    return labels._replace(
        classes=[names.get(name, name) for name in classes],
        notes=labels.notes | {'names': f'{said} (--class-names)'},
        used=labels.used | {'class_names'},
    )
