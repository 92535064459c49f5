"""Many runs as one question: a grid of configs as one queue that pauses, goes on and is lost by no crash.

May import: `core.runs` and everything below it. No torch: points are trained by workers, here or on a Ray cluster.
The sweep folder and the run folders of its points are the truth; a driver that is killed begins again from them.
"""
