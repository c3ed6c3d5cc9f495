"""Features and folds are computed in SQL and in the engine: they are the same to the last bit."""

import duckdb
import numpy as np
import pytest

from plumbline.engine.features import NAMED
from plumbline.engine.panel import index_rows, spread
from plumbline.tables.arrow import read_market


@pytest.fixture(scope="module", params=["sample", "universe"])
def warehouse(request):
    """Return the sample, which any machine has, and 97 real symbols."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def homes(warehouse):
    """Return the features of SQL, and the market with the engine's own."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        bars, sessions, features = (
            con.sql(f"select * from marts.{table}").to_arrow_table()
            for table in ("fct_bars_daily", "dim_sessions", "fct_features_daily")
        )
    return features, read_market(bars, sessions)


@pytest.mark.parametrize("name", NAMED)
def test_features_agree_bit_for_bit(homes, name):
    features, market = homes
    sql = spread(features[name], index_rows(features, market.panel.sessions, market.panel.symbols))
    engine = market.feature(NAMED[name], "continuous")
    assert np.isfinite(sql).sum() > 0.9 * market.panel.is_live.sum()
    np.testing.assert_array_equal(
        sql.view(np.int64)[np.isfinite(sql)], engine.view(np.int64)[np.isfinite(sql)]
    )
    np.testing.assert_array_equal(np.isnan(sql), np.isnan(engine))


def test_folds_agree(homes, warehouse, query):
    _, market = homes
    ours = [
        (symbol, int(year), int(market.train_sessions[y, i]), int(market.test_sessions[y, i]))
        for i, symbol in enumerate(market.panel.symbols)
        for y, year in enumerate(market.years)
        if market.test_sessions[y, i]
    ]
    sql = "select symbol, year, train_sessions, test_sessions from marts.dim_folds order by symbol, year"
    assert query(warehouse, sql) == ours
