from itertools import pairwise

from matplotlib.figure import Figure

from dbl.analysis.class_axis import mark_groups, name_classes


def test_groups_stand_above_their_classes_and_end_between_two():
    axes = Figure().subplots()
    mark_groups(axes, [3, 0, 2, 1, 4], {'head': [0, 3], 'medium': [], 'tail': [1, 2, 4]})
    assert [(text.get_text(), text.get_position()[0]) for text in axes.texts] == [
        ('head', 0.5),
        ('tail', 3.0),
    ]
    assert [line.get_xdata()[0] for line in axes.lines] == [1.5]


def test_eighty_names_are_written_and_do_not_touch():
    figure = Figure(figsize=(14.4, 5))
    axes = figure.subplots()
    name_classes(axes, range(80), ['baseball glove'] * 80)
    figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in axes.get_xticklabels()]
    assert len(boxes) == 80
    assert all(a.x1 < b.x0 for a, b in pairwise(boxes))


def test_more_than_a_hundred_names_are_left_out():
    axes = Figure().subplots()
    name_classes(axes, range(101), ['a'] * 101)
    assert axes.get_xticklabels() == []
