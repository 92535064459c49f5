"""The ASGI application: start-up, live routes, what pages share.

May import: `core.sweeps` and everything below it. No torch: it lives in the workers and in processes of their own.
"""
