"""Write aside, sync, rename: whoever reads sees the old or the new, and a rename lasts.

What the operating system has accepted is not yet on the disk.
"""

import os
import shutil
from pathlib import Path


def sync(path: Path) -> None:
    """Wait until the content of a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, down to the disk."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace(aside: Path, path: Path) -> None:
    """Let what was written aside, a file or a folder beside `path`, take its place."""
    sync(aside)
    before = aside.with_name(f"{aside.name}.before")
    if path.is_dir():
        path.rename(before)
    aside.replace(path)
    sync(path.parent)
    shutil.rmtree(before, ignore_errors=True)
