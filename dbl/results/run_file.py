"""What a run's ``run.json`` says of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from dbl.datasets.names import check_classes
from dbl.errors import InputError, shortened
from dbl.files import read_json
from dbl.longtail import head_medium_tail
from dbl.whole_numbers import Count, Positive


class _Metric(msgspec.Struct):
    """What the groups of classes follow from."""

    class_freq: list[Count]
    num_images: Positive
    head: int = 0
    tail: int = 0


class _Resolved(msgspec.Struct):
    seed: Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
    metric: _Metric


class _Start(msgspec.Struct):
    at: str
    dbl: str


class _RunFile(msgspec.Struct):
    """What is read from ``run.json``."""

    given: dict[str, Any]
    resolved: _Resolved
    classes: list[str]
    starts: Annotated[list[_Start], msgspec.Meta(min_length=1)]
    seconds: Annotated[float, msgspec.Meta(ge=0, lt=2**53)]
    epoch: Count | None = None


class OldRun(InputError):
    """A run of version 0.1.0, which cannot be shown."""


def read_run_file(folder: Path) -> dict[str, Any]:
    """Reads what ``run.json`` says about a run, begun or finished.

    Raises:
        InputError: It is missing or damaged, or the run is of version 0.1.0 (an OldRun).
    """
    path = folder / 'run.json'
    run = read_json(path)
    if 'config' in run:
        raise OldRun(
            f"'{folder}' holds a run of dbl 0.1.0, whose config has other keys; show it with dbl "
            '0.1.0, or delete the folder and train it again'
        )
    try:
        found = msgspec.convert(run, _RunFile)
        msgspec.convert(run['starts'], list[dict[str, str | float | bool | None]])
        metric = found.resolved.metric
        check_classes(f"'{path}'", found.classes)
        if len(metric.class_freq) != len(found.classes):
            counts, classes = len(metric.class_freq), len(found.classes)
            raise ValueError(f'class_freq has {counts} counts, but there are {classes} classes')
        groups_of(run['resolved']['metric'])
    except InputError:
        raise
    except ValueError as error:  # msgspec's own errors, too
        raise InputError(f"'{path}' is damaged: {shortened(error, 200)}") from error
    return run


def groups_of(metric: Mapping[str, Any]) -> dict[str, list[int]]:
    """The classes of head, medium and tail, from what a run's file says about its metric.

    >>> groups_of({'class_freq': [50, 7], 'head': 30})
    {'head': [0], 'medium': [], 'tail': [1]}
    """
    limits = {key: metric[key] for key in ('head', 'tail') if key in metric}
    return head_medium_tail(metric['class_freq'], **limits)
