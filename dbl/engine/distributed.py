import os

import mmengine.dist
import torch

from dbl.errors import InputError


def init_distributed(launcher: str) -> None:
    """Joins the process group before the Runner is built.

    On CUDA that is mmengine's own start; without CUDA, where that would call for a device, gloo.

    Args:
        launcher: ``'none'``, ``'pytorch'`` (torchrun) or ``'slurm'``.
    """
    if launcher == 'none':
        if int(os.environ.get('WORLD_SIZE', 1)) > 1:
            raise InputError('several processes were started; add --launcher pytorch')
        return
    if torch.cuda.is_available():
        mmengine.dist.init_dist(launcher)
    elif launcher == 'slurm':
        raise InputError('--launcher slurm needs CUDA; on CPUs use torchrun and --launcher pytorch')
    else:
        torch.distributed.init_process_group('gloo')
