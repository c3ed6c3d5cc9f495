"""Give every variant all its values: its own, those of its base, then the defaults."""

from plumbline.tables.variants import in_summary, resolved_variants, rows_of


def model(dbt, session):
    rows = rows_of(dbt.ref("variants").to_arrow_table(), dbt.ref("variant_parameters").to_arrow_table())
    rows = in_summary(
        rows, len(dbt.ref("int_symbols__in_use").to_arrow_table()), dbt.config.get("summary_from_symbols")
    )
    own = rows_of(
        dbt.ref("stg_own__variants").to_arrow_table(),
        dbt.ref("stg_own__variant_parameters").to_arrow_table(),
    )
    return resolved_variants([*rows, *own])
