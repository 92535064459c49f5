"""Users: a history, what a model sees in it, who is alike, and the map of everybody."""
