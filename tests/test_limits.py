"""The limits of what a file may ask for: where they are set, and that they hold everywhere."""

import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
from bombs import beginning

from dbl.errors import InputError, listed, shortened
from dbl.limits import LIMITS, check_most, most
from dbl.longtail import co_occurrence, least_frequent_pairs


def test_the_environment_changes_a_limit(monkeypatch):
    with pytest.raises(InputError, match=r'are 256, but at most 255 .* set DBL_MAX_NAME=256 in'):
        check_most('DBL_MAX_NAME', 256, 'the characters')
    monkeypatch.setenv('DBL_MAX_NAME', '256')
    check_most('DBL_MAX_NAME', 256, 'the characters')
    assert most('DBL_MAX_PIXELS') == LIMITS['DBL_MAX_PIXELS'], 'the others stay'


@pytest.mark.parametrize('text', ['', 'x', '-1', '1e9', '1' * 19, '9' * 5000], ids=beginning)
def test_a_limit_that_is_no_number_is_named(monkeypatch, text):
    monkeypatch.setenv('DBL_MAX_XML', text)
    message = 'DBL_MAX_XML must be a whole number, such as 1000000'
    with pytest.raises(InputError, match=message) as error:
        most('DBL_MAX_XML')
    assert len(str(error.value)) < 200


def test_a_misspelt_limit_is_named(monkeypatch):
    monkeypatch.setenv('DBL_MAX_PIXLES', '5')
    with pytest.raises(InputError, match=r"variable 'DBL_MAX_PIXLES' is unknown; .*DBL_MAX_PIXELS"):
        most('DBL_MAX_NAME')


def test_what_fits_is_not_shortened():
    assert shortened('a' * 80) == 'a' * 80
    assert shortened('a' * 81) == 'a' * 80 + '...'


def test_names_are_listed_whole_but_for_one_that_is_too_long_itself():
    assert listed(['a' * 30] * 9, 94) == f'{"a" * 30}, {"a" * 30}, {"a" * 30} and 6 more'
    assert listed(['a' * 30] * 9, 93) == f'{"a" * 30}, {"a" * 30} and 7 more'
    assert listed(['a' * 300, 'b']) == f'{"a" * 200}... and 1 more'
    assert listed([]) == ''


READ = """
import {first}, sys
import cv2
try:
    print(cv2.imread(sys.argv[1]).shape)
except cv2.error:
    print('refused')
"""


@pytest.mark.parametrize('first', ['dbl.commands.train', 'dbl.commands.build_dataset'])
def test_opencv_has_the_same_limit_in_the_commands(tmp_path, first):
    """For what Pillow cannot read the header of, as Radiance's pictures."""
    path = str(tmp_path / 'a.hdr')
    cv2.imwrite(path, np.zeros((40, 50, 3), np.float32))
    for limit, shown in (('1999', 'refused'), ('2000', '(40, 50, 3)'), ('x', '(40, 50, 3)')):
        command = [sys.executable, '-c', READ.format(first=first), path]
        env = {**os.environ, 'DBL_MAX_PIXELS': limit}
        env.pop('OPENCV_IO_MAX_IMAGE_PIXELS', None)  # which a test before may have had set
        process = subprocess.run(command, env=env, capture_output=True, text=True)
        assert process.stdout.strip() == shown, process.stderr


def test_a_picture_of_every_class_does_not_fill_the_memory():
    """20,000 labels in 120 kB of text are 400 million pairs."""
    with pytest.raises(
        InputError, match=r'pairs .* are 400000000, but at most .*DBL_MAX_PAIRS=4.* to count'
    ):
        co_occurrence(np.ones((1, 20_000), dtype=np.int8))
    single = np.eye(20, 20_000, dtype=np.int8)
    assert co_occurrence(single).nnz == 20
    with pytest.raises(InputError, match='pairs of classes of the group are 400000000'):
        least_frequent_pairs(single, list(range(20_000)), 10)
