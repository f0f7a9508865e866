"""Tables and progress bars for the terminal, with control characters made visible."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook
from rich.progress import Progress
from rich.segment import Segment

from dbl.terminal import VisibleOutput, visible

PIPE_COLUMNS = 200  # a pipe has no width, and text cut to one would be lost


@contextmanager
def progress_bar(total: int, of: str) -> Iterator[Callable[[int], None]]:
    """Shows how many of something are done, on stderr if it is a terminal.

    Gives a function to call with the number of further ones.

    >>> with progress_bar(3, 'pictures') as advance:
    ...     advance(3)
    """
    console = VisibleConsole(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(of, total=total)
        yield lambda count: bar.advance(task, count)


class VisibleConsole(Console):
    """A rich console that makes the control characters in its texts visible.

    Args:
        stderr: Write to stderr instead of stdout.
        arguments: Passed on to rich's own console.
    """

    def __init__(self, stderr: bool = False, **arguments: Any) -> None:
        stream = sys.stderr if stderr else sys.stdout
        # The colours that rich itself writes must get through.
        file = stream.stream if isinstance(stream, VisibleOutput) else stream
        width = None if file is not None and file.isatty() else PIPE_COLUMNS
        # Our stream derives from io's classes, and cannot derive from typing's TextIO.
        super().__init__(file=file, width=width, **arguments)  # type: ignore[arg-type]
        self.push_render_hook(_Visibly())


class _Visibly(RenderHook):
    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Visible(renderable) for renderable in renderables]


class _Visible:
    def __init__(self, renderable: ConsoleRenderable) -> None:
        self.renderable = renderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterable[Segment]:
        for text, style, control in console.render(self.renderable, options):
            yield Segment(text if control else visible(text), style, control)
