"""Lists that were written into a cell of text, as programs print them."""

import ast
import json
import re
from contextlib import suppress

from dbl.label_files.records import as_cell
from dbl.label_files.table import Cell

QUOTES = '"\''
# What Python prints of other collections than lists.
CALL = re.compile(
    r'(?:np\.|numpy\.|torch\.)?(?:array|tensor|set|frozenset|Index)'
    r'\((.*?)(?:,\s*(?:dtype|device|grad_fn|requires_grad)=.*)?\)',
    re.DOTALL,
)
CUT = re.compile(r'[\[(\s,]\.\.\.[\s,\])]')  # where numpy leaves items out
SCALAR = re.compile(r'np\.(?:u?int\d*|float\d*|str_|bool_?)\(([^()]*)\)|np\.(True|False)_')
BARE = re.compile(r'\[[^\[\]{}"\']*\]')  # words in brackets, without quotes
# Words, or numbers, with a blank and no comma between them, in brackets.
NUMPY = re.compile(r"""^\[\s*([^\s,'"]+|'[^']*'|"[^"]*")(\s+([^\s,'"]+|'[^']*'|"[^"]*"))+\s*\]$""")


def as_list(cell: Cell) -> Cell:
    """Reads the list in a cell, as Python, JSON, numpy, or Postgres write one; else the cell.

    >>> as_list("['cat', 'dog']"), as_list('{cat,dog}'), as_list('[1 0]'), as_list('cat')
    (['cat', 'dog'], ['cat', 'dog'], ['1', '0'], 'cat')
    >>> as_list('[cat, dog]'), as_list("frozenset({'cat'})"), as_list('set()')
    (['cat', 'dog'], ['cat'], [])
    """
    text = cell.strip() if isinstance(cell, str) else ''
    if called := CALL.fullmatch(text):
        text = called[1] or '[]'
    if text[:1] + text[-1:] not in ('[]', '{}', '()') or CUT.search(text):
        return cell
    text = SCALAR.sub(lambda found: found[1] or found[2], text)
    if NUMPY.search(text):
        return [item.strip(QUOTES) for item in text[1:-1].split()]
    for parse in (json.loads, ast.literal_eval):
        with suppress(ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            value = as_cell(parse(text))
            return value if isinstance(value, list) else cell
    if text[0] == '{' or BARE.fullmatch(text):  # as Postgres writes arrays
        return [item.strip(QUOTES + ' ') for item in text[1:-1].split(',')]
    return cell
