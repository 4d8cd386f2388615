#!/bin/bash
#$ -N hs-quick
#$ -t 1-5
#$ -tc 4
#$ -pe smp 2
#$ -l h_rt=1200
#$ -l h_vmem=400M
#$ -q short
#$ -P lab
#$ -cwd
#$ -j y
#$ -o logs
#$ -notify
#$ -r y
#$ -S /bin/bash
# Parts of a screen, one a task. Written by herscreen VERSION, which may overwrite it.

parts=({0..3} 7)
part=${parts[$((SGE_TASK_ID - 1))]}
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
[ "$status" = 75 ] && [ -n "$warned" ] && exit 99  # SGE requeues a job that exits so
exit $status
#!/bin/bash
#$ -N hs-quick-merge
#$ -pe smp 2
#$ -l h_rt=1200
#$ -l h_vmem=400M
#$ -q short
#$ -P lab
#$ -cwd
#$ -j y
#$ -o logs
#$ -notify
#$ -r y
#$ -S /bin/bash
# Joins the shards of a screen. Written by herscreen VERSION, which may overwrite it.

cd /data || exit 1
exec /usr/bin/python3 -m screen.cli merge /data/quick.yaml -o /data/quick.h5
#!/bin/bash
#$ -N hs-quick
#$ -t 1-1
#$ -pe smp 1
#$ -l h_rt=90061
#$ -l h_vmem=1500M
#$ -cwd
#$ -j y
#$ -o logs
#$ -notify
#$ -r y
#$ -S /bin/bash
# Parts of a screen, one a task. Written by herscreen VERSION, which may overwrite it.

parts=(4)
part=${parts[$((SGE_TASK_ID - 1))]}
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
[ "$status" = 75 ] && [ -n "$warned" ] && exit 99  # SGE requeues a job that exits so
exit $status
#!/bin/bash
#$ -N hs-quick-merge
#$ -pe smp 1
#$ -l h_rt=90061
#$ -l h_vmem=1500M
#$ -cwd
#$ -j y
#$ -o logs
#$ -notify
#$ -r y
#$ -S /bin/bash
# Joins the shards of a screen. Written by herscreen VERSION, which may overwrite it.

cd /data || exit 1
exec /usr/bin/python3 -m screen.cli merge /data/quick.yaml -o /data/quick.h5
