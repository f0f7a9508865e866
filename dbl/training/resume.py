"""Goes on with a run exactly, from its newest checkpoint."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from dbl.config_values import changed_values, flat_values
from dbl.environment import environment
from dbl.errors import InputError, shortened
from dbl.models.classifier import of_training_set
from dbl.out_of_memory import is_out_of_memory
from dbl.terminal import say
from dbl.training.checkpoint import averaged_weights, newest_resumable
from dbl.training.distributed import is_main, rank_and_world_size
from dbl.training.fitting_weights import check_fits
from dbl.training.meta import changed_pictures, config_of, sources_of
from dbl.training.rng_state import set_rng_state

if TYPE_CHECKING:
    from dbl.training.progress import Progress

# What Python and torch may raise for a state of another form.
MISFITS = (
    ArithmeticError, AttributeError, LookupError, MemoryError, RuntimeError, TypeError, ValueError,
)  # fmt: skip
ANEW = 'put it back, or start anew with --overwrite'
ASKED = {'averaged': 'ema', 'selections': "select='best' or patience"}
# What a run cannot change, or else its place in an epoch and its states would change meaning.
FIXED = {
    'seed': 'started with seed {then}, but got seed {now}; leave --seed out to resume it',
    'batch': 'has batches of {then} over all processes, but got {now}; set '
    'train_dataloader.batch_size so that they are the same',
    'epoch_length': 'has epochs of {then} iterations, but the config and the training images give '
    f'{{now}}; {ANEW}',
    'sha256': f'had other training images, or labels, than data and val_fraction give now; {ANEW}',
    'val': f'had other images for validation, or labels, than there are now; {ANEW}',
    'test': f'had other test images, or labels, than there are now; {ANEW}',
    'init_from': f'started from init_from={{then}}, but got {{now}}; {ANEW}',
    'weights': f'started with model.backbone.weights={{then}}, but got {{now}}; {ANEW}',
    'optimizer': f'was trained with {{then}}, but got optimizer.type {{now}}; {ANEW}',
}


def resume(progress: 'Progress') -> None:
    """Goes on exactly from the run's newest whole checkpoint.

    Raises:
        InputError: No checkpoint is whole, or the run cannot go on with this config.
    """
    path, saved = newest_resumable(progress.run.checkpoints)
    meta, model = saved['meta'], progress.experiment.model
    check_fits(model, saved['state_dict'], path)
    try:
        _check_fixed(progress, meta)
        _check_pictures(progress, meta['pictures'])
        _check_head(model.head, saved['state_dict'])
        model.load_state_dict(saved['state_dict'])
        _load_optimizer(progress, saved['optimizer'])
        progress.scaler.load_state_dict(saved['scaler'])
        progress.log.load_state(saved['log'])
        _load_optional(progress, saved, path)
        progress.iteration = int(meta['iter'])
        before = flat_values(config_of(meta))
        states = meta['rng_states']
        rank, processes = rank_and_world_size()
        set_rng_state(states[rank % len(states)])
        if processes == len(saved['statistics']) > 1:
            _load_statistics(progress, saved['statistics'][rank])
    except InputError:
        raise
    except MISFITS as error:
        if is_out_of_memory(error):
            raise
        raise InputError(
            f"'{path}' does not fit the config ({error!r}): resume with the one that it was "
            'trained with, or start anew with --overwrite'
        ) from error
    changes = changed_values(before, flat_values(progress.config))
    _check_left(progress, before, changes)
    if changes and is_main():
        say(f'warning: goes on with other values: {"; ".join(changes)}')
    _say_environment(progress)
    if len(states) != processes and is_main():
        say(
            'warning: the number of processes has changed, and with it the random numbers, such as '
            'those of dropout'
        )


def _load_statistics(progress: 'Progress', saved: dict[str, list[Tensor]]) -> None:
    """Loads this process's running statistics, which differ between processes within an epoch."""
    for name, found in progress.statistics().items():
        for own, value in zip(found, saved[name], strict=True):
            own.copy_(value)


def _check_left(progress: 'Progress', before: dict[str, Any], changes: list[str]) -> None:
    """Raises InputError if a run would get a config that no part of it was trained with."""
    left = progress.config.epochs * progress.epoch_length - progress.iteration
    if progress.evaluations.out_of_patience:
        raise InputError(
            f"the run in '{progress.run.path}' has had {progress.evaluations.since} evaluations "
            f'without a better one, but got patience={progress.config.patience}; raise it, or '
            'start anew with --overwrite'
        )
    patience, earlier = progress.config.patience, before.get('patience')
    ended_early = progress.run.finished_epoch == progress.epoch < before['epochs']
    if ended_early and patience and earlier and patience <= earlier:
        left = 0  # it would run out of patience again
    begun = progress.iteration / progress.epoch_length
    if left < 0:
        raise InputError(
            f"the run in '{progress.run.path}' has trained {begun:.2f} epochs, but got "
            f'epochs={progress.config.epochs}; raise it, or start anew with --overwrite'
        )
    if left == 0 and changes:
        raise InputError(
            f"the run in '{progress.run.path}' has nothing left to train, but got other values: "
            f'{"; ".join(changes)}; put them back, raise epochs or patience, or start anew with '
            '--overwrite'
        )


