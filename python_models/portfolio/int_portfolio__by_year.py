"""Measure the portfolio year by year."""

from plumbline.tables.reports import portfolio_by_year


def model(dbt, session):
    return portfolio_by_year(dbt.ref("int_portfolio__lines").filter("symbol is null").to_arrow_table())
