"""What users have in common: facets of their events, lift against everybody, groups."""
