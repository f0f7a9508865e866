import json
from datetime import datetime, timezone
from pathlib import Path
from time import monotonic

from mmengine.dist import master_only
from mmengine.hooks import Hook

from dbl.environment import environment
from dbl.json_file import read_object
from dbl.registry import HOOKS
from dbl.whole_file import whole_file


@HOOKS.register_module()
class RunFileHook(Hook):
    """Keeps ``run.json``: what the run is, and what it took.

    - ``config``: all values, completed.
    - ``starts``: when and where it was started and resumed, see :func:`~dbl.environment`.
    - ``seconds``: from the first iteration to the last checkpoint or evaluation; what a stopped run
      did after its last checkpoint is not in it.
    """

    @master_only
    def before_train(self, runner) -> None:
        before = read_object(Path(runner.work_dir) / 'run.json') if runner.iter else {}
        self._since = monotonic() - before.get('seconds', 0)
        now = datetime.now(timezone.utc).isoformat(timespec='seconds')
        self._run = {
            'config': json.loads(json.dumps(runner.cfg.to_dict(), default=str)),
            'starts': [*before.get('starts', []), {'at': now, **environment()}],
        }
        self._write(runner)

    @master_only
    def before_save_checkpoint(self, runner, checkpoint: dict) -> None:
        self._write(runner)

    @master_only
    def after_val_epoch(self, runner, metrics: dict | None = None) -> None:
        self._write(runner)

    def _write(self, runner) -> None:
        seconds = round(monotonic() - self._since, 3)
        with whole_file(Path(runner.work_dir) / 'run.json') as part:
            text = json.dumps({**self._run, 'seconds': seconds}, indent=1, ensure_ascii=False)
            part.write_text(text + '\n', encoding='utf-8')
