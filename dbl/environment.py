import os
import platform
from pathlib import Path

import cv2
import numpy as np
import torch
import torchvision

import dbl


def environment() -> dict[str, str | int]:
    """What a run or a measurement depends on: processor, cores, threads, GPU and versions."""
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else 'none'
    return {
        'processor': _processor(),
        'cores': len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else 0,
        'torch threads': torch.get_num_threads(),
        'GPU': gpu,
        'dbl': dbl.__version__,
        'torch': torch.__version__,
        'torchvision': torchvision.__version__,
        'numpy': np.__version__,
        'OpenCV': cv2.__version__,
        'Python': platform.python_version(),
    }


def _processor() -> str:
    info = Path('/proc/cpuinfo')
    lines = info.read_text(encoding='utf-8').splitlines() if info.exists() else []
    names = [line.split(':', 1)[1].strip() for line in lines if line.startswith('model name')]
    return names[0] if names else platform.processor()
