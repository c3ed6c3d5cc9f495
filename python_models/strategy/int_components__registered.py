"""List the components: what they are, and where each is defined."""

from plumbline.tables.components import registered


def model(dbt, session):
    return registered()
