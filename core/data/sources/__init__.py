"""One module or package a data set, from where its rows come to its prepared folder; `uploaded` reads a user's files.

May import: the rest of `core.data` but its registry. A module imports another only where its data set is made from the
other's files.
"""
