"""Makes control characters that others wrote visible, and survives the loss of the terminal."""

import errno
import io
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

# Control characters except line feed and tab, marks of text direction, and half characters.
_CONTROLS = re.compile(
    '[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]'
)


def visible(text: str) -> str:
    r"""Writes out the control characters in a text, which a terminal would obey.

    >>> visible('cat\x1b[2Jdog')
    'cat\\x1b[2Jdog'
    """
    return _CONTROLS.sub(lambda found: found[0].encode('unicode_escape').decode(), text)


def say(text: str, file: TextIO | None = None) -> None:
    """Prints a line, with its control characters written out."""
    print(visible(text), file=file, flush=True)


class Output(io.TextIOBase):
    """A stream that outlives the terminal it leads to: once a write fails, the rest is dropped.

    Attributes:
        lost: The error with which the write failed.
    """

    lost: OSError | None = None

    def __init__(self, stream: TextIO | io.TextIOBase | None) -> None:
        self.stream = stream or io.StringIO()  # a program may be started without one
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors='backslashreplace')  # if the terminal has no such letters

    @property
    def encoding(self) -> str:  # type: ignore[override]  # read-only in io, whatever mypy says
        return self.stream.encoding or 'utf-8'

    def fileno(self) -> int:
        return self.stream.fileno()

    def isatty(self) -> bool:
        return self.stream.isatty()

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        with self._outlived():
            self.stream.write(text)
        return len(text)

    def flush(self) -> None:
        with self._outlived():
            self.stream.flush()

    @contextmanager
    def _outlived(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.lost = error
            nowhere = os.open(os.devnull, os.O_WRONLY)  # takes what is still in its buffer, too
            os.dup2(nowhere, self.stream.fileno())
            os.close(nowhere)


class VisibleOutput(Output):
    """An output that makes the control characters in its texts visible."""

    stream: Output

    def __init__(self, output: Output) -> None:
        super().__init__(output)

    def write(self, text: str) -> int:
        self.stream.write(visible(text))
        return len(text)


@contextmanager
def terminal() -> Iterator[list[Output]]:
    """Makes control characters in a command's output visible, and lets it outlive the terminal.

    Gives the outputs that lead to stdout and to stderr.
    """
    before = sys.stdout, sys.stderr
    within = [stream.stream for stream in before if isinstance(stream, VisibleOutput)]
    if len(within) == 2:  # one command runs within another
        yield within
        return
    outputs = [Output(stream) for stream in before]
    sys.stdout, sys.stderr = map(VisibleOutput, outputs)
    try:
        yield outputs
    finally:
        for output in outputs:
            output.flush()
        sys.stdout, sys.stderr = before


def lost_output(output: Output) -> str | None:
    """Says once why output was lost, unless its reader had enough of it, as ``head`` may have."""
    lost, output.lost = output.lost, None
    if lost is None or lost.errno == errno.EPIPE:
        return None
    return f'the output could not be written: {lost.strerror}'
