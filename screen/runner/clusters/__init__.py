"""Array jobs: scripts for Slurm, PBS, SGE and LSF, their submission and state."""
