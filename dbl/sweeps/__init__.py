"""Many trainings: side by side on one machine, or as jobs on a cluster."""

from dbl.sweeps.executors import Cluster, Processes
from dbl.sweeps.run_jobs import run_jobs
from dbl.sweeps.sweep import raise_failed, train_all
from dbl.sweeps.training_job import TrainingJob

__all__ = [
    'Cluster',
    'Processes',
    'TrainingJob',
    'raise_failed',
    'run_jobs',
    'train_all',
]
