"""Tables and claims of F1, from made runs whose numbers are known."""

import numpy as np
import pytest
from scipy.special import logit
from sklearn.metrics import f1_score

from dbl.claims.answers import answers
from dbl.claims.claim import Claim
from dbl.claims.resampled import Resampled
from dbl.errors import InputError
from dbl.evaluation import shared_threshold
from dbl.results.f1_table import as_f1_csv, as_f1_lines, f1_of, f1_rows

GROUPS = {'head': [0], 'medium': [1], 'tail': [2]}


class MadeRun:
    """A finished run, selected on validation, whose scores are drawn."""

    def __init__(self, row, seed, skill, selected=True):
        self.row, self.seed, self.folder, self.groups = row, seed, f'{row}/seed_{seed}', GROUPS
        self.class_freq, self.classes = [200, 50, 5], ['a', 'b', 'c']
        self.metrics = {'val/mAP/total': 0.5} | ({'selected/epoch': 2} if selected else {})
        rng = np.random.default_rng(7)
        targets = {own: (rng.random((300, 3)) < 0.3).astype(np.uint8) for own in ('', 'val_')}
        rng = np.random.default_rng([seed, *row.encode()])
        self._scores = {
            f'{weights}{images}': {
                'logits': logit(
                    np.clip(0.6 * rng.random((300, 3)) + np.array(skill) * own / 3, 0.01, 0.99)
                ),
                'targets': own,
                'images': np.arange(300).astype(str),
            }
            for weights in ('', 'selected_')
            for images, own in targets.items()
        }

    def scores(self, variant=''):
        return self._scores[variant]


@pytest.fixture
def runs():
    skills = {'bce': (1, 0.5, -0.5), 'db': (1, 1, 0.9)}
    return [MadeRun(row, seed, skill) for row, skill in skills.items() for seed in range(5)]


def test_it_is_that_of_the_selected_epoch_with_the_threshold_from_validation(runs):
    own = runs[0]
    val, test = (own.scores(f'selected_{name}') for name in ('val_', ''))
    scores = [1 / (1 + np.exp(-part['logits'])) for part in (val, test)]
    threshold = shared_threshold(scores[0], val['targets'])
    assert 0.4 <= threshold <= 0.6
    expected = f1_score(test['targets'], scores[1] >= threshold, average='micro')
    assert f1_of(own)['total'][0] == pytest.approx(expected)
    last = MadeRun('bce', 0, (1, 0.5, -0.5), selected=False)
    assert f1_of(last) != f1_of(own)


def test_what_was_published_stands_above_ours(runs):
    header, *lines = as_f1_lines(f1_rows(runs, ['bce', 'db', 'fl'], 'reuters/linear'))
    assert header == ['row', '', 'n', 'total', 'head', 'medium', 'tail']
    assert lines[0] == ['BCE', 'published', '', '89.14 / 47.32', '91.75 / 82.81', '66.28 / 57.26',
                        '0.00 / 0.00']  # fmt: skip
    assert lines[1][:3] == ['BCE', 'ours', '5']
    assert lines[-1][3:] == ['- / -'] * 4, 'nobody has trained it'
    own = as_f1_lines(f1_rows(runs, ['bce'], 'custom'))
    assert len(own) == 2, 'nothing was published of it'


def test_a_csv_has_a_line_for_each_row_and_group(runs):
    rows = f1_rows(runs, ['bce', 'db'], 'reuters/linear')
    header, *lines = as_f1_csv(rows).splitlines()
    assert len(lines) == 8
    cells = dict(zip(header.split(','), lines[0].split(','), strict=True))
    assert cells['published_macro'] == '47.32'
    assert float(cells['macro']) == pytest.approx(rows[0].values[:, 0, 1].mean(), abs=0.005)
    assert cells['seeds'] == '0 1 2 3 4'


def test_a_run_without_validation_has_no_threshold(runs):
    runs[0].metrics = {}
    with pytest.raises(InputError, match=r'was not validated, so it has no threshold; to train'):
        f1_of(runs[0])


def test_claims_in_f1(runs):
    found = Resampled(runs, draws=200, measure='f1')
    claims = [
        Claim('DB lifts the tail', 'db', 'bce', 'tail'),
        Claim('BCE stays low in the tail', 'bce', None, 'tail', below=30.0),
        Claim('DB stays low in the tail', 'db', None, 'tail', below=30.0),
        Claim('DB is on top', 'db', None, 'total'),
        Claim('of the others there is none', 'db', None, 'total', without=('bce',)),
    ]
    first, low, high, top = answers(found, claims)
    assert [own.verdict for own in (first, low, high, top)] == [
        'shown', 'shown', 'the opposite', 'shown',
    ]  # fmt: skip
    assert (low.pair, high.pair, top.pair) == ('BCE', 'DB', 'DB - BCE')
    means = [100 * f1_of(run)['tail'][1] for run in runs]
    assert low.mean[3] == pytest.approx(np.mean(means[:5]))
    assert first.mean[3] == pytest.approx(np.mean(means[5:]) - np.mean(means[:5]))
