import os
import subprocess
from pathlib import Path

import mmengine.dist
import torch

from dbl.errors import InputError

SLURM = {'RANK': 'SLURM_PROCID', 'WORLD_SIZE': 'SLURM_NTASKS', 'LOCAL_RANK': 'SLURM_LOCALID'}


def init_distributed(launcher: str) -> None:
    """Joins the process group before the Runner is built.

    On CUDA that is mmengine's own start; without CUDA, where that would call for a device, gloo.

    Args:
        launcher: ``'none'``, ``'pytorch'`` (torchrun) or ``'slurm'`` (srun).
    """
    if launcher == 'none':
        if int(os.environ.get('WORLD_SIZE', 1)) > 1:
            raise InputError('several processes were started; add --launcher pytorch')
        return
    if launcher == 'slurm':
        _set_torchrun_variables()
    if torch.cuda.is_available():
        mmengine.dist.init_dist('pytorch')
    else:
        torch.distributed.init_process_group('gloo')


def _set_torchrun_variables() -> None:
    """Translates SLURM's variables to torchrun's; the processes meet on the job's first node."""
    try:
        found = {name: os.environ[theirs] for name, theirs in SLURM.items()}
        nodes, job = os.environ['SLURM_JOB_NODELIST'], int(os.environ['SLURM_JOB_ID'])
    except KeyError as error:
        raise InputError(
            f'--launcher slurm: {error} is not set; start with `srun python tools/train.py ...`'
        ) from error
    # A task may see its own device alone.
    found['LOCAL_RANK'] = str(int(found['LOCAL_RANK']) % max(1, torch.cuda.device_count()))
    if 'MASTER_ADDR' not in os.environ:
        found['MASTER_ADDR'] = _first_host(nodes)
    found['MASTER_PORT'] = str(20_000 + job % 10_000)  # of two jobs on a node, one each
    os.environ.update(found)


def _first_host(nodes: str) -> str:
    command = ['scontrol', 'show', 'hostnames', nodes]
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.split()[0]
    except (OSError, IndexError) as error:
        raise InputError(
            f'--launcher slurm: `{" ".join(command)}` names no host; set MASTER_ADDR to the first'
        ) from error


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
