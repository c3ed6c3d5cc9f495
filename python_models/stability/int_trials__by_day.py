"""Say of every day on which something new was tried what luck explains by then."""

from plumbline.ledger.chain import FOLDER
from plumbline.tables.market import shared_market
from plumbline.tables.stability import read_draws
from plumbline.tables.trials import trials_by_day, tried_so_far
from plumbline.warehouse.paths import landing_path


def model(dbt, session):
    market = shared_market(dbt.ref("int_returns__daily"), dbt.ref("int_sessions__panel"))
    resolved = dbt.ref("int_variants__resolved").to_arrow_table()
    tried = tried_so_far(
        market,
        resolved,
        dbt.ref("int_stability__lines").to_arrow_table(),
        dbt.ref("int_trials__recorded").to_arrow_table(),
        landing_path() / FOLDER,
        dbt.config.get("seal"),
    )
    draws = read_draws(dbt.ref("draws").to_arrow_table())
    return trials_by_day(market, resolved, tried, draws["luck"])
