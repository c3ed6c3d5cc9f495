"""What a component may not touch while it runs: files, sockets, processes, threads, the environment.

Python tells an audit hook of each. What a library written in C opens by itself it does not tell: of those
that read tables, calls into duckdb and into pyarrow's readers are refused, too. docs/explanation/proofs.md
says what is left.
"""

import _thread
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from types import FrameType
from typing import Any

import duckdb

from plumbline.engine.registry import ComponentError

_EVENTS = re.compile(
    r"open$|glob\.glob|pathlib\.Path\.|socket\.|ssl\.|subprocess\.|urllib\.|http\.|ftplib\.|smtplib\.|sqlite3\."
    r"|shutil\.|tempfile\.|mmap\.|ctypes\.dlopen|_thread\.start|pty\.|syslog\.|webbrowser\.|winreg\."
    r"|os\.(listdir|scandir|walk|system|exec|spawn|posix_spawn|fork|forkpty|startfile|putenv|unsetenv|chdir|chmod"
    r"|chown|link|symlink|mkdir|remove|rename|rmdir|truncate|utime|mkfifo)"
)
# Python reads its own source: to import, and to show a line in a warning.
_SOURCE = re.compile(r"\.py[ci]?$")
_COMPILER = re.compile(r"-packages[/\\](numba|llvmlite)[/\\]|^<frozen (importlib|zipimport)")
_INSTALLED = re.compile(
    "|".join([re.escape(str(Path(os.__file__).parent)), r"[/\\](site|dist)-packages[/\\]", "^<frozen"])
)
# Modules whose Python functions have files opened in C.
_READERS = re.compile(
    r"[/\\](duckdb|polars|pyarrow[/\\](parquet|dataset|fs|feather|orc|csv|json|ipc))([/\\]|\.py)"
)

_here = threading.local()  # whether components are sealed, and what the one that runs has touched


class SealedError(ComponentError):
    """A component touched what lies outside its arguments."""


class _GuardedEnvironment(type(os.environ)):
    """The environment, which a component may not read; to everybody else it is what it was."""

    def __getitem__(self, key: str) -> str:
        _refuse_unless_internal("reads the environment", key)
        return super().__getitem__(key)

    def __iter__(self) -> Iterator[str]:
        _refuse_unless_internal("reads the environment", "")
        return super().__iter__()


def _is_internal() -> bool:
    """Return whether an import, or the compiler and its cache, touches something, and no component."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if _COMPILER.search(name):
            return True
        if name != __file__ and not _INSTALLED.search(name):
            return False
        frame = frame.f_back
    return False


def _refuse_unless_internal(what: str, subject: object) -> None:
    if getattr(_here, "touched", None) is None or _is_internal():
        return
    found = f"it {what}" + (f" ({subject})" if subject != "" else "")
    error = SealedError(found)
    _here.touched.append(error)
    raise error


def _audit(event: str, arguments: tuple) -> None:
    if getattr(_here, "touched", None) is None or not _EVENTS.match(event):
        return
    first = arguments[0] if arguments else ""
    if event == "open":
        mode = arguments[1]
        reads = mode is None or "r" in str(mode)
        if isinstance(first, str | os.PathLike) and reads and _SOURCE.search(os.fspath(first)):
            return
        _refuse_unless_internal("opens a file", first)
    else:
        words = {
            "_thread.start": "starts a thread",
            "subprocess": "starts a process",
            "socket": "opens a socket",
        }
        said = next((text for start, text in words.items() if event.startswith(start)), f"calls {event}")
        _refuse_unless_internal(said, first if isinstance(first, str | bytes | int) else "")


def _profile(frame: FrameType, event: str, called: Any) -> None:
    if event == "call" and _READERS.search(frame.f_code.co_filename):
        module = frame.f_globals.get("__name__", "")
        _refuse_unless_internal("calls", f"{module}.{frame.f_code.co_name}")
    elif event == "c_call" and called is _thread.start_new_thread:  # which is audited from Python 3.12 on
        _refuse_unless_internal("starts a thread", "")


def _guarded(name: str, function: Callable) -> Callable:
    @wraps(function)
    def guarded(*arguments: Any, **named: Any) -> Any:
        _refuse_unless_internal("calls", f"duckdb.{name}")
        return function(*arguments, **named)

    return guarded


# No hook is told of what duckdb's own functions do, as they are of C++.
_IN_C = {name: each for name, each in vars(duckdb).items() if type(each).__name__ == "nb_func"}


_lock = threading.Lock()
_is_hooked = False
_count = 0


@contextmanager
def sealing() -> Iterator[None]:
    """Seal every component that is called in this thread while the block runs."""
    global _is_hooked, _count
    with _lock:
        if not _is_hooked:
            sys.addaudithook(_audit)  # which cannot be taken out again, and is idle elsewhere
            _is_hooked = True
        _count += 1
        if _count == 1:
            os.environ.__class__ = _GuardedEnvironment
            vars(duckdb).update({name: _guarded(name, each) for name, each in _IN_C.items()})
    before = getattr(_here, "is_sealing", False)
    _here.is_sealing = True
    try:
        yield
    finally:
        _here.is_sealing = before
        with _lock:
            _count -= 1
            if not _count:
                os.environ.__class__ = _GuardedEnvironment.__base__
                vars(duckdb).update(_IN_C)


def is_sealing() -> bool:
    """Return whether components called in this thread are sealed."""
    return getattr(_here, "is_sealing", False)


@contextmanager
def sealed() -> Iterator[None]:
    """Run the block, a call of a component, sealed.

    Raises
    ------
    SealedError
        It touched something, whether or not it caught what it was refused with.
    """
    before, is_profiled = getattr(_here, "touched", None), sys.getprofile() is not None
    _here.touched = touched = []
    if not is_profiled:  # a profiler of somebody's keeps its place
        sys.setprofile(_profile)
    try:
        yield
    finally:
        if not is_profiled:
            sys.setprofile(None)
        _here.touched = before
        if touched:
            raise touched[0]
