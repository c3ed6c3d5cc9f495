"""Measure the portfolio year by year."""

from plumbline.layers.reports import portfolio_by_year


def model(dbt, session):
    return portfolio_by_year(dbt.ref("int_portfolio__daily").to_arrow_table())
