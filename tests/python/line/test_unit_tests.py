"""The unit tests of the SQL, which builds of a warehouse leave out, pass."""

from warehouses import copy_of, dbt


def test_every_unit_test_of_the_sql_passes(sample, tmp_path):
    assert dbt("test", "--select", "test_type:unit", warehouse=copy_of(sample, tmp_path))
