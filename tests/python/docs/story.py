"""A page followed as a reader would: in a folder of one's own, from top to bottom."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pandas as pd
from pages import Block, blocks, cells, commands, is_shown, rows, said
from warehouses import OFFLINE, ROOT, STORY_NOW
from yahoo_server import NO_DATA, Reply, Yahoo, chart, serve

HERE = Path(__file__).parent
# Of whoever runs the tests, make among them: a reader has none of these.
_SETTINGS = (
    *("WAREHOUSE_PATH", "LANDING_PATH", "DUCKDB_THREADS", "DBT_", "PYTEST_", "CI", "MAKE", "MFLAGS"),
    "PLUMBLINE_",
)
_NOT_CLONED = {".git", ".venv", "data", "target", "logs", ".pytest_cache", ".ruff_cache", ".hypothesis"}
_CRON = re.compile(r"(?:\S+\s+){5}cd \S+ && (?P<command>.+)")


def new_project(folder: Path) -> Path:
    """Make a fresh clone, but for an environment in which every package can be had without a network.

    The packages are those that run this; pip finds them there, so that it has only the project to install.
    """
    project = folder / "plumbline"
    shutil.copytree(ROOT, project, ignore=_not_cloned)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", project / ".venv"], check=True)
    bin_folder = project / ".venv" / "bin"
    packages = sysconfig.get_path("purelib")
    (_site_packages(bin_folder / "python") / "installed.pth").write_text(packages + "\n")
    for command in ("pip", "dbt", "duckdb"):
        program = Path(sys.executable).with_name(command).read_text().split("\n", 1)[1]
        (bin_folder / command).write_text(f"#!{bin_folder / 'python'}\n{program}")
        (bin_folder / command).chmod(0o755)
    return project


def _not_cloned(folder: str, names: list[str]) -> set[str]:
    """Return what is no part of a clone: what tools leave behind."""
    made = {name for name in names if name in ("__pycache__", "dist") or name.endswith(".egg-info")}
    return made | (_NOT_CLONED if Path(folder) == ROOT else set())


def _site_packages(python: Path) -> Path:
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return Path(
        subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()
    )


@contextmanager
def yahoo_of(bars: pd.DataFrame) -> Iterator[str]:
    """Let a Yahoo answer with these bars (symbol, date, open … volume); yield its address."""
    yahoo = Yahoo()
    yahoo.default = Reply(404, NO_DATA)
    for symbol, own in bars.groupby("symbol"):
        yahoo.answers[str(symbol)] = _answers(str(symbol), own.set_index("date").sort_index())
    with serve(yahoo):
        yield yahoo.address


def _answers(symbol: str, bars: pd.DataFrame) -> object:
    opened = pd.to_datetime(bars.index).tz_localize("America/New_York") + pd.Timedelta(hours=9.5)
    stamps = pd.Series(opened.as_unit("s").asi8, index=bars.index)

    def answer(begin: int, end: int) -> dict:
        inside = (stamps >= begin) & (stamps < end)
        found = chart(symbol, begin, begin + 7 * 86_400)
        [result] = found["chart"]["result"]
        result["timestamp"] = stamps[inside].tolist()
        result["events"] = {}
        quote = {name: bars[name][inside].tolist() for name in ("open", "high", "low", "close", "volume")}
        result["indicators"] = {
            "quote": [quote],
            "adjclose": [{"adjclose": bars["adj_close"][inside].tolist()}],
        }
        return found

    return answer


def follow(page: Path, project: Path, yahoo: str = "", done: frozenset[str] = frozenset()) -> None:
    """Do what a page says, in `project`, and hold what it shows against what comes.

    Parameters
    ----------
    page
        Its blocks ``sh`` and ``cron`` are run, ``text`` is what the last one answered, ``sql`` is asked of
        the warehouse there, and a block that names a file goes to the end of it.
    project
        From `new_project`.
    yahoo
        Address of the Yahoo that is asked.
    done
        Command lines that need not be run once more.
    """
    answer = ""
    for block in blocks(page):
        where = f"{page.relative_to(ROOT)}, line {block.line}"
        if block.kind == "sh" and not commands(block) <= done:
            answer = run(block.text, project, yahoo)
        elif block.kind == "cron":
            answer = run(_CRON.fullmatch(block.text.strip())["command"], project, yahoo)
        elif block.kind == "text":
            assert is_shown(block.text, answer), f"{where}: shown\n{block.text}\nanswered\n{said(answer)}"
        elif block.kind == "sql":
            ask(block, project, where)
        elif block.path:
            write(block, project)


def write(block: Block, folder: Path) -> None:
    """Put the text of a block that names a file to the end of it."""
    (folder / block.path).parent.mkdir(parents=True, exist_ok=True)
    with (folder / block.path).open("a") as file:
        file.write(block.text)


def run(command: str, project: Path, yahoo: str = "", **settings: str) -> str:
    """Run command lines as a reader would, with some settings of his; return what they said."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS)}
    variables |= {
        "PYTHONPATH": str(OFFLINE),
        "STORY_PROJECT": str(project),
        "STORY_YAHOO": yahoo,
        "STORY_YAHOO_FOLDER": str(HERE.parent / "ingest"),
        "STORY_NOW": STORY_NOW,
        "PIP_NO_INDEX": "1",
    } | settings
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=project,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    return done.stdout


def ask(block: Block, project: Path, where: str) -> None:
    """Hold what a query answers against what the page shows."""
    with duckdb.connect(str(project / "data" / "warehouse.duckdb"), read_only=True) as con:
        answer = cells(con.execute(block.text).fetchall())
    if block.table is not None:  # a query may have nothing to show
        assert answer == rows(block.table), f"{where}: {answer}"
