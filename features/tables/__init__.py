"""Tables of a company, read from files and databases: CSV, workbooks, Parquet, SQL."""
