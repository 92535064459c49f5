"""Networks: Shared-Bottom, MMoE, PLE over embedded and dense features; DUPN over histories; DeepBoW over pairs.

May import: `core.data`. A model says what it shares: `represent`, `heads`, `shared_parameters()`.
"""
