"""Words for yes and no that the owner of a table adds to those that are known."""

from dbl.errors import InputError
from dbl.label_files.answers import Answers
from dbl.label_files.words import is_blank

OPTIONS = {'1': 'positive_words', '0': 'negative_words'}


def own_words(answers: Answers) -> dict[str, str]:
    """What the owner's words mean, as 1 or 0.

    Raises:
        InputError: A word is blank, or is said to mean both.

    >>> own_words(Answers(positive_words=['Ano'], negative_words=['ne']))
    {'ano': '1', 'ne': '0'}
    """
    shown, absent = (
        [word.strip().casefold() for word in words]
        for words in (answers.positive_words, answers.negative_words)
    )
    if both := {*shown} & {*absent}:
        raise InputError(
            f"'{min(both)}' is in --positive-words and in --negative-words; choose one"
        )
    if blank := [word for word in (*shown, *absent) if is_blank(word)]:
        raise InputError(f"'{blank[0]}' counts as an empty cell; --blank says what that means")
    return dict.fromkeys(shown, '1') | dict.fromkeys(absent, '0')
