"""Behaviour sequences: who did what, when, with which item; cut before a moment, turned into ids, kept as a data set.

`histories` holds what was read, `shop`, `journey` and `own_events` read it, `vocabulary` turns names into ids,
`encode` writes the last hundred events before a moment as rows of ids, `next_events` and `searches` ask the questions.
May import: the rest of `core.data`. Only `folder` needs torch, and only when it is asked for tensors.
"""
