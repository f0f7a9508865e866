"""What a training calls besides: functions of one's own, and a loss that wants the epoch."""

import pytest

import dbl
from dbl.registry import MODELS
from dbl.training.run_folder import RunFolder


@pytest.fixture
def experiment(root, photo_folder):
    """Builds a small experiment, three iterations an epoch."""

    def build(**options):
        small = {
            'data_root': str(photo_folder),
            'model.backbone.type': 'ConvNet',
            'model.backbone.channels': [4, 8],
            'train_dataloader.batch_size': 8,
            'train_dataloader.num_workers': 0,
            'test_dataloader.num_workers': 0,
            'image_size': 32,
            'epochs': 2,
        }
        config = dbl.load_config(root / 'configs/custom/db_focal.py', {**small, **options})
        return dbl.build_experiment(config)

    return build


def test_functions_are_called_after_steps_and_epochs(experiment, tmp_path):
    called = []
    built = experiment()
    metrics = dbl.train(
        built,
        tmp_path / 'run',
        after_step=[lambda experiment, iteration: called.append((experiment is built, iteration))],
        after_epoch=[lambda experiment, iteration: called.append(f'epoch at {iteration}')],
    )
    steps = [(True, i) for i in range(1, 7)]
    assert called == [*steps[:3], 'epoch at 3', *steps[3:], 'epoch at 6']
    assert dbl.evaluate(built) == pytest.approx(metrics, nan_ok=True, abs=0, rel=0)
    assert (tmp_path / 'run' / 'metrics.json').is_file()


def test_what_a_function_changes_is_saved(experiment, tmp_path):
    """After the epoch's last step, and before its checkpoint."""

    def zero(experiment, iteration):
        experiment.model.head.fc.bias.data.fill_(7)

    dbl.train(experiment(), tmp_path / 'run', after_epoch=[zero])
    again = experiment(epochs=2)
    dbl.training.fitting_weights.load_weights(again.model, tmp_path / 'run' / 'epoch_2.pth')
    assert (again.model.head.fc.bias == 7).all()


@pytest.fixture
def scheduled_loss(monkeypatch):
    """Registers a loss that notes the epochs it is told; returns them."""
    told = []

    class ScheduledLoss(dbl.losses.BCELoss):
        def set_epoch(self, epoch: int) -> None:
            told.append(epoch)

    monkeypatch.setitem(MODELS.module_dict, 'ScheduledLoss', ScheduledLoss)
    return told


def test_a_loss_is_told_the_epoch_on_resume_too(experiment, tmp_path, scheduled_loss):
    loss = {'model.head.loss': {'type': 'ScheduledLoss'}, 'checkpoint.iterations': 1}

    class Stop(Exception):
        pass

    def stop(experiment, iteration):
        if iteration == 5:
            raise Stop

    with pytest.raises(Stop):
        dbl.train(experiment(**loss), tmp_path / 'run', after_step=[stop])
    assert scheduled_loss == [0, 1]
    with RunFolder(tmp_path / 'run', resume=True) as run:
        dbl.train(experiment(**loss), run)
    assert scheduled_loss == [0, 1, 1]
