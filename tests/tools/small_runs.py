"""What makes a run of seconds of a config, and what its output must be."""

import subprocess

SMALL = [
    'model.backbone.type=ConvNet',
    'model.backbone.channels=[4,8]',
    'train_dataloader.batch_size=8',
    'train_dataloader.num_workers=2',
    'test_dataloader.num_workers=0',
    'image_size=32',
    'epochs=2',
]


def fails_with(process: subprocess.CompletedProcess, sentence: str) -> None:
    assert process.returncode == 1, process.stderr
    assert sentence in process.stderr, process.stderr
    # A warning may come before it.
    assert process.stderr.splitlines()[-1].startswith('error: '), process.stderr
    assert 'Traceback' not in process.stderr + process.stdout
