import torch
from mmengine.dist import all_reduce, get_comm_device, get_world_size

EVERY = 10  # iterations


def any_process(flag: bool, iteration: int) -> bool:
    """Whether the flag is set in any process; of several processes, asked at every tenth iteration.

    All processes get the same answer, at the same iteration.
    """
    if get_world_size() == 1:
        return flag
    if iteration % EVERY:
        return False
    flags = torch.tensor(int(flag), device=get_comm_device())
    all_reduce(flags, 'sum')
    return bool(flags)
