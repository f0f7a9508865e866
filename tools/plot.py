"""Draw the paper's figures, from a config's labels or from finished runs, as PNG and PDF.

python tools/plot.py sampling configs/voc_mlt/db.py
python tools/plot.py gradients configs/voc_mlt/db.py
python tools/plot.py increments work_dirs/table1/demo
python tools/plot.py scores work_dirs/table1/demo
"""

import argparse
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from mmengine.config import ConfigDict
from mmengine.registry import init_default_scope
from scipy.sparse import csr_array
from torch import Tensor

from dbl.analysis.ap_increments import compute_ap_increments, plot_ap_increments
from dbl.analysis.class_axis import mark_groups
from dbl.analysis.class_distribution import compute_class_distribution, plot_class_distribution
from dbl.analysis.conditional_probability import (
    compute_conditional_probability,
    plot_conditional_probability,
)
from dbl.analysis.negative_gradient import compute_negative_gradients, plot_negative_gradients
from dbl.analysis.sampling_variance import (
    compute_sampling_variance,
    plot_sampling_variance,
    sampling_variance,
)
from dbl.analysis.score_density import compute_score_densities, plot_score_density
from dbl.analysis.variance_and_gain import compute_variance_and_gain, plot_variance_and_gain
from dbl.datasets import MultiLabelDataset
from dbl.engine import load_config
from dbl.engine.arguments import OptionsAction
from dbl.engine.components import build
from dbl.errors import InputError, exits_on_bad_input
from dbl.longtail import head_medium_tail
from dbl.losses.distribution_balanced import DistributionBalancedLoss, class_bias
from dbl.registry import DATASETS, MODELS, SAMPLERS
from dbl.results.paper import NAMES
from dbl.results.runs import Run, read_runs
from dbl.results.same_configuration import check_comparable
from dbl.samplers.class_aware import ClassAwareSampler

ROWS = ('erm', 'rs', 'r_bce', 'db')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest='command', required=True)
    for draw, needs, shows in (
        (sampling, 'config', 'classes before and after re-sampling: Figures 2 and 5'),
        (gradients, 'config', 'gradient of the losses by a negative logit: Figure 3'),
        (increments, 'runs', 'average precision gained from ERM to DB: Figure 6, section 4.4'),
        (scores, 'runs', 'densities of the test scores: Figure 1'),
    ):
        command = commands.add_parser(draw.__name__, help=shows, description=shows)
        add_source(command, needs)
        command.add_argument(
            '-o', '--out', type=Path, help='folder; default: work_dirs/figures/<data set>'
        )
        command.set_defaults(draw=draw)
    return parser.parse_args()


def add_source(command: argparse.ArgumentParser, needs: str) -> None:
    if needs == 'runs':
        rows = ', '.join(ROWS)
        text = f'with finished runs of {rows}, as work_dirs/table1/demo'
        command.add_argument('source', type=Path, metavar='RUNS_FOLDER', help=text)
        return
    command.add_argument('source', type=Path, metavar='CONFIG', help='as configs/demo/db.py')
    command.add_argument(
        '--cfg-options',
        nargs='+',
        action=OptionsAction,
        metavar='KEY=VALUE',
        help='override config values, as data_root=my_photos',
    )


def sampling(args: argparse.Namespace) -> dict[str, Figure]:
    """Figures 2 and 5, from training labels alone."""
    config = load_config(args.source, args.cfg_options, images=[])
    train, metric = training_set(config), config.test_evaluator
    limits = {key: metric[key] for key in ('head', 'tail') if key in metric}
    groups = head_medium_tail(train.class_freq, **limits)
    distribution = compute_class_distribution(train.labels, class_aware_plan(config, train))
    variance = compute_sampling_variance(train.labels)
    return {
        'class_distribution': by_class(plot_class_distribution, distribution, train, groups),
        'sampling_variance': by_class(plot_sampling_variance, variance, train, groups),
        'conditional_probability': heat_map(train),
    }


