"""PBS Professional, OpenPBS and Torque."""

from screen.runner.clusters.schedulers.scheduler import Job, Scheduler, clock, optional


def directives(job: Job) -> list[str]:
    """A name of 15 letters at most; an array of one task is a single job, for PBS has none of one."""
    use = job.resources
    return [
        f"-N {job.name[:15]}",
        f"-J 0-{job.tasks - 1}{optional('%', use.throttle)}" if job.tasks > 1 else "",
        f"-l select=1:ncpus={use.processors}:mem={use.memory_MB}mb",
        f"-l walltime={clock(use.seconds)}",
        optional("-q ", use.partition),
        optional("-A ", use.account),
        "-j oe",
        "-o logs/",
        "-r y",
    ]


SCHEDULER = Scheduler(
    name="pbs",
    title="PBS",
    sign="#PBS",
    submit="qsub",
    variables={"PBS_ARRAY_INDEX": 0, "PBS_ARRAYID": 0},
    index="${PBS_ARRAY_INDEX:-${PBS_ARRAYID:-0}}",
    directives=directives,
    requeue=lambda wanted: [f'{wanted} && qrerun "$PBS_JOBID"'],
)
