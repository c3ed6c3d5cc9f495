"""Prove on changed bars that no component and no line knows what it must not know."""

from plumbline.tables.arrow import read_market
from plumbline.tables.proofs import proofs
from plumbline.tables.strategy import enabled_strategies
from plumbline.tables.variants import read_variants


def model(dbt, session):
    sessions = dbt.ref("int_sessions__panel").to_arrow_table()
    market = read_market(dbt.ref("int_returns__daily").to_arrow_table(), sessions)
    variants = read_variants(dbt.ref("int_variants__resolved").to_arrow_table(), "daily")
    return proofs(market, variants, enabled_strategies(dbt.ref("strategies").to_arrow_table()), sessions)
