import warnings
from collections.abc import Sequence

from mmengine.optim import _ParamScheduler


def scaled_schedule(
    schedulers: Sequence[dict], base_batch_size: int, batch_size: int
) -> list[dict]:
    """Shortens a warm-up that is counted in iterations as the batch grows, so that it sees as many
    images.

    Goyal et al., "Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour" (2017), whose linear
    rule mmengine's ``auto_scale_lr`` applies to the rate.

    Args:
        schedulers: Configs of schedules; those by epoch stay as they are.
        base_batch_size: Images of a batch that the schedules are meant for.
        batch_size: Images of a batch of all processes together.
    """
    scaled = []
    for part in schedulers:
        if part.get('by_epoch', True) is False and 'end' in part:
            # Its end is one more than its iterations, see configs/_base_/plain.py.
            iterations = (part['end'] - 1) * base_batch_size / batch_size
            part = {**part, 'end': 1 + max(1, round(iterations))}
        scaled.append(part)
    return scaled


def move_end(scheduler: _ParamScheduler, end: int) -> None:
    """Gives a schedule, as it was saved, the end of a run of another number of epochs.

    A step that the old end left out is made up for.
    """
    left_out = scheduler.end <= scheduler._global_step < end
    scheduler.end = end
    if left_out:
        scheduler._global_step -= 1
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # the optimiser has stepped, before it was loaded
            scheduler.step()
