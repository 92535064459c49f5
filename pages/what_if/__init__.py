"""What-if: sweeps over tolerances, their front, prices and the decision."""
