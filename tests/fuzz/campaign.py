"""Gives damaged files to the commands that read them, very many, and names what goes wrong.

python tests/fuzz/campaign.py --inputs 10000
python tests/fuzz/campaign.py --only checkpoint:17

One warm process forks a child for each input. An input that was read wrong stays in the folder
--keep, with the command that read it, to be given there by hand.
"""

import argparse
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from time import monotonic

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT)]
os.environ.update(OMP_NUM_THREADS='1', MPLBACKEND='agg', PYTHONWARNINGS='ignore')

import cv2  # noqa: E402
import torch  # noqa: E402
from forked import Child, Ended, Limits  # noqa: E402
from inputs import make_input  # noqa: E402
from odd_values import PAYLOAD  # noqa: E402
from sound import TRAININGS, write_sound, write_trained  # noqa: E402
from targets import KINDS, MARK, Target, run, run_afresh, verdict  # noqa: E402

from dbl.terminal import visible  # noqa: E402


@dataclass
class Count:
    """What became of the inputs of a kind."""

    inputs: int = 0
    right: int = 0
    refused: int = 0
    faults: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0, '')
    memory: tuple[int, str] = (0, '')

    def add(self, name: str, said: str, ended: Ended) -> None:
        self.inputs += 1
        self.right += said == 'right'
        self.refused += said == 'refused'
        if said not in ('right', 'refused'):
            self.faults.append(f'{name}: {said}')
        self.slowest = max(self.slowest, (ended.seconds, name))
        self.memory = max(self.memory, (ended.memory, name))


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--inputs', type=int, default=10_000, help='default: %(default)s')
    parser.add_argument('--first', type=int, default=0, help='number of the first input of a kind')
    parser.add_argument('--seed', type=int, default=0, help='default: %(default)s')
    parser.add_argument('--kind', nargs='+', choices=KINDS, default=[*KINDS])
    parser.add_argument('--jobs', type=int, default=1, help='children at a time; default: 1')
    parser.add_argument(
        '--keep', type=Path, default=Path('fuzz_faults'), help='default: %(default)s'
    )
    parser.add_argument('--only', metavar='KIND:NUMBER', help='this input alone, and its output')
    return parser.parse_args()


