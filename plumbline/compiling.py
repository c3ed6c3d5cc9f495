"""Where the compiled engine is kept, when it is stale, and what is said while it is compiled.

numba compiles each function at its first call and keeps the machine code for the next process. Left to
itself it fails where it finds no folder to write to or a file that was cut off, and goes on using a function
whose callees in other files have changed. `prepare` hands it the locators below, its own way to decide this.
"""

import atexit
import hashlib
import multiprocessing
import os
import pickletools
import sys
import tempfile
import threading
import time
from functools import cache
from pathlib import Path
from stat import S_ISDIR

from numba import config
from numba.core import caching
from numba.core.event import Event, Listener, register

ABOUT = 45  # seconds of one core, for all that a build runs

_COMPILED = ("engine", "components")  # folders beside this file with functions that numba compiles


def prepare() -> None:
    """Tell numba where to keep what it compiles, and say so when it does; before any function is declared.

    NUMBA_CACHE_LOCATOR_CLASSES of the environment, numba's own setting, goes before it.
    """
    if not config.CACHE_LOCATOR_CLASSES:
        classes = (InNamed, BesideSource, InHome, InTemporary)
        config.CACHE_LOCATOR_CLASSES = ",".join(f"{__name__}.{each.__name__}" for each in classes)
        register("numba:compile", Announcer())


class _Checked:
    """Of a locator: stale when any source of the engine changed, rid of damaged files."""

    def get_source_stamp(self) -> tuple:
        """Return what a kept function must have been compiled from: its own file and the whole engine."""
        return super().get_source_stamp(), _engine_stamp()

    def ensure_cache_path(self) -> None:
        """Make the folder if need be; OSError where it cannot be written to."""
        super().ensure_cache_path()
        _drop_damaged(Path(self.get_cache_path()))


class InNamed(_Checked, caching.UserProvidedCacheLocator):
    """The folder that NUMBA_CACHE_DIR names."""


class BesideSource(_Checked, caching.InTreeCacheLocator):
    """The `__pycache__` beside the source."""


class InHome(_Checked, caching.UserWideCacheLocator):
    """The user's own cache folder, for an install that is read only."""


class InTemporary(_Checked, caching.InTreeCacheLocator):
    """The folder of temporary files, for a user without a home."""

    def __init__(self, py_func: object, py_file: str) -> None:
        super().__init__(py_func, py_file)
        self._cache_path = str(_temporary_folder() / self.get_suitable_cache_subpath(py_file))


@cache
def _engine_stamp() -> str:
    """Return a hash of all that numba may compile into one function: it inlines across files."""
    stamp = hashlib.sha256()
    for folder in _COMPILED:
        for path in sorted((Path(__file__).parent / folder).rglob("*.py")):
            stamp.update(path.name.encode() + path.read_bytes())
    return stamp.hexdigest()


@cache
def _drop_damaged(folder: Path) -> None:
    """Delete what a full disk or a crash cut off, once a process: numba would fail on reading it."""
    for path in folder.glob("*.nb[ic]"):
        try:
            if not _is_whole(path):
                path.unlink()
        except OSError:  # gone meanwhile
            continue


def _is_whole(path: Path) -> bool:
    """Return whether the file is what numba writes: two pickles in an index, one in another."""
    with path.open("rb") as file:
        try:
            for _ in range(2 if path.suffix == ".nbi" else 1):
                for _ in pickletools.genops(file):
                    pass
        except ValueError:
            return False
        return not file.read(1)


@cache
def _temporary_folder() -> Path:
    """Return a folder for compiled code that no other user can write to: whoever can, runs what he likes."""
    folder = Path(tempfile.gettempdir()) / f"plumbline-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022:
            return folder
    except FileExistsError:  # no folder
        pass
    return Path(tempfile.mkdtemp(prefix="plumbline-"))


class Announcer(Listener):
    """Says on stderr that the engine is being compiled, once a process, and at its end how long it took."""

    def __init__(self) -> None:
        self._here = threading.local()  # numba compiles what a function calls inside of it, in its thread
        self._lock = threading.Lock()
        self._seconds: float | None = None

    def on_start(self, event: Event) -> None:
        """Note when the function that is outermost began."""
        outer = getattr(self._here, "outer", None)
        if outer is None and event.data["dispatcher"].py_func.__module__.startswith("plumbline."):
            self._here.outer = event.data, time.thread_time()
            self._begin()

    def on_end(self, event: Event) -> None:
        """Add what the outermost function took."""
        outer = getattr(self._here, "outer", None)
        if outer is not None and outer[0] is event.data:
            self._here.outer = None
            with self._lock:
                self._seconds += time.thread_time() - outer[1]

    def _begin(self) -> None:
        with self._lock:
            if self._seconds is not None:
                return
            self._seconds = 0.0
        if (
            multiprocessing.parent_process() is None
        ):  # those that share the work of a build need not say it, too
            _say(f"Compiling the engine, once after an install: about {ABOUT} s")
            atexit.register(lambda: _say(f"Compiled the engine: {self._seconds:.0f} s"))


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
