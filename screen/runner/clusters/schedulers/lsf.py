"""IBM Spectrum LSF."""

from screen.runner.clusters.schedulers.scheduler import REQUEUE, Job, Scheduler, optional


def directives(job: Job) -> list[str]:
    """LSF requeues by itself what exits with the status that `-Q` names."""
    use = job.resources
    minutes = -(-use.seconds // 60)
    return [
        f'-J "{job.name}[1-{job.tasks}]{optional("%", use.throttle)}"' if job.tasks else f'-J "{job.name}"',
        f"-n {use.processors}",
        '-R "span[hosts=1]"',
        f"-W {minutes // 60}:{minutes % 60:02d}",
        f"-M {use.memory_MB}MB",
        optional("-q ", use.partition),
        optional("-P ", use.account),
        f"-o logs/{'%J_%I' if job.tasks else '%J'}.log",
        f"-wa USR1 -wt {max(1, use.warning // 60)}" if job.tasks else "",
        f'-Q "{REQUEUE}"' if job.tasks else "",
    ]


SCHEDULER = Scheduler(
    name="lsf",
    title="LSF",
    sign="#BSUB",
    submit="bsub <",
    variables={"LSB_JOBINDEX": 1},
    index="$((LSB_JOBINDEX - 1))",
    directives=directives,
    requeue=lambda _: [],
)
