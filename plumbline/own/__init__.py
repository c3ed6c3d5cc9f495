"""The place for strategies of one's own: every module in this folder is imported before strategies run.

Put a function with ``@register("name")`` in a file here and a row of that name in seeds/strategies.csv;
docs/how-to/own-strategy.md shows one.
"""

import importlib
import pkgutil

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
