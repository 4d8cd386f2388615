#!/bin/bash
#SBATCH --job-name=hs-quick
#SBATCH --array=0-4%4
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=2
#SBATCH --time=00:20:00
#SBATCH --mem=800M
#SBATCH --partition=short
#SBATCH --account=lab
#SBATCH --output=logs/%A_%a.log
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@120
#SBATCH --requeue
# Parts of a screen, one a task. Written by herscreen VERSION, which may overwrite it.

parts=({0..3} 7)
part=${parts[$SLURM_ARRAY_TASK_ID]}
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
if [ "$status" = 75 ] && [ -n "$warned" ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 50 ]; then
  scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"
fi
exit $status
#!/bin/bash
#SBATCH --job-name=hs-quick-merge
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=2
#SBATCH --time=00:20:00
#SBATCH --mem=800M
#SBATCH --partition=short
#SBATCH --account=lab
#SBATCH --output=logs/%j.log
#SBATCH --open-mode=append
#SBATCH --requeue
# Joins the shards of a screen. Written by herscreen VERSION, which may overwrite it.

cd /data || exit 1
exec /usr/bin/python3 -m screen.cli merge /data/quick.yaml -o /data/quick.h5
#!/bin/bash
#SBATCH --job-name=hs-quick
#SBATCH --array=0-0
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --time=25:01:01
#SBATCH --mem=1500M
#SBATCH --output=logs/%A_%a.log
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@120
#SBATCH --requeue
# Parts of a screen, one a task. Written by herscreen VERSION, which may overwrite it.

parts=(4)
part=${parts[$SLURM_ARRAY_TASK_ID]}
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
if [ "$status" = 75 ] && [ -n "$warned" ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 50 ]; then
  scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"
fi
exit $status
#!/bin/bash
#SBATCH --job-name=hs-quick-merge
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --time=25:01:01
#SBATCH --mem=1500M
#SBATCH --output=logs/%j.log
#SBATCH --open-mode=append
#SBATCH --requeue
# Joins the shards of a screen. Written by herscreen VERSION, which may overwrite it.

cd /data || exit 1
exec /usr/bin/python3 -m screen.cli merge /data/quick.yaml -o /data/quick.h5
