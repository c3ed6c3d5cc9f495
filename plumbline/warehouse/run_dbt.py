"""dbt in a process of its own, for a build: ``python -m plumbline.warehouse.run_dbt WAREHOUSE build …``.

It ends when the build that started it does, however that ended: its stdin is a pipe that nobody writes to
and that the system closes. Stack traces go to dbt's log file only; the screen shows what they end with.
"""

import logging
import os
import re
import sys
import threading
from pathlib import Path

from plumbline.warehouse.faults import NO_ROOM, explained

# Of Python's: the heading (perhaps after dbt's time) and the lines below it that are indented further.
_TRACEBACK = re.compile(
    r"^( *)(\S* *)Traceback \(most recent call last\):\n(?:\1 +.*\n|\s*\n)*", re.MULTILINE
)
_CONSOLE = "stdout_log"  # dbt's name for the logger of the screen


class Screen(logging.Filter):
    """Takes stack traces out of what dbt shows, and keeps the line that says that a disk is full."""

    def __init__(self) -> None:
        super().__init__()
        self.no_room = ""

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten `record`; all of them pass."""
        text = record.getMessage()
        if found := NO_ROOM.search(text):
            start = text.rfind("\n", 0, found.start()) + 1
            self.no_room = self.no_room or text[start:].splitlines()[0].strip()
        record.msg, record.args = _TRACEBACK.sub(r"\2", text), ()
        return True


def _end_with(stream: int) -> None:
    os.read(stream, 1)
    os._exit(1)


def main(warehouse: Path, arguments: list[str]) -> None:
    """Run dbt; say what to do where it failed for want of room.

    Parameters
    ----------
    warehouse
        The published warehouse, for messages; dbt builds that of the environment.
    arguments
        Of dbt.
    """
    threading.Thread(target=_end_with, args=[sys.stdin.fileno()], daemon=True).start()
    logging.raiseExceptions = False  # a log file that takes no more must not bury the cause in traces
    screen = Screen()
    logging.getLogger(_CONSOLE).addFilter(screen)
    from dbt.cli.main import cli

    try:
        cli(arguments, prog_name="dbt")
    finally:
        if screen.no_room:
            print(f"Error: {explained(screen.no_room, warehouse)}", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
