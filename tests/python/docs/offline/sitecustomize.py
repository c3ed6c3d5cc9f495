"""Python's own hook at its start: lets ``python -m ingest`` ask the Yahoo of the tests, on the tests' day.

On that day builds record what they have tried, too.
"""

import os
import sys
from datetime import datetime

if sys.orig_argv[1:3] == ["-m", "ingest"]:
    sys.path[:0] = [os.environ["STORY_PROJECT"], os.environ["STORY_YAHOO_FOLDER"]]

    import curl_cffi.requests
    from yahoo_server import redirected

    from ingest import clock

    curl_cffi.requests.Session.request = redirected(os.environ["STORY_YAHOO"], [], lambda: None)
    clock.utc_now = lambda: datetime.fromisoformat(os.environ["STORY_NOW"])

if sys.orig_argv[1:3] == ["-m", "plumbline.warehouse.run_dbt"]:
    sys.path[:0] = [os.environ["STORY_PROJECT"]]

    from plumbline.ledger import store

    store.utc_now = lambda: datetime.fromisoformat(os.environ["STORY_NOW"])
