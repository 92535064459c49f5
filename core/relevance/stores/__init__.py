"""What is searched, on disk: catalogues, collections, models and their indexes."""
