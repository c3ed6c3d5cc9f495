"""What each dbt Python model does: Arrow tables in, engine, Arrow table out."""
