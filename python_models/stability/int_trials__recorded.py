"""Add what this build has tried to the trial ledger; return its lines over these symbols."""

from plumbline.ledger.chain import FOLDER
from plumbline.tables.market import shared_market
from plumbline.tables.trials import record
from plumbline.warehouse.paths import landing_path


def model(dbt, session):
    return record(
        shared_market(dbt.ref("int_returns__daily"), dbt.ref("int_sessions__panel")),
        dbt.ref("int_variants__resolved").to_arrow_table(),
        dbt.ref("int_stability__lines").to_arrow_table(),
        landing_path() / FOLDER,
        as_of=dbt.config.get("as_of"),
        seal=dbt.config.get("seal"),
    )
