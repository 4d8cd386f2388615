"""Sun Grid Engine and what came of it."""

from screen.runner.clusters.schedulers.scheduler import Job, Scheduler, optional


def directives(job: Job) -> list[str]:
    """Memory is asked for by the slot, of which a job has one a processor."""
    use = job.resources
    return [
        f"-N {job.name}",
        f"-t 1-{job.tasks}" if job.tasks else "",
        optional("-tc ", use.throttle),
        f"-pe smp {use.processors}",
        f"-l h_rt={use.seconds}",
        f"-l h_vmem={-(-use.memory_MB // use.processors)}M",
        optional("-q ", use.partition),
        optional("-P ", use.account),
        "-cwd",
        "-j y",
        "-o logs",
        "-notify",
        "-r y",
        "-S /bin/bash",
    ]


SCHEDULER = Scheduler(
    name="sge",
    title="SGE",
    sign="#$",
    submit="qsub",
    variables={"SGE_TASK_ID": 1},
    index="$((SGE_TASK_ID - 1))",
    directives=directives,
    requeue=lambda wanted: [f"{wanted} && exit 99  # SGE requeues a job that exits so"],
)
