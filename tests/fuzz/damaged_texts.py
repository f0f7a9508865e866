"""Damage to text files that their parsers see: .json, .jsonl, .csv, .xml and lists."""

import json
import random
from typing import Any

from odd_values import DEEP, DIGITS, ESCAPES, NUMBERS, TEXTS, odd_value
from trees import changed

DEPTH = 100_000


def damaged_json(rng: random.Random, content: bytes) -> bytes:
    """Some values are others, as text."""
    tree = json.loads(content)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        tree = changed(rng, tree, odd_value)
    return _as_text(rng, tree)


def _as_text(rng: random.Random, tree: Any) -> bytes:
    text = json.dumps(_with_keys(tree), ensure_ascii=rng.random() < 0.5)
    deep = rng.choice(['[' * DEPTH + ']' * DEPTH, '[' * DEPTH, '{"a":' * DEPTH + '1' + '}' * DEPTH])
    text = text.replace(f'"{DEEP}"', deep).replace(f'"{DIGITS}"', '9' * 5000)
    return text.encode('utf-8', 'surrogatepass')


def _with_keys(tree: Any) -> Any:
    """The same with keys that json knows."""
    if isinstance(tree, dict):
        return {k if isinstance(k, str) else str(k): _with_keys(v) for k, v in tree.items()}
    return list(map(_with_keys, tree)) if isinstance(tree, (list, tuple)) else tree


def damaged_lines(rng: random.Random, content: bytes) -> bytes:
    """One JSON value of a file with one a line is another."""
    lines = content.splitlines()
    number = rng.randrange(len(lines))
    lines[number] = damaged_json(rng, lines[number])
    return b'\n'.join([*lines, b''])


def damaged_table(rng: random.Random, content: bytes) -> bytes:
    """Cells of a .csv, mostly of its header, are others; or it has very many of them."""
    rows = [line.split(',') for line in content.decode().splitlines()]
    for _ in range(rng.choice([1, 1, 2, 4])):
        row = rng.choice([rows[0], rng.choice(rows)])
        row[rng.randrange(len(row))] = rng.choice(_CELLS)(rng)
    if rng.random() < 0.1:
        rows = rng.choice([_wide, _long])(rows)
    return '\n'.join(','.join(row) for row in [*rows, '']).encode('utf-8', 'surrogatepass')


_CELLS = (
    lambda rng: rng.choice(TEXTS),
    lambda rng: str(rng.choice(NUMBERS)),
    lambda rng: '"' + rng.choice(TEXTS).replace('"', '""') + '"',
    lambda rng: rng.choice(['"', '""', '"a', 'a"', 'a\rb', 'x' * 140_000]),
)


def _wide(rows: list) -> list:
    head, *others = rows
    more = [f'class {i}' for i in range(9000)]
    return [head + more, *(row + ['0'] * len(more) for row in others[:5])]


def _long(rows: list) -> list:
    head, *others = rows
    return [head, *([f'{i}{row[0]}', *row[1:]] for i in range(500) for row in others)]


def damaged_xml(rng: random.Random, content: bytes) -> bytes:
    """Entities that expand or lead elsewhere, depth, odd encodings and odd texts."""
    return rng.choice(_XML)(rng, content.decode()).encode('utf-8', 'surrogatepass')


def _entities(rng: random.Random, text: str) -> str:
    """Each entity stands for many of the one before: a few lines that would become gigabytes."""
    many = rng.choice([2, 10, 100])
    lines = ['<!ENTITY e0 "lol">']
    lines += [f'<!ENTITY e{i + 1} "{f"&e{i};" * many}">' for i in range(rng.choice([3, 9, 30]))]
    return _document(''.join(lines), text, f'&e{len(lines) - 1};')


def _long_entity(rng: random.Random, text: str) -> str:
    return _document(f'<!ENTITY e "{"a" * 100_000}">', text, '&e;' * rng.choice([10, 10_000]))


def _outer_entity(rng: random.Random, text: str) -> str:
    address = rng.choice(['file:///etc/passwd', 'http://localhost:9/x', 'EXECUTED'])
    return _document(f'<!ENTITY e SYSTEM "{address}">', text, '&e;')


def _document(declared: str, text: str, name: str) -> str:
    place = text.find('<name>') + len('<name>')
    return f'<!DOCTYPE annotation [{declared}]>\n{text[:place]}{name}{text[place:]}'


def _depth(rng: random.Random, text: str) -> str:
    depth = rng.choice([1000, DEPTH])
    return rng.choice(['<object>' * depth, '<a>' * depth + text + '</a>' * depth])


def _encoding(rng: random.Random, text: str) -> str:
    names = [
        'utf-16',
        'utf-7',
        'unicode_escape',
        'x' * 200,
        'idna',
        'hex',
        'rot13',
        'ascii',
        ESCAPES,
    ]
    return f'<?xml version="1.0" encoding="{rng.choice(names)}"?>\n{text}'


def _other_texts(rng: random.Random, text: str) -> str:
    old = rng.choice(['aeroplane', '<name>', 'object', 'difficult', '</'])
    return text.replace(old, rng.choice([*TEXTS, str(rng.choice(NUMBERS))]), rng.choice([1, -1]))


def _many_objects(rng: random.Random, text: str) -> str:
    begin, end = text.find('<object>'), text.find('</annotation>')
    return text[:begin] + text[begin:end] * rng.choice([100, 3000]) + text[end:]


_XML = (
    _entities, _long_entity, _outer_entity, _depth, _encoding, _other_texts, _other_texts,
    _many_objects,
)  # fmt: skip


def damaged_list(rng: random.Random, content: bytes) -> bytes:
    """Words of a list are others."""
    lines = [line.split(' ') for line in content.decode().split('\n')]
    for _ in range(rng.choice([1, 1, 3])):
        words = rng.choice(lines)
        words[rng.randrange(len(words))] = rng.choice([*TEXTS, *map(str, NUMBERS)])
    return '\n'.join(map(' '.join, lines)).encode('utf-8', 'surrogatepass')
