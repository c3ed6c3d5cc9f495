"""List the parameters of every component, and of the line itself."""

from plumbline.tables.components import parameters


def model(dbt, session):
    return parameters()
