"""The processes of one training: how they join, and how they exchange values."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, distributed

from dbl.errors import InputError

SLURM = {'RANK': 'SLURM_PROCID', 'WORLD_SIZE': 'SLURM_NTASKS', 'LOCAL_RANK': 'SLURM_LOCALID'}
START = {
    'pytorch': 'torchrun --nproc_per_node=K -m dbl train ...',
    'slurm': 'srun python -m dbl train ...',
}
EVERY = 10  # iterations


def join_processes(launcher: str) -> None:
    """Joins the process group, over NCCL if there is CUDA, and else over gloo.

    Args:
        launcher: ``'none'``, ``'pytorch'`` (torchrun) or ``'slurm'`` (srun).

    Raises:
        InputError: The processes were not started as the launcher says.
    """
    if launcher == 'none':
        if 'WORLD_SIZE' in os.environ and _number(launcher, 'WORLD_SIZE') > 1:
            raise InputError('several processes were started; add --launcher pytorch')
        return
    if launcher == 'slurm':
        _set_torchrun_variables()
    for name in ('RANK', 'WORLD_SIZE', 'MASTER_PORT'):
        _number(launcher, name)
    _variable(launcher, 'MASTER_ADDR')
    if torch.cuda.is_available():
        local_rank = _number(launcher, 'LOCAL_RANK')
        _check_gpu(local_rank, torch.cuda.device_count())
        torch.cuda.set_device(local_rank)
    distributed.init_process_group('nccl' if torch.cuda.is_available() else 'gloo')


def leave_processes() -> None:
    """Leaves the process group, if there is one, at the end of a command. NCCL warns otherwise."""
    if joined():
        distributed.destroy_process_group()


def _check_gpu(local_rank: int, gpus: int) -> None:
    """Refuses the number of a process on this machine if it has no GPU of its own."""
    if local_rank >= gpus:
        raise InputError(
            f'process {local_rank} has no GPU of its own: this machine has {gpus}; start at most '
            'as many processes on it'
        )


def _variable(launcher: str, name: str) -> str:
    """Reads a variable that the launcher sets."""
    if name not in os.environ:
        raise InputError(
            f"--launcher {launcher}: '{name}' is not set; start with `{START[launcher]}`"
        )
    return os.environ[name]


def _number(launcher: str, name: str) -> int:
    value = _variable(launcher, name)
    try:
        return int(value)
    except ValueError:
        raise InputError(f'the variable {name} must be a number, but got {value!r}') from None


def _set_torchrun_variables() -> None:
    """Translates SLURM's variables to torchrun's. The processes meet on the job's first node."""
    found = {name: _number('slurm', theirs) for name, theirs in SLURM.items()}
    nodes, job = _variable('slurm', 'SLURM_JOB_NODELIST'), _number('slurm', 'SLURM_JOB_ID')
    found['LOCAL_RANK'] %= max(1, torch.cuda.device_count())  # a task may see only its own device
    found['MASTER_PORT'] = 20_000 + job % 10_000  # two jobs on a node get different ones
    if 'MASTER_ADDR' not in os.environ:
        os.environ['MASTER_ADDR'] = _first_host(nodes)
    os.environ.update({name: str(number) for name, number in found.items()})


def _first_host(nodes: str) -> str:
    command = ['scontrol', 'show', 'hostnames', nodes]
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.split()[0]
    except (OSError, IndexError) as error:
        raise InputError(
            f'--launcher slurm: `{" ".join(command)}` names no host; set MASTER_ADDR to the first'
        ) from error


def joined() -> bool:
    """Whether this is one of several processes."""
    return distributed.is_available() and distributed.is_initialized()


def rank_and_world_size() -> tuple[int, int]:
    """The number of this process, and how many there are."""
    return (distributed.get_rank(), distributed.get_world_size()) if joined() else (0, 1)


def is_main() -> bool:
    """Whether this process is the one that writes and prints."""
    return rank_and_world_size()[0] == 0


def barrier() -> None:
    """Waits for the other processes."""
    if joined():
        distributed.barrier()


@contextmanager
def main_first() -> Iterator[None]:
    """Has the main process go through a block before the others, as to download a file for them.

    If it fails there, the others do not wait for it.
    """
    if not is_main():
        barrier()
    try:
        yield
    finally:
        if is_main():
            barrier()


def broadcast(value: Any) -> Any:
    """Gives every process the main process's value, which may be any object."""
    values = [value]
    if joined():
        distributed.broadcast_object_list(values)
    return values[0]


def by_main(function: Callable[[], Any]) -> Any:
    """Has the main process call a function, and gives every process its result or InputError."""
    try:
        outcome = function() if is_main() else None
    except InputError as error:
        outcome = error
    outcome = broadcast(outcome)
    if isinstance(outcome, InputError):
        raise outcome
    return outcome


def gather(value: Any) -> list[Any]:
    """Gives every process the values of all processes, by rank."""
    values = [value]
    if joined():
        values = [None] * distributed.get_world_size()
        distributed.all_gather_object(values, value)
    return values


def average(tensors: list[Tensor]) -> None:
    """Replaces tensors by their means over the processes, in place."""
    if joined():
        for tensor in tensors:
            distributed.all_reduce(tensor)
            tensor /= distributed.get_world_size()


def any_process(flag: bool, iteration: int, device: torch.device | str = 'cpu') -> bool:
    """Whether the flag is set in any process.

    Several processes ask only at every tenth iteration, and all get the same answer.
    """
    if not joined():
        return flag
    if iteration % EVERY:
        return False
    flags = torch.tensor(int(flag), device=device)
    distributed.all_reduce(flags)
    return bool(flags)
