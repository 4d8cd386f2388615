// A screen in a Nextflow workflow: shards as tasks, then the merge, then the report and its tables.
//   nextflow run docs/packaging/nextflow/main.nf --screen small.yaml --parts 4
// Tasks share the run's folder beside the cube, so it lies where all of them can write; a part that is run again does
// only what it lacks, and the merge checks that every shard is there and whole.

params.screen = 'small.yaml'
params.parts = 4
params.results = 'results'

process PART {
    cpus 1
    memory '1.5 GB'
    time '2 h'

    input:
    tuple val(screen), val(cube), val(part)

    output:
    val part

    script:
    """
    herscreen run '${screen}' --shard ${part}/${params.parts} -j ${task.cpus} -o '${cube}'
    """
}

process MERGE {
    input:
    val parts
    val screen
    val cube

    output:
    val cube

    script:
    """
    herscreen merge '${screen}' -o '${cube}'
    """
}

process REPORT {
    input:
    val cube
    val stem

    output:
    val stem

    script:
    """
    herscreen report '${cube}' -o '${stem}.html'
    herscreen export '${cube}' -o '${stem}.csv'
    """
}

workflow {
    screen = file(params.screen).toAbsolutePath().toString()
    stem = file(params.results).toAbsolutePath().resolve(file(params.screen).baseName).toString()
    file(params.results).mkdirs()
    parts = Channel.of(0..<params.parts).map { part -> tuple(screen, "${stem}.h5", part) }
    done = PART(parts).collect()
    cube = MERGE(done, screen, "${stem}.h5")
    REPORT(cube, stem)
}