def by_class(plot: Callable, computed, train: MultiLabelDataset, groups: dict) -> Figure:
    figure, axes = wide_figure(len(train.class_freq))
    plot(axes, computed, train.metainfo['classes'])
    mark_groups(axes, computed.classes, groups)
    return figure


def heat_map(train: MultiLabelDataset) -> Figure:
    names = train.metainfo['classes']
    side = min(14, max(6, 0.15 * len(names)))
    figure = Figure(figsize=(1.1 * side, side), layout='compressed')
    computed = compute_conditional_probability(train.labels)
    plot_conditional_probability(figure.subplots(), computed, names)
    return figure


def training_set(config: ConfigDict) -> MultiLabelDataset:
    return build(DATASETS, 'train_dataloader.dataset', config['train_dataloader']['dataset'])


def class_aware_plan(config: ConfigDict, train: MultiLabelDataset) -> np.ndarray:
    """The plan of the config's first epoch."""
    part, seed = config.train_dataloader.sampler, config.randomness.get('seed', 0)
    if not issubclass(SAMPLERS.get(part.type), ClassAwareSampler):
        raise InputError(
            f'train_dataloader.sampler is {part.type}, but the figures show what ClassAwareSampler '
            'does; take a config with re-sampling, as configs/demo/db.py'
        )
    sampler = build(SAMPLERS, 'train_dataloader.sampler', part, dataset=train, seed=seed)
    return sampler.plan(epoch=0)


def wide_figure(num_classes: int, *beside: float) -> tuple[Figure, ...]:
    """A figure with room for the names of the classes; and for axes beside, as wide as given."""
    width = min(16, max(6, 0.18 * num_classes))
    figure = Figure(figsize=(width + sum(beside), 5), layout='constrained')
    ratios = [width, *beside]
    return figure, *figure.subplots(1, len(ratios), squeeze=False, width_ratios=ratios)[0]


def gradients(args: argparse.Namespace) -> dict[str, Figure]:
    """Figure 3, for the most frequent, the middle and the least frequent class."""
    config = load_config(args.source, args.cfg_options, images=[])
    loss = build(MODELS, 'model.head.loss', config.model.head.loss)
    if not isinstance(loss, DistributionBalancedLoss):
        raise InputError(
            f'model.head.loss is {type(loss).__name__}, which has no lam and nu; take a config '
            'of DistributionBalancedLoss, as configs/demo/db.py'
        )
    nu, labels = class_biases(loss, training_set(config).metainfo['classes'])
    computed = compute_negative_gradients(np.linspace(-6, 6, 481), nu, loss.lam)
    figure = Figure(figsize=(12, 5), layout='constrained')
    left, right = figure.subplots(1, 2)
    plot_negative_gradients(left, computed, labels)
    plot_negative_gradients(right, computed, labels, scale='log')
    handles = right.get_legend_handles_labels()
    figure.legend(*handles, loc='outside lower center', ncols=2, frameon=False)
    return {'negative_gradients': figure}


