"""Ask of every result how much of it is luck."""

from plumbline.ledger.chain import FOLDER
from plumbline.tables.market import shared_market
from plumbline.tables.overfitting import overfitting
from plumbline.tables.stability import read_draws
from plumbline.tables.trials import tried_so_far
from plumbline.tables.variants import read_variants
from plumbline.warehouse.paths import landing_path


def model(dbt, session):
    market = shared_market(
        dbt.ref("int_returns__daily"),
        dbt.ref("int_sessions__panel"),
        dbt.ref("int_features__daily"),
    )
    resolved = dbt.ref("int_variants__resolved").to_arrow_table()
    lines = dbt.ref("int_stability__lines").to_arrow_table()
    recorded = dbt.ref("int_trials__recorded").to_arrow_table()
    folder = landing_path() / FOLDER
    tried = tried_so_far(market, resolved, lines, recorded, folder, dbt.config.get("seal"))
    return overfitting(
        market,
        read_variants(resolved, "daily"),
        dbt.ref("int_variants__perturbed").to_arrow_table(),
        lines,
        [each.returns for each in tried],
        read_draws(dbt.ref("draws").to_arrow_table()),
    )
