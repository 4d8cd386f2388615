"""Tests have one thread for each numerical library, as commands have: BLAS's threads, waiting for each other next to
other tests, took four times the processor time of what they waited for.
"""

from screen.cli.threads import one_thread_each

one_thread_each()
