"""What says of a label whether it counts, or how sure it is: names of columns and keys, and words.

Only names that are known decide. Others are a reason to ask.
"""

import re

from dbl.label_files.words import Meaning, meaning, number_in, plain

# Names as people write them, as `plain` spells them.
CONFIDENCES = (
    'confidence confidences conf confs score scores probability probabilities prob probs'
).split()
# Names of columns that say of the label in a row whether it counts, as pandas' melt gives it.
WHETHER = 'value values present ispresent positive shown'.split()
COUNTED = 'count counts num number quantity'.split()
# Words in other names of confidences, and those that may stand beside them, as in `label_score`.
SURE = {*CONFIDENCES, 'certainty', 'likelihood'}
OF_LABELS = set(
    'label labels class category tag name annotation annotator detection prediction pred model box '
    'object match ai'.split()
)
# What is said of a label that somebody has looked at. In other places these are names.
VERDICTS = dict.fromkeys('accept accepted approved confirmed'.split(), 1.0)
VERDICTS |= dict.fromkeys('reject rejected declined denied'.split(), 0.0)
JUDGED = VERDICTS | {'correct': 1.0, 'pos': 1.0, 'incorrect': 0.0, 'wrong': 0.0, 'neg': 0.0}
# Beside verdicts: nobody has decided.
UNDECIDED = {'ignore', 'ignored', 'skip', 'skipped'}
WORD = re.compile(r'[^A-Za-z]+|(?<=[a-z])(?=[A-Z])')  # parts the words of a name
NO_IDS = set('valid invalid paid unpaid avoid rapid solid liquid fluid acid void covid'.split())


def words_of(name: str) -> list[str]:
    """The words of a name.

    >>> words_of('label_score 2'), words_of('labelScore')
    (['label', 'score'], ['label', 'score'])
    """
    return [word.casefold() for word in WORD.split(name) if word]


def may_be_sureness(name: str) -> bool:
    """Whether a name may be that of how sure labels are, and not of how good a picture is.

    >>> may_be_sureness('label_score'), may_be_sureness('aesthetic_score')
    (True, False)
    """
    words = {*words_of(name)}
    return bool(words & SURE) and words <= SURE | OF_LABELS


def is_id(name: str) -> bool:
    """Whether a name is that of an id.

    >>> is_id('class_id'), is_id('trackid1'), is_id('is_valid')
    (True, True, False)
    """
    last = words_of(name)[-1:]
    return last != [] and last[0].endswith(('id', 'ids')) and last[0] not in NO_IDS


def sureness(cell: str) -> float | None:
    """How sure a label is, by a cell: a number, or a word for yes, for no, or for uncertain.

    >>> sureness('yes'), sureness('rejected'), sureness('0,7'), sureness('maybe'), sureness('sunny')
    (1.0, 0.0, 0.7, 0.5, None)
    """
    of: dict[Meaning, float] = {'shown': 1.0, 'absent': 0.0, 'uncertain': 0.5}
    kind = meaning(cell)
    return of[kind] if kind in of else JUDGED.get(cell.strip().casefold(), number_in(cell))


def is_whether(name: str) -> bool:
    """Whether a name is that of what says of a label if it counts.

    >>> is_whether('Is Present'), is_whether('answer')
    (True, False)
    """
    return plain(name) in WHETHER
