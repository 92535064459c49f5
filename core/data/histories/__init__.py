"""Behaviour sequences: who did what, when, with which item; cut before a moment, turned into ids, kept as a data set.

`histories` holds what was read, `field_vocabulary` turns names into ids, `encode` writes the last hundred events before
a moment as rows of ids, `questions` writes the data set and `next_events` asks what comes next. Which data sets there
are is said in `core.data.sources`. May import: the rest of `core.data` but its sources and registry. No torch.
"""
