"""How good a model's order is on judged queries, beside its peers."""
