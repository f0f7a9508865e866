"""Tables and progress bars in the terminal, whose texts show their control characters."""

import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook
from rich.segment import Segment

from dbl.terminal import VisibleOutput, visible

PIPE_COLUMNS = 200  # a pipe has no width; what is cut could not be read there


class VisibleConsole(Console):
    """A console of rich's whose texts show their control characters.

    Args:
        stderr: Whether it writes there.
        arguments: Of rich's own console.
    """

    def __init__(self, stderr: bool = False, **arguments: Any) -> None:
        stream = sys.stderr if stderr else sys.stdout
        # The colours that rich itself writes are meant.
        file = stream.stream if isinstance(stream, VisibleOutput) else stream
        width = None if file is not None and file.isatty() else PIPE_COLUMNS
        # typing's TextIO, unlike io's streams, is a class that ours cannot be of.
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
