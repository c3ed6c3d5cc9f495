"""What the help of every command of ingest ends with."""

# A paragraph that begins with a backspace is printed as it stands.
ENVIRONMENT = """

\b
Environment:
  WAREHOUSE_PATH  the DuckDB file [default: the project's data/warehouse.duckdb]
  LANDING_PATH    the folder of landed bars [default: raw/ beside that file]

\b
Exit status:
"""
EXIT_STATUS = """\
  0   everything asked for has landed, now or before, and is loaded
  1   not everything came; the summary says what and why, the rest is in
  2   the command was not understood
  75  everything has landed, but another process holds the warehouse; the
      next build, or the next ingest, loads it
  130 interrupted; what has landed stays, the next build loads it
"""
