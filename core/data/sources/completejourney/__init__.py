"""The Complete Journey as household x category x week, by SQL from the Parquet files of the installed package."""
