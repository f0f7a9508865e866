"""Starts scripts as processes of their own, forked from one that has imported what they need.

That saves each of them the seconds of its imports. What a script does before them, how Python ends,
and what a launcher does, is not seen this way.
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

SERVER = multiprocessing.get_context('forkserver')
SERVER.set_forkserver_preload(
    ['torch', 'torch._dynamo', 'dbl.commands.test', 'dbl.commands.train', 'dbl.parts']
)


class WarmProcess:
    """A running script, with what the tests need of `subprocess.Popen`."""

    def __init__(
        self,
        words: Sequence[object],
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        alone: bool = False,
    ) -> None:
        self.args = [str(word) for word in words]
        self._said = tempfile.TemporaryDirectory()
        given = self.args, str(cwd or Path.cwd()), dict(env or {}), self._said.name, alone
        self._process = SERVER.Process(target=_run, args=given)
        self._process.start()
        self.pid = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def communicate(self, timeout: float = 200) -> tuple[str, str]:
        self._process.join(timeout)
        if self.poll() is None:
            self._process.kill()
            raise subprocess.TimeoutExpired(self.args, timeout)
        return self._text('stdout'), self._text('stderr')

    def _text(self, stream: str) -> str:
        path = Path(self._said.name, stream)
        return path.read_text() if path.exists() else ''

    @property
    def returncode(self) -> int | None:
        return self.poll()

    def completed(self) -> subprocess.CompletedProcess:
        output = self.communicate()
        return subprocess.CompletedProcess(self.args, self.returncode, *output)


def _run(words: list[str], cwd: str, env: dict[str, str], said: str, alone: bool) -> None:
    if alone:  # in a group of its own, which can be signalled as a whole
        os.setsid()
    os.chdir(cwd)
    os.environ.update(env)
    for number, stream in ((1, 'stdout'), (2, 'stderr')):
        os.dup2(os.open(f'{said}/{stream}', os.O_WRONLY | os.O_CREAT), number)
    sys.argv = words
    runpy.run_path(words[0], run_name='__main__')
