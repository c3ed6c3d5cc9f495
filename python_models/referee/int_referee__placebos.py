"""Measure every claim in histories that hold no signal."""

from plumbline.tables.claims import claims_of
from plumbline.tables.drawdowns import read_rules
from plumbline.tables.market import shared_market
from plumbline.tables.referee import Case, alternatives_of, placebo_metrics
from plumbline.tables.stability import read_draws


def model(dbt, session):
    market = shared_market(
        dbt.ref("int_returns__daily"),
        dbt.ref("int_sessions__panel"),
        dbt.ref("int_features__daily"),
    )
    resolved = dbt.ref("int_variants__resolved").to_arrow_table()
    case = Case(
        claims_of(dbt.ref("int_claims__stated").to_arrow_table(), resolved),
        read_rules(dbt.ref("failure_modes").to_arrow_table()),
        alternatives_of(resolved),
        read_draws(dbt.ref("draws").to_arrow_table()),
    )
    return placebo_metrics(market, case)
