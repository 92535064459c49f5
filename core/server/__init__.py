"""The ASGI application: start-up, live routes, what pages share.

May import: `core.sweeps`, `core.runs` and, for its words, `core.insight`. No torch: it lives in the workers.
"""
