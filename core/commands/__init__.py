"""The command line, by click: `root` has the tree, `options` what commands share, the rest a file a subject.

May import every room but pages.
"""
