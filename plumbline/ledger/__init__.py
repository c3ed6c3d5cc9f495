"""The trial ledger: what has been tried, one line each, beside the landing files and outliving warehouses."""
