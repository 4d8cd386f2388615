"""A cube as long tables: CSV, Parquet, XLSX, RO-Crate."""
