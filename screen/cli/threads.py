"""One thread for each library under a run: shards are the parallelism, and BLAS would only get in their
way.
"""

import os

VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def one_thread_each() -> None:
    """Pin the numerical libraries to one thread, unless the user has set them; to be called before NumPy
    loads.
    """
    for name in VARIABLES:
        os.environ.setdefault(name, "1")
