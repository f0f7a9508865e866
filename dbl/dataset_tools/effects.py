"""Whether what one says of label files has an effect on any of them."""

from collections.abc import Collection, Mapping
from dataclasses import fields

from dbl.errors import InputError
from dbl.label_files.answers import Answers
from dbl.label_files.class_names import first_spellings
from dbl.label_files.reading import Reading

USUAL = Answers()
# These name columns, and a table that lacks one is refused.
OF_COLUMNS = frozenset('image_column label_columns labels_column drop_columns'.split())


def _is_given(name: str, answers: Answers) -> bool:
    return getattr(answers, name) != getattr(USUAL, name)


def check_used(readings: Mapping[str, Reading], answers: Answers) -> None:
    """Raises InputError where an answer has no effect on any of the files."""
    used = {name for reading in readings.values() for name in reading.used}
    if any(reading.columns for reading in readings.values()):
        used |= OF_COLUMNS
    if _differ_by_case({name for r in readings.values() for name in r.annotations.classes}):
        used.add('merge_case')
    for field in fields(Answers):
        if _is_given(field.name, answers) and field.name not in used:
            raise InputError(
                f'--{field.name.replace("_", "-")} has no effect: nothing in these files is read '
                'by it; leave it out'
            )


def _differ_by_case(names: Collection[str]) -> bool:
    return len({*first_spellings('', sorted(names), True)}) < len(names)
