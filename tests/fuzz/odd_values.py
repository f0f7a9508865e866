"""Values that no sound file has."""

import random
import string
from typing import Any

# What stands for it in a tree becomes lists in lists once it is text: json cannot write them.
DEEP = '@deep@'
DIGITS = '@digits@'  # a whole number of more digits than Python reads
ESCAPES = '\x1b[2J\x1b]0;owned\x07\r\x9b31m\u202e\x00'
SCRIPT = '<script>document.title="EXECUTED"</script>'
# A module whose import would leave a file behind.
PAYLOAD = 'fuzz_payload'
TEXTS = (
    '', ' ', 'a' * 100_000, 'a' * 300, ESCAPES, 'cat' + ESCAPES, '\ud800', 'é' * 300, SCRIPT,
    '"><img src=x onerror=alert(1)>', '../../etc/passwd', '/etc/passwd', 'C:\\a', 'a/../../b',
    '\n\n', '[bold red]x[/]', '[/]', '{{ 7 * 7 }}', '{0.__class__}', '%s%n', '$x$', '$\\frac{$',
    '=1+1', 'NaN', '-1', '9' * 5000, '1e400', '٣', 'null', 'a,b\n"', '\x85\u2028\u2029',
    'os.system', f'{PAYLOAD}.Thing', '\ufeff', 'a\x00b', '.', '..', '~', '-x', '*', '?',
)  # fmt: skip
NUMBERS = (
    0, -1, 1, 2, 3, 7, 0.5, -0.0, 1e308, -1e308, 5e-324, 10**400, -(10**400), 2**31, 2**32, 2**53,
    2**63, 2**64, -(2**63), float('nan'), float('inf'), float('-inf'), 1e6, 10**9, 10**12, True,
)  # fmt: skip
PARTS = (
    {'type': 'os.system', 'command': 'touch EXECUTED'},
    {'type': f'{PAYLOAD}.Thing'},
    {'type': 'subprocess.check_call', 'popenargs': ['touch', 'EXECUTED']},
    {'type': 'builtins.exec', 'source': 'open("EXECUTED", "w")'},
    {'type': None},
    {'_base_': 'x.py'},
    {'__reduce__': ['os.system', ['touch EXECUTED']]},
    {'__class__': 'x'},
)


def odd_value(rng: random.Random, value: Any) -> Any:
    """Another value in a value's place: of another kind, or of its own and out of all bounds."""
    makers = (_of_its_kind, _text, _number, _hollow, _part, _many, lambda *_: DEEP)
    return rng.choices(makers, weights=(4, 3, 3, 2, 1, 1, 0.5))[0](rng, value)


def _of_its_kind(rng: random.Random, value: Any) -> Any:
    if isinstance(value, (bool, int, float)):
        return _near(rng, value)
    if isinstance(value, str):
        return rng.choice([value.upper(), value[:-1], value + ESCAPES, value * 100, value[::-1]])
    if isinstance(value, (list, tuple)):
        return rng.choice([[*value, *value], list(value[:-1]), list(value[::-1]), [list(value)]])
    if isinstance(value, dict):
        return {**value, rng.choice(TEXTS): rng.choice(NUMBERS)}
    return None


def _near(rng: random.Random, value: float) -> Any:
    return rng.choice([-value, value + 1, value - 1, value * 10**6, str(value), [value]])


def _text(rng: random.Random, value: Any) -> str:
    if rng.random() < 0.1:
        return ''.join(rng.choices(string.printable, k=rng.randrange(1, 300)))
    return rng.choice(TEXTS)


def _number(rng: random.Random, value: Any) -> Any:
    return rng.choice((*NUMBERS, DIGITS))


def _hollow(rng: random.Random, value: Any) -> Any:
    return rng.choice([None, [], {}, [[]], [None], {'': None}, False])


def _part(rng: random.Random, value: Any) -> dict:
    return dict(rng.choice(PARTS))


def _many(rng: random.Random, value: Any) -> Any:
    """Very many of a value, if it is small."""
    if len(repr(value)) > 40:
        return [value]
    return rng.choice([[value] * 10_000, {str(i): value for i in range(5000)}])
