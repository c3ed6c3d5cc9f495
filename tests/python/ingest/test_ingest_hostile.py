"""Hostile input: what is too large is refused at little cost, and what is strange is named as it is."""

import gzip
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from click.testing import Result

from ingest.calendar import session_dates
from ingest.sources import limits
from ingest.sources.files import read_file

Ingest = Callable[..., Result]
Frame = Callable[..., pd.DataFrame]
Csv = Callable[[str, pd.DataFrame], Path]

HEADING = "Date,Open,High,Low,Close,Adj Close,Volume\n"
ROW = "2020-01-02,1,1,1,1,1,1\n"
NAMES = HEADING.strip().split(",")

# Reads one file and says what came of it, and how many megabytes and seconds that took beyond the imports.
PROGRAM = """
import resource, sys, time
from datetime import date
from pathlib import Path
from ingest.errors import InputError
from ingest.sources import files, limits
limits._MAX_BYTES //= int(sys.argv[2])
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before, begun = peak(), time.monotonic()
try:
    files.read_file(Path(sys.argv[1]), today=date(2026, 1, 5))
    message = "read"
except InputError as error:
    message = str(error)
print(peak() - before, time.monotonic() - begun, message, sep="\\n")
"""


def cost(path: Path, part: int) -> tuple[float, float, str]:
    """Read a file in a process of its own, of which the limit is but a part.

    Return the megabytes and seconds it took, and what came of it.
    """
    command = [sys.executable, "-c", PROGRAM, str(path), str(part)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    megabytes, seconds, message = done.stdout.splitlines()
    return float(megabytes), float(seconds), message


def _csv_of_ten_gigabytes(folder: Path, part: int) -> Path:
    path = folder / "SPY.csv"
    path.write_text(HEADING + ROW)
    os.truncate(path, 10 * 10**9 // part)  # takes no room on the disk
    return path


def _gzip_bomb(folder: Path, part: int) -> Path:
    path = folder / "SPY.csv.gz"
    rows = gzip.compress((ROW * 40_000).encode(), 9)  # one megabyte in three kilobytes
    path.write_bytes(gzip.compress(HEADING.encode()) + rows * (10_000 // part))
    return path


def _parquet_of_many_rows(folder: Path, part: int) -> Path:
    path = folder / "SPY.parquet"
    group = pa.table({name: pa.repeat(1.0, 1_000_000) for name in NAMES})
    with pyarrow.parquet.ParquetWriter(path, group.schema, compression="zstd") as writer:
        for _ in range(20 // part):
            writer.write_table(group)
    return path


def _parquet_of_long_texts(folder: Path, part: int) -> Path:
    path = folder / "all.parquet"
    rows = 200_000 // part
    columns = {name: pa.repeat(1.0, rows) for name in NAMES}
    columns["symbol"] = pa.DictionaryArray.from_arrays(pa.repeat(0, rows), ["S" * 20_000])
    pyarrow.parquet.write_table(pa.table(columns), path, store_schema=False)
    return path


def _wide_csv(folder: Path, part: int) -> Path:
    path = folder / "SPY.csv"
    path.write_text(("x," * 100_000 + "x\n") * 5)
    return path


def _wide_parquet(folder: Path, part: int) -> Path:
    path = folder / "SPY.parquet"
    one = pa.array([1.0])
    columns = {f"c{number}": one for number in range(100_000 // part)}
    pyarrow.parquet.write_table(pa.table(columns), path)
    return path


def _parquet_that_is_all_footer(folder: Path, part: int) -> Path:
    path = folder / "SPY.parquet"
    path.write_bytes(b"PAR1")
    os.truncate(path, 900_000_000)
    with path.open("ab") as file:
        file.write((900_000_000 - 4).to_bytes(4, "little") + b"PAR1")
    return path


def _line_without_end(folder: Path, part: int) -> Path:
    path = folder / "SPY.csv.gz"
    path.write_bytes(gzip.compress(bytes(10**6), 9) * 3_000)
    return path


LARGE = {
    "CSV of 10 GB": (_csv_of_ten_gigabytes, "more than 1 GB once unpacked; split it"),
    "gzip bomb": (_gzip_bomb, "more than 1 GB once unpacked; split it"),
    "parquet of many rows": (_parquet_of_many_rows, "more than 1 GB once unpacked; split it"),
    "parquet of long texts": (_parquet_of_long_texts, "more than 1 GB once unpacked; split it"),
    "CSV of 100,000 columns": (_wide_csv, "more than 256 columns; keep those that are needed"),
    "parquet of many columns": (_wide_parquet, "more than 256 columns; keep those that are needed"),
    "parquet that is all footer": (_parquet_that_is_all_footer, "more than 256 columns; keep those that"),
    "a line without end": (_line_without_end, "its first line never seems to end; export it again"),
}


@pytest.mark.parametrize("part", [20, pytest.param(1, marks=pytest.mark.soak)])
@pytest.mark.parametrize(("make", "message"), LARGE.values(), ids=LARGE)
def test_what_is_too_large_is_refused_at_little_cost(
    make: Callable[[Path, int], Path], message: str, part: int, tmp_path: Path
) -> None:
    path = make(tmp_path, part)
    megabytes, seconds, said = cost(path, part)
    assert said.startswith(f"{path}: ") and message in said
    # Texts have to be read to be known, up to the limit, and a wide file's footer is read before it is told.
    limit = {_parquet_of_long_texts: 1_300, _wide_parquet: 400}.get(make, 100)
    assert megabytes < limit and seconds < 15, (megabytes, seconds)


def test_a_file_within_the_limits_comes(ingest: Ingest, query: Callable, frame: Frame, csv: Csv) -> None:
    more = pd.DataFrame(1, frame().index, [f"c{number}" for number in range(limits.MAX_COLUMNS - 7)])
    wide = pd.concat([frame(), more], axis=1)
    path = csv("SPY.csv", wide)
    wide.to_parquet(path.with_name("QQQ.parquet"))
    assert ingest("files", path.parent).exit_code == 0
    assert query("select count(*) from raw.bars") == [(10,)]
    csv("SPY.csv", wide.assign(more=1))
    wide.assign(more=1).to_parquet(path.with_name("QQQ.parquet"))
    assert ingest("files", path.parent).stderr.count("more than 256 columns") == 2


def test_the_limits_are_told(ingest: Ingest) -> None:
    told = " ".join(ingest("files", "--help").output.split())
    assert (
        f"more than {limits.MAX_GIGABYTES} GB" in told and f"more than {limits.MAX_COLUMNS} columns" in told
    )


@pytest.mark.parametrize("name", ["all.csv", "all.parquet"])
def test_a_long_file_is_not_held_twice(name: str, tmp_path: Path) -> None:
    # Symbols by turns, so that the rows of each have to be brought together.
    days = session_dates(1980, 2009).astype(str)
    rows = pd.DataFrame({"Date": np.repeat(days, 20), "symbol": [f"S{n:02}" for n in range(20)] * len(days)})
    rows[NAMES[1:]] = 123.456789
    rows["Volume"] = 1_000_000
    path = tmp_path / name
    if name.endswith("parquet"):
        rows.to_parquet(path)
        source = pyarrow.parquet.read_table(path).nbytes
    else:
        rows.to_csv(path, index=False)
        source = path.stat().st_size + rows.size * 4  # texts, and where each begins
    program = (
        "import sys, pyarrow as pa; from datetime import date; from pathlib import Path;"
        "from ingest.sources.files import read_file;"
        "bars = read_file(Path(sys.argv[1]), today=date(2026, 1, 5));"
        "print(pa.default_memory_pool().max_memory(), pa.total_allocated_bytes(), len(bars))"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True)
    most, held, symbols = map(int, done.stdout.split())
    assert symbols == 20
    assert most < 0.9 * (source + held), "never all of it as it came beside all of it as it lands"


STRANGE = [
    "=cmd|'/c calc'!A1",
    "@SUM(1)",
    "+1",
    "'; drop table raw.bars; --",
    "SPY' or '1'='1",
    "../../etc/passwd",
    "[red]SPY[/red]",
    "[/]",
    "\x1b[31mSPY",
    "SPY\u202e",
    "🚀",
    "CON.parquet/..",
    "<script>",
    "%00",
    "{0}",
]


def test_symbols_that_are_something_else(ingest: Ingest, query: Callable, frame: Frame, csv: Csv) -> None:
    table = pd.concat([frame().assign(symbol=symbol) for symbol in (*STRANGE, "SPY")])
    result = ingest("files", csv("all.csv", table))
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert len(lines) == len(STRANGE)
    assert all("is no symbol" in line and line.isprintable() for line in lines)
    assert query("select distinct symbol from raw.bars") == [("SPY",)]
    result = ingest("yahoo", "--symbols", *STRANGE)
    assert result.exit_code == 1 and result.stderr.count("is no symbol") == len(STRANGE)


@pytest.mark.parametrize("cell", ["=1+1", "=HYPERLINK(1)", "1; drop table raw.bars", "0x10", "1e", "١٢"])
@pytest.mark.parametrize("column", ["Close", "Volume", "Date"])
def test_cells_that_are_something_else(
    cell: str, column: str, ingest: Ingest, house: Path, frame: Frame, csv: Csv
) -> None:
    table = frame().astype({column: object})
    table.loc[1, column] = cell
    result = ingest("files", csv("SPY.csv", table))
    assert result.exit_code == 1
    assert "row 2" in result.stderr and ("is no number" in result.stderr or "is no date" in result.stderr)
    assert not house.exists()


FILE_NAMES = [
    b"\x1b[31mSPY.csv",
    b"SPY\nError: all is lost.csv",
    b"\xff\xfe.csv",
    b"[red]SPY[bold].csv",
    b"$(reboot).csv",
]


@pytest.mark.parametrize("name", FILE_NAMES, ids=range(len(FILE_NAMES)))
def test_file_names_that_steer_a_terminal(name: bytes, ingest: Ingest, frame: Frame, tmp_path: Path) -> None:
    folder = tmp_path / "inputs"
    folder.mkdir()
    path = Path(os.fsdecode(os.path.join(os.fsencode(folder), name)))  # noqa: PTH118 (bytes)
    frame().to_csv(path, index=False)
    frame().to_csv(folder / "QQQ.csv", index=False)
    result = ingest("files", folder)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.isprintable() and ("is no symbol" in line or "the name of this file is no text" in line)
    assert "\x1b" not in result.output and "1 new, 0 unchanged, 1 failed." in result.stdout


def test_names_that_no_file_can_have(ingest: Ingest, tmp_path: Path) -> None:
    ring = tmp_path / "ring.csv"
    ring.symlink_to(ring)
    for name in ("A" * 5_000, "A" * 300 + ".csv", str(ring), "no\x1b[31m/such/folder"):
        result = ingest("files", name)
        assert result.exit_code == 1
        assert len(result.stderr.splitlines()) == 1 and result.stderr.strip().isprintable(), name


def test_a_headings_text_is_shown_harmlessly(ingest: Ingest, frame: Frame, csv: Csv) -> None:
    table = frame().rename(columns={"Close": "=cmd|' /c calc'!A1\x1b[31m"})
    (line,) = ingest("files", csv("SPY.csv", table)).stderr.splitlines()
    assert "no column close" in line and line.isprintable()


@pytest.mark.parametrize("cut", [1, 5, 12, 40])
def test_a_gzip_cut_short(cut: int, ingest: Ingest, tmp_path: Path) -> None:
    path = tmp_path / "SPY.csv.gz"
    path.write_bytes(gzip.compress((HEADING + ROW).encode())[:-cut])
    result = ingest("files", path)
    assert result.exit_code == 1
    assert "cannot be read as CSV" in result.stderr or "no rows" in result.stderr


def test_what_a_file_may_hold_is_read_in_bounded_time(tmp_path: Path) -> None:
    from datetime import date

    path = tmp_path / "SPY.csv"
    path.write_text(HEADING + (ROW[:-2] + "x\n") * 200_000)
    begun = time.monotonic()
    with pytest.raises(Exception, match="row 1, 2020-01-02"):
        read_file(path, today=date(2026, 1, 5))
    assert time.monotonic() - begun < 10
