"""Features and folds are computed in SQL and in the engine: they are the same to the last bit."""

import duckdb
import numpy as np
import pytest
from plumbline.layers.tables import read_market

from plumbline.engine.features import Features


@pytest.fixture(scope="module", params=["sample", "universe"])
def warehouse(request):
    """Return the sample, which any machine has, and 97 real symbols."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def markets(warehouse):
    """Return the market with the features of SQL, and with the engine's own."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        bars, sessions, features = (
            con.sql(f"select * from marts.{table}").to_arrow_table()
            for table in ("fct_bars_daily", "dim_sessions", "fct_features_daily")
        )
    return read_market(bars, sessions, features), read_market(bars, sessions)


@pytest.mark.parametrize("name", Features._fields)
def test_features_agree_bit_for_bit(markets, name):
    sql, engine = (getattr(market.features("continuous"), name) for market in markets)
    assert np.isfinite(sql).sum() > 0.9 * markets[0].panel.is_live.sum()
    np.testing.assert_array_equal(
        sql.view(np.int64)[np.isfinite(sql)], engine.view(np.int64)[np.isfinite(sql)]
    )
    np.testing.assert_array_equal(np.isnan(sql), np.isnan(engine))


def test_folds_agree(markets, warehouse, query):
    market = markets[1]
    ours = [
        (symbol, int(year), int(market.train_sessions[y, i]), int(market.test_sessions[y, i]))
        for i, symbol in enumerate(market.panel.symbols)
        for y, year in enumerate(market.years)
        if market.test_sessions[y, i]
    ]
    sql = "select symbol, year, train_sessions, test_sessions from marts.dim_folds order by symbol, year"
    assert query(warehouse, sql) == ours
