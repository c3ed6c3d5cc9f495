"""The components that the project ships, one file each by kind, and the reading of the user's own."""

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from traceback import extract_tb

from plumbline.engine.registry import ComponentError, forget_own
from plumbline.warehouse.paths import PROJECT_ROOT, own_path

_FOLDERS = ("costs", "strategies", "allocators", "weightings", "benchmarks", "shocks")
# Where strategies of one's own stood before own/components; files there go on being read.
_OLD_FOLDER = PROJECT_ROOT / "plumbline" / "own"

_loaded: tuple[tuple[Path, int], ...] | None = None


def load() -> None:
    """Register the components of the project and of the user's own; again only where a file of his changed.

    Raises
    ------
    ComponentError
        A file of the user's own cannot be imported, or what it declares is not legal: names file and line.
    """
    global _loaded
    for folder in _FOLDERS:
        package = importlib.import_module(f"{__name__}.{folder}")
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")
    files = tuple((path, path.stat().st_mtime_ns) for path in own_files())
    if files == _loaded:
        return
    forget_own()
    _loaded = None
    for path, _ in files:
        _read(path)
    _loaded = files


def own_files() -> Iterator[Path]:
    """Yield the files with components of the user's own."""
    for folder in (_OLD_FOLDER, own_path() / "components"):
        yield from (path for path in sorted(folder.glob("*.py")) if path.name != "__init__.py")


def _read(path: Path) -> None:
    name = f"plumbline_own_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except ComponentError:
        raise
    except SyntaxError as error:
        raise ComponentError(f"{path}, line {error.lineno}: {error.msg}") from error
    except (Exception, SystemExit) as error:  # a file that ends the process must not end the build unnamed
        lines = [frame.lineno for frame in extract_tb(error.__traceback__) if Path(frame.filename) == path]
        raise ComponentError(
            f"{path}, line {lines[-1] if lines else 1}: cannot be imported: {type(error).__name__}: {error}"
        ) from error
