from typing import Literal, Optional

import pytest

from dbl.errors import InputError
from dbl.kinds import check_kind


@pytest.mark.parametrize('annotation', [bool | None, Optional[bool]])  # noqa: UP045  # torch's form
def test_both_spellings_of_none_or_a_kind_are_checked(annotation):
    check_kind('optimizer.foreach', None, annotation)
    check_kind('optimizer.foreach', True, annotation)
    with pytest.raises(InputError, match='must be True or False or None, but got 1'):
        check_kind('optimizer.foreach', 1, annotation)


def test_words_may_be_left_out():
    annotation = Literal['mean', 'sum'] | None
    check_kind('loss.reduction', None, annotation)
    with pytest.raises(InputError, match='must be text or None, but got 3'):
        check_kind('loss.reduction', 3, annotation)
