#!/bin/bash
#BSUB -J "hs-quick[1-5]%4"
#BSUB -n 2
#BSUB -R "span[hosts=1]"
#BSUB -W 0:20
#BSUB -M 800MB
#BSUB -q short
#BSUB -P lab
#BSUB -o logs/%J_%I.log
#BSUB -wa USR1 -wt 2
#BSUB -Q "75"
# Parts of a screen, one a task. Written by herscreen VERSION, which may overwrite it.

parts=({0..3} 7)
part=${parts[$((LSB_JOBINDEX - 1))]}
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
exit $status
#!/bin/bash
#BSUB -J "hs-quick-merge"
#BSUB -n 2
#BSUB -R "span[hosts=1]"
#BSUB -W 0:20
#BSUB -M 800MB
#BSUB -q short
#BSUB -P lab
#BSUB -o logs/%J.log
# Joins the shards of a screen. Written by herscreen VERSION, which may overwrite it.

cd /data || exit 1
exec /usr/bin/python3 -m screen.cli merge /data/quick.yaml -o /data/quick.h5
#!/bin/bash
#BSUB -J "hs-quick[1-1]"
#BSUB -n 1
#BSUB -R "span[hosts=1]"
#BSUB -W 25:02
#BSUB -M 1500MB
#BSUB -o logs/%J_%I.log
#BSUB -wa USR1 -wt 2
#BSUB -Q "75"
# Parts of a screen, one a task. Written by herscreen VERSION, which may overwrite it.

parts=(4)
part=${parts[$((LSB_JOBINDEX - 1))]}
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
exit $status
#!/bin/bash
#BSUB -J "hs-quick-merge"
#BSUB -n 1
#BSUB -R "span[hosts=1]"
#BSUB -W 25:02
#BSUB -M 1500MB
#BSUB -o logs/%J.log
# Joins the shards of a screen. Written by herscreen VERSION, which may overwrite it.

cd /data || exit 1
exec /usr/bin/python3 -m screen.cli merge /data/quick.yaml -o /data/quick.h5
