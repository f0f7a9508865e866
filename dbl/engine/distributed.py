import os
from pathlib import Path

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


def launch() -> str:
    """Identifies this start of torchrun's, which its restarts share."""
    return f'{os.environ.get("TORCHELASTIC_RUN_ID")} {os.getppid()}'


def restarted(work_dir: Path) -> bool:
    """Whether torchrun has started these processes again, and the run in the folder is theirs."""
    mark = work_dir / 'launch'
    again = int(os.environ.get('TORCHELASTIC_RESTART_COUNT', 0)) > 0
    answer = [again and mark.is_file() and mark.read_text(encoding='utf-8') == launch()]
    mmengine.dist.broadcast_object_list(answer)  # the main process's
    return answer[0]
