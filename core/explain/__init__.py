"""What a run says in plain words, computed from its events. No torch.

May import: `core.training` (its events and config), `core.insight`, `core.methods`. A sentence is only
said when the numbers in the log carry it.
"""
