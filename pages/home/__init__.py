"""Home: where a person starts, and the runs made before."""
