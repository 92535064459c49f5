"""Networks: Shared-Bottom, MMoE, PLE over embedded and dense features.

May import: `core.data`. A model says what it shares: `represent`, `heads`, `shared_parameters()`.
"""