def prepare(work: Path) -> Path:
    """Writes and trains the sound inputs, and imports in this process what reading them imports."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    sound, payload = work / 'sound', work / 'payload'
    for folder in (sound, payload):
        folder.mkdir()
    (payload / f'{PAYLOAD}.py').write_text(f'open({MARK!r}, "w").close()\n')
    sys.path.append(str(payload))
    write_sound(sound)
    commands = [*TRAININGS, *(target.command for kind in KINDS.values() for target in kind)]
    for number, command in enumerate(commands):
        if number == len(TRAININGS):
            write_trained(sound)
        _give_sound(command, sound, work, number < len(TRAININGS))
    return sound


def _give_sound(command: list[str], sound: Path, work: Path, keep: bool) -> None:
    """Gives sound files to a command, which must succeed; imports the modules that it imported."""
    folder = sound if keep else work / 'tried'
    if not keep:
        shutil.copytree(sound, folder)
    modules = work / 'modules'

    def run_and_list() -> None:
        try:
            run(command)
        finally:
            modules.write_text('\n'.join(sys.modules))

    ended = Child(run_and_list, folder, work / 'output', Limits()).wait()
    # No whole ResNet is small.
    if ended.status != 0 and 'old/resnet.pth' not in ' '.join(command):
        sys.exit(f'{shlex.join(command)}: {ended.output.decode()}')
    for name in modules.read_text().split('\n'):
        with suppress(Exception):
            name in sys.modules or import_module(name)
    if not keep:
        shutil.rmtree(folder)


class Campaign:
    """Runs inputs, and keeps those that were read wrong."""

    def __init__(self, sound: Path, work: Path, keep: Path, seed: int, limits: Limits) -> None:
        self.sound, self.work, self.keep, self.seed = sound, work, keep, seed
        self.limits = limits
        self.running: dict[int, tuple[Child, str, Target]] = {}

    def begin(self, kind: str, number: int) -> None:
        """Makes an input, and starts the command that reads it."""
        folder = self.work / f'{kind}-{number}'
        target = self._make(folder.name, folder)
        output = self.work / f'{folder.name}.output'
        child = Child(lambda: run(target.command), folder, output, self.limits)
        self.running[child.pid] = child, folder.name, target

    def end_one(self) -> tuple[str, str, Ended]:
        """Waits until an input has been read; gives its name and what became of it."""
        pid, status, usage = os.wait4(-1, 0)
        child, name, target = self.running.pop(pid)
        ended, folder = child.ended(status, usage), self.work / name
        said = verdict(ended, folder, self.limits)
        shutil.rmtree(folder)
        child.output.unlink()
        if said.startswith('FAULT over memory'):
            ended, said = self._afresh(name, target)
        if said not in ('right', 'refused'):
            self._keep(name, target, ended, said)
        return name, said, ended

    def _afresh(self, name: str, target: Target) -> tuple[Ended, str]:
        """Measures a process that has imported no more than the command needs."""
        folder, output = self.work / 'afresh', self.work / 'afresh.output'
        self._make(name, folder)
        ended = Child(lambda: run_afresh(target.command, ROOT), folder, output, self.limits).wait()
        said = verdict(ended, folder, self.limits)
        shutil.rmtree(folder)
        return ended, said

    def _make(self, name: str, folder: Path) -> Target:
        kind, number = name.rsplit('-', 1)
        folder.mkdir(parents=True)
        return make_input(self.sound, folder, kind, int(number), self.seed)

    def _keep(self, name: str, target: Target, ended: Ended, said: str) -> None:
        kept = self.keep / f'{name}-seed-{self.seed}'
        shutil.rmtree(kept, ignore_errors=True)
        self._make(name, kept)
        (kept / 'COMMAND').write_text(f'python -m dbl {shlex.join(target.command)}\n')
        (kept / 'VERDICT').write_bytes(f'{said}\n\n'.encode() + ended.output)

    def run(self, kinds: list[str], numbers: range, jobs: int) -> Iterator[tuple[str, str, Ended]]:
        """Runs inputs by number and kind; gives the name of each and what became of it."""
        for number in numbers:
            for kind in kinds:
                if len(self.running) >= jobs:
                    yield self.end_one()
                self.begin(kind, number)
        while self.running:
            yield self.end_one()


def summary(counts: dict[str, Count]) -> str:
    """The faults that there are, the most frequent first, each with its first input."""
    firsts: dict[str, list[str]] = {}
    for count in counts.values():
        for fault in count.faults:
            name, _, what = fault.partition(': FAULT ')
            firsts.setdefault(re.sub(r'\d+\.\d+|0x\w+|\d{6,}', 'N', what), []).append(name)
    lines = sorted(firsts.items(), key=lambda item: -len(item[1]))
    return '\n'.join(f'{len(names):5} x {what}, as {names[0]}' for what, names in lines)


def table(counts: dict[str, Count]) -> str:
    """A line for each kind; behind the most that an input took its number."""
    lines = [f'{"kind":12}  inputs   right refused  faults       slowest        memory']
    for kind, count in counts.items():
        numbers = (count.inputs, count.right, count.refused, len(count.faults))
        (seconds, slow), (memory, large) = count.slowest, count.memory
        most = f'{seconds:.1f} s #{_number(slow)}', f'{memory / 1e9:.2f} GB #{_number(large)}'
        lines.append(
            f'{kind:12}' + ''.join(f'{n:8}' for n in numbers) + '{:>14}{:>14}'.format(*most)
        )
    return '\n'.join(lines)


def _number(name: str) -> str:
    return name.rpartition('-')[2]


def show_one(campaign: Campaign, kind: str, number: int) -> bool:
    """Runs an input alone, and prints all that is known of it."""
    campaign.begin(kind, number)
    ((_, _, target),) = campaign.running.values()
    print('python -m dbl', shlex.join(target.command))
    _, said, ended = campaign.end_one()
    print(visible(ended.output.decode('utf-8', 'backslashreplace')))
    print(f'{said}; {ended.seconds:.1f} s, {ended.memory / 1e9:.2f} GB')
    return said in ('right', 'refused')


def main() -> None:
    args = parse_args()
    with tempfile.TemporaryDirectory() as work:
        campaign = Campaign(prepare(Path(work)), Path(work), args.keep, args.seed, Limits())
        if args.only:
            kind, number = args.only.split(':')
            sys.exit(not show_one(campaign, kind, int(number)))
        begin, counts = monotonic(), {kind: Count() for kind in args.kind}
        each = -(-args.inputs // len(args.kind))
        numbers = range(args.first, args.first + each)
        for name, said, ended in campaign.run(args.kind, numbers, args.jobs):
            counts[name.rsplit('-', 1)[0]].add(name, said, ended)
            if said not in ('right', 'refused'):
                print(f'{name}: {said}', flush=True)
    print(summary(counts), table(counts), sep='\n\n')
    print(f'{each * len(args.kind)} inputs of seed {args.seed} in {monotonic() - begin:.0f} s')
    if any(count.faults for count in counts.values()):
        sys.exit(f'faults are kept in {args.keep}; or repeat one with --only KIND:NUMBER')


if __name__ == '__main__':
    main()
