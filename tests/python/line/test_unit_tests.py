"""The unit tests of the SQL, which builds of a warehouse leave out, pass."""

from warehouses import UNIT_TESTS, copy_of, dbt


def test_every_unit_test_of_the_sql_passes(sample, tmp_path):
    warehouse = copy_of(sample, tmp_path)
    assert dbt("test", "--select", "test_type:unit", *UNIT_TESTS, warehouse=warehouse, parses=True)
