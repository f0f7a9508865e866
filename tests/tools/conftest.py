import logging
import multiprocessing
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module

import pytest
from small_runs import SMALL
from warm_start import SERVER, WarmProcess


@pytest.fixture(autouse=True)
def no_process_outlives_a_test_that_failed():
    yield
    for process in multiprocessing.active_children():
        if isinstance(process, SERVER.Process):
            process.kill()


@pytest.fixture
def run_here(tmp_path, monkeypatch, capfd):
    """Runs a command's ``main`` in tmp_path, in this process, which saves the start of another."""

    def run(main: Callable[[], None], *arguments: object) -> subprocess.CompletedProcess:
        command = [main.__module__, *map(str, arguments)]
        capfd.readouterr()
        with monkeypatch.context() as patch:
            # Where pytest does not listen, logging writes warnings to stderr with this handler.
            patch.setattr(logging.getLogger(), 'handlers', [logging.lastResort])
            patch.setattr(sys, 'argv', command)
            patch.chdir(tmp_path)
            try:
                status = main()
            except SystemExit as ending:
                status = ending.code
        return subprocess.CompletedProcess(command, status or 0, *capfd.readouterr())

    return run


@pytest.fixture
def tool(root, photo_folder, tmp_path):
    """Runs a tool on the config of one's own data; returns the finished process."""

    def run(name: str, *arguments: str, preexec_fn=None, **changes) -> subprocess.CompletedProcess:
        words = [root / f'tools/{name}.py', *words_for(root, photo_folder, *arguments, **changes)]
        if preexec_fn is None:
            return WarmProcess(words, tmp_path).completed()
        return subprocess.run(
            [sys.executable, *map(str, words)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=200,
            preexec_fn=preexec_fn,
        )

    return run


@pytest.fixture
def tool_here(root, photo_folder, run_here):
    """The same in this process."""

    def run(name: str, *arguments: str, **changes) -> subprocess.CompletedProcess:
        main = import_module(f'dbl.commands.{name}').main
        return run_here(main, *words_for(root, photo_folder, *arguments, **changes))

    return run


def words_for(root, photo_folder, *arguments, row='db_focal', options=(), small=SMALL) -> list:
    config = root / 'configs' / 'custom' / f'{row}.py'
    return [config, *arguments, '--cfg-options', f'data_root={photo_folder}', *small, *options]
