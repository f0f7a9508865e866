"""The rows of tables whose cells name classes, with the labels that are sure enough to count."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from dbl.errors import shortened
from dbl.label_files.answers import Answers
from dbl.label_files.columns import Roles
from dbl.label_files.faults import Faults
from dbl.label_files.label_columns import Form
from dbl.label_files.labelled import picture_path
from dbl.label_files.own_words import OPTIONS, own_words
from dbl.label_files.table import Cell, Table
from dbl.label_files.verdicts import sureness
from dbl.label_files.words import is_blank, is_nothing
from dbl.label_files.written_lists import as_list

NO_NUMBER = (
    'write a number for each label, or say with --positive-words and --negative-words what words '
    'mean; a cell with several needs a row for each label'
)
EMPTY = '--blank negative or positive says how an empty cell counts'
QUOTED = 'a cell that holds the sign between the cells stands in "quotes"'


@dataclass
class NamedRow:
    """The cells of a row that name classes: those that are sure enough to count, and others."""

    number: int
    place: str
    image: str
    cells: list[Cell]
    unsure: list[Cell]


def named_rows(
    table: Table, roles: Roles, answers: Answers, faults: Faults, met: set[str]
) -> Iterator[NamedRow]:
    """Reads the rows of a table, but for those at fault.

    Args:
        table: The table.
        roles: What its columns are for.
        answers: From which confidence on a label counts.
        faults: Gets what is wrong.
        met: Gets the options whose words there are.
    """
    width, words = len(table.header), own_words(answers)
    needed = max(c.index for c in (roles.image, *roles.labels, *roles.confidences))
    for number, short in table.rows():
        place, row = table.place(number), _padded(short, roles)
        if len(row) <= needed or any(row[width:]):
            counted = f'{place}: expected {width} cells, but got {len(row)}'
            faults.add('other number of cells', counted, QUOTED)
            continue
        found = NamedRow(number, place, picture_path(str(row[roles.image.index])), [], [])
        for cell, confidence in _with_confidences(row, roles):
            said = confidence if confidence is None else _in(words, str(confidence), met)
            is_sure = said is None or _is_sure(place, said, answers, faults, met)
            (found.cells if is_sure else found.unsure).append(cell)
        yield found


def _padded(row: Sequence[Cell], roles: Roles) -> Sequence[Cell]:
    """A row with empty cells behind its last name, which some files leave out."""
    indices = [column.index for column in roles.labels]
    is_whole = len(row) > max(min(indices), roles.image.index)
    if roles.form is not Form.SEVERAL_CELLS or roles.confidences or not is_whole:
        return row
    return [*row, *[''] * (max(indices) + 1 - len(row))]


def _with_confidences(row: Sequence[Cell], roles: Roles) -> Iterator[tuple[Cell, Cell | None]]:
    """The cells of the labels, each with that of its confidence; an empty cell needs none."""
    for label, confidence in zip_longest(roles.labels, roles.confidences):
        cell = as_list(row[label.index])
        needs_none = confidence is None or (isinstance(cell, str) and is_nothing(cell))
        yield cell, None if needs_none else row[confidence.index]


def _in(words: Mapping[str, str], cell: str, met: set[str]) -> str:
    """A cell, as 1 or 0 if its owner says that it means that."""
    known = words.get(cell.strip().casefold())
    met |= {OPTIONS[known]} if known is not None else set()
    return cell if known is None else known


def _is_sure(place: str, cell: str, answers: Answers, faults: Faults, met: set[str]) -> bool:
    """Whether a label counts, by the cell that says how sure it is."""
    if is_blank(cell) and answers.blank in ('negative', 'positive'):
        met.add('blank')
        return answers.blank == 'positive'
    number = sureness(cell)
    if number is None:
        helps = EMPTY if is_blank(cell) else NO_NUMBER
        faults.add('no number for a confidence', f"{place} ('{shortened(cell, 40)}')", helps)
        return False
    if answers.confidence is None and number not in (0, 1):
        kind, least = ('between', '0.5') if 0 < number < 1 else ('other than', 'N')
        helps = f'--confidence {least} counts a label from that number on'
        faults.add(f'number {kind} 0 and 1', f'{place} ({number:g})', helps)
    return number >= (1 if answers.confidence is None else answers.confidence)
