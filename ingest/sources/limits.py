"""How large an input file may be: what is larger is refused before it is read, whatever it says of itself."""

import gzip
import re
from pathlib import Path

import pyarrow.parquet

from ingest.errors import InputError

# Five hundred symbols over sixty years are about 0.7 GB of CSV.
MAX_GIGABYTES = 1
MAX_COLUMNS = 256
# A table of prices alone has a column a symbol.
MAX_PRICE_COLUMNS = 8_192

DELIMITERS = (b",", b";", b"\t", b"|")

_MAX_BYTES = MAX_GIGABYTES * 10**9
_CHUNK = 2**20
# A heading line of so many columns is far shorter.
_MAX_HEADING_BYTES = 2**16
# Reading the footer takes many times its size in memory; of a gigabyte of bars it is well below this.
_MAX_FOOTER_BYTES = 2**24
_BYTES_A_VALUE = 8


def check_csv(path: Path, is_packed: bool, max_columns: int) -> bytes:
    """Return how a CSV file begins; refuse one that is too large, once unpacked, or has too many columns.

    Raises
    ------
    InputError
        It is. Little of it is in memory at a time, and no more of it is read than it may hold.
    OSError, EOFError, zlib.error
        It cannot be unpacked.
    """
    with gzip.open(path) if is_packed else path.open("rb") as file:
        begin = file.read(_MAX_HEADING_BYTES)
        heading = re.match(rb"[^\r\n]*", begin)[0]
        if max(map(heading.count, DELIMITERS)) >= max_columns:
            raise _too_wide(path, max_columns)
        if len(heading) == _MAX_HEADING_BYTES:
            raise InputError(f"{path}: its first line never seems to end; export it again, with a heading")
        if not is_packed:
            check_held(path, path.stat().st_size)
            return begin
        size = file.seek(0)
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            check_held(path, size)
        return begin


def check_parquet_footer(path: Path) -> None:
    """Refuse a parquet file whose description of itself is too large to be read.

    Raises
    ------
    InputError
        It is.
    """
    with path.open("rb") as file:
        file.seek(-min(8, path.stat().st_size), 2)
        end = file.read()
    # Whether it is parquet at all is for the reader to say.
    if end[4:] == b"PAR1" and int.from_bytes(end[:4], "little") > _MAX_FOOTER_BYTES:
        raise _too_wide(path, MAX_COLUMNS)


def check_parquet(path: Path, metadata: pyarrow.parquet.FileMetaData, max_columns: int) -> None:
    """Refuse a parquet file that is too large, once unpacked, or has too many columns.

    Raises
    ------
    InputError
        It is.
    """
    if metadata.num_columns > max_columns:
        raise _too_wide(path, max_columns)
    unpacked = sum(metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups))
    # Values that repeat take next to nothing in the file, and all of their room in memory.
    check_held(path, max(unpacked, metadata.num_rows * metadata.num_columns * _BYTES_A_VALUE))


def check_held(path: Path, size: int) -> None:
    """Refuse a file of which so many bytes are, or would be, in memory.

    Raises
    ------
    InputError
        They are too many.
    """
    if size > _MAX_BYTES:
        raise InputError(
            f"{path}: more than {MAX_GIGABYTES} GB once unpacked; split it into files of fewer symbols each"
        )


def _too_wide(path: Path, max_columns: int) -> InputError:
    return InputError(f"{path}: more than {max_columns} columns; keep those that are needed, a row a session")
