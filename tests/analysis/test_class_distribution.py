import numpy as np
import pytest
from matplotlib.figure import Figure

from dbl.analysis.class_distribution import compute_class_distribution, plot_class_distribution
from dbl.samplers.class_aware import ClassAwareSampler

LABELS = np.array([[0, 1, 1], [0, 1, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]])


def test_a_worked_example():
    """Class 1 on four images, 2 on three, 0 on one; an epoch has one draw a class."""
    distribution = compute_class_distribution(LABELS)
    assert distribution.classes.tolist() == [1, 2, 0]
    assert distribution.class_freq.tolist() == [4, 3, 1]
    np.testing.assert_allclose(distribution.draws, [1 + 2 / 3 + 1, 2 / 4 + 1, 1 / 4 + 1])
    assert distribution.counted is None


def test_a_plan_is_counted_and_its_length_gives_the_expectation():
    """Six draws of three classes are two a class."""
    distribution = compute_class_distribution(LABELS, plan=[2, 2, 0, 4, 1, 2])
    assert distribution.classes.tolist() == [1, 2, 0]
    assert distribution.counted.tolist() == [5, 2, 3]
    np.testing.assert_allclose(distribution.draws, [2 * 8 / 3, 2 * 3 / 2, 2 * 5 / 4])


@pytest.mark.parametrize('name', ['voc_mlt', 'coco_mlt'])
def test_an_epoch_of_the_sampler_is_near_the_expectation(published, name):
    """Within a tenth for each class: Figure 5 shows one curve, not two."""
    train = published(name)
    labels = train.labels

    plan = ClassAwareSampler(labels, seed=0).plan(0)
    distribution = compute_class_distribution(labels, plan)
    np.testing.assert_allclose(distribution.counted, distribution.draws, rtol=0.1)
    ends = {'voc_mlt': (195, 2974), 'coco_mlt': (287, 14297)}[name]
    assert (round(distribution.draws.min()), round(distribution.draws.max())) == ends


def test_what_is_drawn_is_what_was_computed():
    axes = Figure().subplots()
    names = ['a$\\frac$', '[/b]', ':cat:']
    plot_class_distribution(axes, compute_class_distribution(LABELS), names)
    assert [bar.get_height() for bar in axes.patches] == [4, 3, 1]
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [8 / 3, 3 / 2, 5 / 4])
    assert [label.get_text() for label in axes.get_xticklabels()] == ['[/b]', ':cat:', 'a$\\frac$']
    axes.figure.draw_without_rendering()


def test_with_a_plan_there_is_a_bar_more_a_class_under_its_estimate():
    axes = Figure().subplots()
    distribution = compute_class_distribution(LABELS, plan=[2, 2, 0, 4, 1, 2])
    plot_class_distribution(axes, distribution, ['a', 'b', 'c'])
    assert [bar.get_height() for bar in axes.patches] == [4, 3, 1, 5, 2, 3]
    middles = [bar.get_x() + bar.get_width() / 2 for bar in axes.patches[3:]]
    np.testing.assert_allclose(axes.lines[0].get_xdata(), middles)
