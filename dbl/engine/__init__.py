from dbl.engine.arguments import config_parser
from dbl.engine.config import load_config
from dbl.engine.deferred_info import DeferredInfoHook
from dbl.engine.distributed import init_distributed, launch, restarted
from dbl.engine.inference_loops import InferenceTestLoop, InferenceValLoop
from dbl.engine.metrics_file import MetricsFileHook, flat_metrics, read_metrics, write_metrics
from dbl.engine.mid_epoch_checkpoint import MidEpochCheckpointHook
from dbl.engine.optim_wrapper import DeferredOptimWrapper
from dbl.engine.plain_checkpoint import PlainCheckpointHook
from dbl.engine.run_file import RunFileHook
from dbl.engine.runner import Runner
from dbl.engine.stop_signals import StopSignalsHook
from dbl.engine.train_loop import ResumableTrainLoop
from dbl.engine.weights import check_backbone_weights, load_weights
from dbl.engine.work_dir import checkpoints, default_work_dir, resume, set_aside, start

__all__ = [
    'DeferredInfoHook',
    'DeferredOptimWrapper',
    'InferenceTestLoop',
    'InferenceValLoop',
    'MetricsFileHook',
    'MidEpochCheckpointHook',
    'PlainCheckpointHook',
    'ResumableTrainLoop',
    'RunFileHook',
    'Runner',
    'StopSignalsHook',
    'check_backbone_weights',
    'checkpoints',
    'config_parser',
    'default_work_dir',
    'flat_metrics',
    'init_distributed',
    'launch',
    'load_config',
    'load_weights',
    'read_metrics',
    'restarted',
    'resume',
    'set_aside',
    'start',
    'write_metrics',
]
