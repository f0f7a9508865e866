import pytest

from dbl.analysis.figures_of_labels import class_aware_plan, sampling
from dbl.config import load_config
from dbl.datasets import Annotations
from dbl.errors import InputError
from dbl.registry import SAMPLERS
from dbl.samplers import ClassAwareSampler


def make_sampler(labels):
    return ClassAwareSampler(labels)


@pytest.mark.parametrize('name', ['ShuffleSampler', 'make_sampler'])
def test_what_is_no_class_aware_sampler_is_refused(monkeypatch, name):
    """For a function that makes a sampler it raised TypeError."""
    monkeypatch.setitem(SAMPLERS.module_dict, 'make_sampler', make_sampler)
    config = {'train_dataloader': {'sampler': {'type': name}}}
    with pytest.raises(InputError, match=f'sampler is {name}, but the figures show'):
        class_aware_plan(config, Annotations(['cat'], ['a.jpg'], [[0]]))


@pytest.mark.parametrize(('loss', 'drawn'), [('DistributionBalancedLoss', True), ('Mine', False)])
def test_a_loss_that_is_not_known_here_costs_no_figure_but_its_own(loss, drawn):
    config = load_config('demo/rs', {'model.head.loss': {'type': loss}})
    figures = set(sampling(config))
    assert figures >= {'class_distribution', 'sampling_variance', 'conditional_probability'}
    assert ('class_balance' in figures) is drawn
