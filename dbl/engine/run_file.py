import json
from datetime import datetime, timezone
from pathlib import Path
from time import monotonic
from typing import Any

from mmengine.dist import master_only
from mmengine.hooks import Hook

from dbl.environment import environment
from dbl.registry import HOOKS
from dbl.whole_file import whole_file


def read_run(work_dir: Path) -> dict[str, Any]:
    """Reads what :class:`RunFileHook` wrote; empty where there is nothing whole."""
    try:
        content = json.loads((work_dir / 'run.json').read_text(encoding='utf-8'))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


@HOOKS.register_module()
class RunFileHook(Hook):
    """Keeps ``run.json``: what the run is, and what it took.

    - ``config``: all values, completed.
    - ``starts``: when and where it was started and resumed, see :func:`~dbl.environment`.
    - ``seconds``: from the first iteration to the last evaluation; what came after the checkpoint
      that a run was resumed from counts as well.
    """

    @master_only
    def before_train(self, runner) -> None:
        before = read_run(Path(runner.work_dir)) if runner.iter else {}
        self._since = monotonic() - before.get('seconds', 0)
        now = datetime.now(timezone.utc).isoformat(timespec='seconds')
        self._run = {
            'config': json.loads(json.dumps(runner.cfg.to_dict(), default=str)),
            'starts': [*before.get('starts', []), {'at': now, **environment()}],
        }
        self._write(runner)

    @master_only
    def after_train_epoch(self, runner) -> None:
        self._write(runner)

    @master_only
    def after_val_epoch(self, runner, metrics: dict | None = None) -> None:
        self._write(runner)

    def _write(self, runner) -> None:
        seconds = round(monotonic() - self._since, 3)
        with whole_file(Path(runner.work_dir) / 'run.json') as part:
            text = json.dumps({**self._run, 'seconds': seconds}, indent=1, ensure_ascii=False)
            part.write_text(text + '\n', encoding='utf-8')
