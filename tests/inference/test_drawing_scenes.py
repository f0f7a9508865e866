import sys

import cv2
import numpy as np
import pytest

from dbl.commands.draw import main
from dbl.datasets import ShapesMLT
from dbl.label_files.reading import read_table


def test_scenes_are_written_with_their_labels(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, 'argv', ['draw', '--count', '3', '--out', str(tmp_path / 'out')])
    main()
    source = ShapesMLT('test')
    found = read_table(tmp_path / 'out/labels.csv').annotations
    assert found.image_paths == ['scene_0.png', 'scene_1.png', 'scene_2.png']
    for index, name in enumerate(found.image_paths):
        picture = cv2.imread(str(tmp_path / 'out' / name))
        np.testing.assert_array_equal(picture, source.read(index))
        shown = [source.annotations.classes[c] for c in source.annotations.label_indices[index]]
        assert [found.classes[c] for c in found.label_indices[index]] == sorted(shown)


def test_more_than_there_are_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', ['draw', '--count', '5000', '--out', str(tmp_path)])
    with pytest.raises(SystemExit):
        main()
    assert '--count must lie in [0, 2000], but got 5000' in capsys.readouterr().err
