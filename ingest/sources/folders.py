"""Which files are meant by the paths that somebody names, and what a folder holds besides."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ingest.errors import InputError, shown

ENDINGS = (".parquet", ".csv", ".csv.gz")


class Found(NamedTuple):
    """The files to read, and the names of what is left out of each folder."""

    files: list[Path]
    left_out: dict[Path, list[str]]


def find_files(paths: Sequence[Path]) -> Found:
    """Return the files in `paths`, each once; a folder stands for the CSV and parquet files inside.

    Raises
    ------
    InputError
        A folder holds none, or a path cannot be looked at.
    """
    found: dict[Path, Path] = {}
    left_out: dict[Path, list[str]] = {}
    for path in paths:
        try:
            inside, others = _files_of(path)
            found |= {file.resolve(): file for file in inside}
        except (OSError, RuntimeError) as error:  # a name that is too long, no permission, a ring of links
            raise InputError(
                f"{path}: cannot be looked at ({shown(error)[1:-1]}); name another one"
            ) from error
        if others:
            left_out[path] = others
    return Found(list(found.values()), left_out)


def ending(path: Path) -> str:
    """Return which of `ENDINGS` the name has, the empty text for none."""
    return next((path.name[-len(end) :] for end in ENDINGS if path.name.lower().endswith(end)), "")


def _files_of(path: Path) -> tuple[list[Path], list[str]]:
    if not path.is_dir():
        return [path], []
    children = sorted(path.iterdir())
    # A hidden file is what a system keeps beside another, under its name: ._SPY.csv.
    inside = [each for each in children if each.is_file() and ending(each) and not each.name.startswith(".")]
    others = [f"{each.name}/" if each.is_dir() else each.name for each in children if each not in inside]
    if not inside:
        there = f" (there: {shown(', '.join(others))})" if others else ""
        raise InputError(
            f"{path}: no file in this folder ends in {', '.join(ENDINGS)}{there}; name another one"
        )
    return inside, others
