"""Priority lab: one run, trained live."""
