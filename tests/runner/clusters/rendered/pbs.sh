#!/bin/bash
#PBS -N hs-quick
#PBS -J 0-4%4
#PBS -l select=1:ncpus=2:mem=800mb
#PBS -l walltime=00:20:00
#PBS -q short
#PBS -A lab
#PBS -j oe
#PBS -o logs/
#PBS -r y
# Parts of a screen, one a task. Written by herscreen VERSION, which may overwrite it.

parts=({0..3} 7)
part=${parts[${PBS_ARRAY_INDEX:-${PBS_ARRAYID:-0}}]}
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
cd /data || exit 1

# A warning before the end goes on to herscreen, which finishes the shards in hand.
warned=
/usr/bin/python3 -m screen.cli run /data/quick.yaml -o /data/quick.h5 -j 2 --shard "$part/10" &
child=$!
trap 'warned=1; kill -USR1 $child 2>/dev/null' USR1 USR2
trap 'kill -TERM $child 2>/dev/null' TERM
while true; do
  wait $child
  status=$?
  kill -0 $child 2>/dev/null || break
done
[ "$status" = 75 ] && [ -n "$warned" ] && qrerun "$PBS_JOBID"
exit $status
#!/bin/bash
#PBS -N hs-quick-merge
#PBS -l select=1:ncpus=2:mem=800mb
#PBS -l walltime=00:20:00
#PBS -q short
#PBS -A lab
#PBS -j oe
#PBS -o logs/
#PBS -r y
# Joins the shards of a screen. Written by herscreen VERSION, which may overwrite it.

cd /data || exit 1
exec /usr/bin/python3 -m screen.cli merge /data/quick.yaml -o /data/quick.h5
#!/bin/bash
#PBS -N hs-quick
#PBS -l select=1:ncpus=1:mem=1500mb
#PBS -l walltime=25:01:01
#PBS -j oe
#PBS -o logs/
#PBS -r y
# Parts of a screen, one a task. Written by herscreen VERSION, which may overwrite it.

parts=(4)
part=${parts[${PBS_ARRAY_INDEX:-${PBS_ARRAYID:-0}}]}
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
cd /data || exit 1

# A warning before the end goes on to herscreen, which finishes the shards in hand.
warned=
/usr/bin/python3 -m screen.cli run /data/quick.yaml -o /data/quick.h5 -j 1 --shard "$part/5" &
child=$!
trap 'warned=1; kill -USR1 $child 2>/dev/null' USR1 USR2
trap 'kill -TERM $child 2>/dev/null' TERM
while true; do
  wait $child
  status=$?
  kill -0 $child 2>/dev/null || break
done
[ "$status" = 75 ] && [ -n "$warned" ] && qrerun "$PBS_JOBID"
exit $status
#!/bin/bash
#PBS -N hs-quick-merge
#PBS -l select=1:ncpus=1:mem=1500mb
#PBS -l walltime=25:01:01
#PBS -j oe
#PBS -o logs/
#PBS -r y
# Joins the shards of a screen. Written by herscreen VERSION, which may overwrite it.

cd /data || exit 1
exec /usr/bin/python3 -m screen.cli merge /data/quick.yaml -o /data/quick.h5
