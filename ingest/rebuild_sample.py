"""Rebuild the embedded sample from its published sources: ``python -m ingest.rebuild_sample [--check]``."""

import gzip
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from datetime import date
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import click
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from ingest.bars import make_bars
from ingest.columns import canonical_columns
from ingest.symbols import file_name

FIRST = date(2000, 3, 1)
LAST = date(2013, 3, 1)


class Source(NamedTuple):
    """A gzipped CSV inside a published wheel, known by its checksum, and the symbols taken from it."""

    package: str
    version: str
    member: str
    sha256: str
    date_format: str
    symbols: tuple[str, ...]


SOURCES = (
    Source(
        package="bokeh-sampledata",
        version="2026.1",
        member="bokeh_sampledata/_data/stocks.csv.gz",
        sha256="5abadf99b2d394f920120a27de6f0df129859d71d4cfb0bf661bcc99446ab1fd",
        date_format="%Y-%m-%d",
        symbols=("AAPL", "MSFT"),
    ),
    Source(
        package="arch",
        version="8.0.0",
        member="arch/data/sp500/sp500.csv.gz",
        sha256="1e028cbb9c400cc018c816ccc439b33c919387e726c3ed5ca2c05c82746059de",
        date_format="%m/%d/%Y",
        symbols=("^GSPC",),
    ),
)


def read_source(source: Source) -> bytes:
    """Download the wheel of `source` and return the file in it, its checksum verified."""
    with tempfile.TemporaryDirectory() as folder:
        requirement = f"{source.package}=={source.version}"
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, requirement],
            check=True,
        )
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            data = archive.read(source.member)
    found = hashlib.sha256(data).hexdigest()
    if found != source.sha256:
        raise click.ClickException(
            f"{source.member} of {requirement} has sha256 {found}, not {source.sha256}"
        )
    return data


def sample_files(source: Source, data: bytes) -> dict[str, bytes]:
    """Return the parquet file of each symbol of `source`, by file name.

    The same `data` gives the same bytes for one version of pyarrow.
    """
    text = gzip.decompress(data).decode()
    frame = pd.read_csv(io.StringIO(text), dtype=str)
    frame["Date"] = pd.to_datetime(frame["Date"], format=source.date_format)
    files = {}
    for symbol in source.symbols:
        rows = frame[frame["Ticker"] == symbol].drop(columns="Ticker") if "Ticker" in frame else frame
        columns = canonical_columns(pa.Table.from_pandas(rows, preserve_index=False), source.member)
        table = make_bars(symbol, columns, source.member, start=FIRST, end=LAST, today=LAST).table
        sink = pa.BufferOutputStream()
        pyarrow.parquet.write_table(table, sink, compression="zstd", compression_level=19)
        files[file_name(symbol)] = sink.getvalue().to_pybytes()
    return files


@click.command()
@click.option("--check", is_flag=True, help="Compare with the files in place; write nothing.")
def main(check: bool) -> None:
    """Download the sample's sources and write its parquet files anew, byte for byte the same."""
    with resources.as_file(resources.files("ingest") / "sample") as folder:
        for source in SOURCES:
            for name, data in sample_files(source, read_source(source)).items():
                path = folder / name
                if not check:
                    path.write_bytes(data)
                elif path.read_bytes() != data:
                    raise click.ClickException(f"{path} is not what {source.package} {source.version} gives")
                click.echo(f"{hashlib.sha256(data).hexdigest()}  {name}")


if __name__ == "__main__":
    main(prog_name="python -m ingest.rebuild_sample")