def _say_environment(progress: 'Progress') -> None:
    """Names what has changed in the environment since the last start: sums may round otherwise."""
    now, last = environment(), [{}, *progress.run.starts][-1]
    before = {name: last.get(name, value) for name, value in now.items()}
    changes = changed_values(before, now)
    if changes and is_main():
        say(f'warning: goes on in another environment: {"; ".join(changes)}')


def _load_optimizer(progress: 'Progress', saved: dict[str, Any]) -> None:
    """Loads the optimiser's state. Rate, momentum and decay are the config's."""
    optimizer = progress.experiment.optimizer
    groups = optimizer.state_dict()['param_groups']
    # With backbone_lr the parameters are in two groups, in the same order.
    ours, theirs = (
        [i for g in own for i in g['params']] for own in (groups, saved['param_groups'])
    )
    if ours != theirs:
        raise ValueError('the optimiser has other parameters')
    amsgrad = {group.get('amsgrad') for group in (*groups, *saved['param_groups'])}
    if len(amsgrad) > 1:  # amsgrad has a state of its own
        raise ValueError('optimizer.amsgrad has changed')
    if not set(saved['state']) <= set(ours):
        raise ValueError('the optimiser has states of other parameters')
    for i, parameter in enumerate(p for g in optimizer.param_groups for p in g['params']):
        _check_state(saved['state'].get(i, {}), parameter)
    optimizer.load_state_dict({'state': saved['state'], 'param_groups': groups})


def _check_state(state: dict[str, Any], parameter: Tensor) -> None:
    """Raises ValueError if a state is neither of its parameter's form nor a single number."""
    for name, value in state.items():
        if value is None:
            continue
        fits = torch.is_tensor(value) and value.shape in (parameter.shape, ())
        if not fits or _kind(value) != _kind(parameter):
            raise ValueError(f"the optimiser's {name} does not fit its parameter")


def _kind(tensor: Tensor) -> tuple:
    return tensor.dtype, tensor.layout, tensor.is_meta


def _load_optional(progress: 'Progress', saved: dict[str, Any], path: Path) -> None:
    """Loads the states of the sampler, averaged weights and selections, where there are any."""
    sampler = progress.loader.sampler
    if 'sampler' in saved and hasattr(sampler, 'load_state_dict'):
        sampler.load_state_dict(saved['sampler'])
    averaged = progress.experiment.averaged
    asked = {'averaged': averaged is not None, 'selections': bool(progress.evaluations.selections)}
    for name, wanted in asked.items():
        if wanted and name not in saved:
            raise InputError(
                f"'{path}' was trained without {ASKED[name]}, which cannot begin in the middle; "
                'leave it out, or start anew with --overwrite'
            )
    if averaged is not None:
        check_fits(averaged.module, averaged_weights(saved, path), path)
        averaged.module.load_state_dict(saved['averaged']['state_dict'])
        averaged.n_averaged.fill_(saved['averaged']['steps'])
    if progress.evaluations.selections:
        progress.evaluations.load_state(saved['selections'])


def _check_fixed(progress: 'Progress', meta: dict[str, Any]) -> None:
    for key, now in progress.fixed().items():
        if meta[key] != now:
            sentence = FIXED[key].format(then=shortened(meta[key]), now=now)
            raise InputError(f"the run in '{progress.run.path}' {sentence}")


def _check_head(head: nn.Module, saved: dict[str, Tensor]) -> None:
    """Raises InputError if a head would be made otherwise now: what is saved would replace it."""
    for name, now in of_training_set(head).items():
        if not torch.equal(saved[f'head.{name}'], now.cpu()):
            raise InputError(
                f'the run began with another {name} of its head, but got other values for '
                f'model.head, or other word vectors; {ANEW}'
            )


def _check_pictures(progress: 'Progress', before: dict[str, Tensor]) -> None:
    for what, source in sources_of(progress.experiment).items():
        names, now = source.annotations.image_paths, progress.pictures[what]
        if said := changed_pictures(before[what], now, names):
            raise InputError(
                f"the run in '{progress.run.path}' had other {what} pictures under the same names: "
                f'{said}; {ANEW}'
            )
