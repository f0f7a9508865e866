"""What a position within a run refers to: the training images, and the length of an epoch."""

import hashlib

import numpy as np
from torch.utils.data import DataLoader

from dbl.errors import InputError


def training_plan(loader: DataLoader) -> dict[str, int | str]:
    """Iterations of an epoch, and a digest of the training images' paths and labels, in order."""
    dataset = loader.dataset
    if not hasattr(dataset, 'digest'):
        paths = (dataset.get_data_info(i)['img_path'] for i in range(len(dataset)))
        digest = hashlib.sha256('\n'.join(paths).encode())
        for part in (dataset.labels.indptr, dataset.labels.indices):
            digest.update(part.astype(np.int64).tobytes())
        dataset.digest = digest.hexdigest()
    return {'iterations': len(loader), 'sha256': dataset.digest}


def check_plan(saved: dict[str, int | str], loader: DataLoader, path: str) -> None:
    """Raises InputError where a run, saved to ``path``, cannot go on with other training images or
    another length of the epochs."""
    plan = training_plan(loader)
    if saved['iterations'] != plan['iterations']:
        raise InputError(
            f"the run of '{path}' has epochs of {saved['iterations']} iterations, but the config "
            f'and the training images give {plan["iterations"]}; put them back, or start anew with '
            '--overwrite'
        )
    if saved['sha256'] != plan['sha256']:
        raise InputError(
            f"the run of '{path}' has other training images, or labels, than there are now; put "
            'them back, or start anew with --overwrite'
        )
