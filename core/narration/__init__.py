"""Everything that is said in words, computed from numbers. No torch.

May import: `core.sweeps` and everything below it; nothing but commands and pages imports this. A sentence is only
said when the numbers in the log carry it.
"""
