"""All users of a source under one model: embedded, indexed and mapped; made once, then only read."""
