"""One module or package a data set, from where its rows come to its prepared folder; `uploaded` reads a user's files.

A new data set is a module here that exports one `SOURCE` (see `core.data.source`), and its name in the list of
`core.data.registry`; menus, the command line and the default run read them there. Its `prepare` writes a prepared
folder (`core.data.prepared`), or pairs (`core.data.pairs`), or histories (`core.data.histories`).

May import: the rest of `core.data` but its registry. A module imports another only where its data set is made from the
other's files.
"""