def class_biases(loss: DistributionBalancedLoss, names: list[str]) -> tuple[Tensor, list[str]]:
    """Biases as the loss applies them, and their labels."""
    order = loss.class_freq.argsort(descending=True, stable=True)
    classes = order[[0, len(order) // 2, -1]].tolist()
    nu = class_bias(loss.class_freq[classes].double(), loss.num_images, loss.nu_scale)
    shifts = [f'λ={loss.lam:g}, shift {bias:.3f}' for bias in nu.tolist()]
    # Between two bare dollars matplotlib would read a formula.
    shown = [f'{names[c]}, n={loss.class_freq[c]}'.replace('$', r'\$') for c in classes]
    return nu, [f'NT-BCE, {s} ({c})' for s, c in zip(shifts, shown, strict=True)]


def increments(args: argparse.Namespace) -> dict[str, Figure]:
    """Figure 6, and beside it what section 4.4 says of it."""
    runs = runs_by_row(args.source)
    ap = {row: np.stack([run.ap for run in runs[row]]) for row in ROWS}
    first = runs[ROWS[0]][0]
    variance = sampling_variance(labels_of(first))
    computed = compute_ap_increments(list(ap.values()), first.class_freq)
    figure, bars, points = wide_figure(len(first.classes), 5)
    steps = [f'{NAMES[a]} to {NAMES[b]}' for a, b in pairwise(ROWS)]
    plot_ap_increments(bars, computed, first.classes, steps)
    mark_groups(bars, computed.classes, first.groups)
    gain = compute_variance_and_gain(variance, ap['rs'], ap['db'])
    plot_variance_and_gain(points, gain, first.groups, 'RS to DB')
    figure.suptitle(f'mean over seeds: {seeds(runs)}')
    return {'ap_increments': figure}


def labels_of(run: Run) -> csr_array:
    """The training labels, read again from where the run found them."""
    init_default_scope('dbl')
    train = training_set(ConfigDict(run.config))
    if train.class_freq != run.class_freq:
        raise InputError(
            f"'{train.ann_file}' has changed since '{run.folder}' was trained: images per class "
            f'are {train.class_freq}, but were {run.class_freq}; restore it, or train again'
        )
    return train.labels


def scores(args: argparse.Namespace) -> dict[str, Figure]:
    """Figure 1, of head and tail."""
    runs = runs_by_row(args.source)
    groups = {name: runs[ROWS[0]][0].groups[name] for name in ('head', 'tail')}
    pooled = [[scores_of(run) for run in runs[row]] for row in ROWS]
    logits, targets = (
        [np.concatenate([seed[key] for seed in row]) for row in pooled]
        for key in ('logits', 'targets')
    )
    computed = compute_score_densities(logits, targets, list(groups.values()))
    figure = Figure(figsize=(9, 10), layout='constrained')
    grid = figure.subplots(len(ROWS), len(groups), sharex=True, sharey=True)
    for (row, group), axes in np.ndenumerate(grid):
        plot_score_density(axes, computed, row, group)
        axes.set_title(f'{NAMES[ROWS[row]]}, {[*groups][group]} classes')
    figure.suptitle(f'seeds: {seeds(runs)}')
    figure.supxlabel('probability on the test set')
    figure.supylabel('density')
    grid[0, -1].legend(loc='upper right')
    return {'score_densities': figure}


def scores_of(run: Run) -> dict[str, np.ndarray]:
    if not (run.folder / 'scores.npz').is_file():
        raise InputError(f"'{run.folder}' has no scores.npz; delete the run and train it again")
    return run.scores()


def runs_by_row(folder: Path) -> dict[str, list[Run]]:
    """The finished runs of the figures' rows."""
    runs = [run for run in read_runs([folder]) if run.row in ROWS]
    by_row = {row: [run for run in runs if run.row == row] for row in ROWS}
    missing = [row for row in ROWS if not by_row[row]]
    if missing:
        usual = folder.parent == Path('work_dirs/table1')
        where = '' if usual else f' --work-dir {folder.parent}'
        raise InputError(
            f"'{folder}' holds no finished run of {', '.join(missing)}; `python tools/table1.py "
            f'run --dataset {folder.resolve().name} --rows {" ".join(missing)}{where}` trains them'
        )
    check_comparable(runs)
    return by_row


def seeds(by_row: dict[str, list[Run]]) -> str:
    """How many there are: rows may have different ones."""
    return ', '.join(f'{NAMES[row]} {len(runs)}' for row, runs in by_row.items())


def save(folder: Path, figures: dict[str, Figure]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in figures.items():
        figure.savefig(folder / f'{name}.png', dpi=150, bbox_inches='tight')
        # Without the hour the same data gives the same file.
        pdf = folder / f'{name}.pdf'
        figure.savefig(pdf, bbox_inches='tight', metadata={'CreationDate': None})
        print(*(folder / f'{name}.{suffix}' for suffix in ('png', 'pdf')), sep='\n')


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    source = args.source.resolve()
    data = source.parent.name if source.suffix == '.py' else source.name
    save(args.out or Path('work_dirs/figures') / data, args.draw(args))


if __name__ == '__main__':
    main()
