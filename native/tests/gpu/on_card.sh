#!/usr/bin/env bash
# Everything on a machine with an NVIDIA card: checks, faults, then times beside PyTorch's.
# usage: on_card.sh FOLDER, with mlx_tests and the shared libraries it needs in FOLDER
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
export LD_LIBRARY_PATH=$folder MLX_TEST_GPU=cuda
tests=$folder/mlx_tests
nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
date
echo "--- checks, with compiled kernels cached on disk from nothing"
start=$(date +%s)
pids=()
for part in $(seq 0 12); do
  MLX_TEST_SHARD=$part/13 timeout 200 $tests --test-case='gpu reduce*' > "$folder/reduce.$part.log" 2>&1 &
  pids+=($!)
done
timeout 200 $tests --test-case='gpu elementwise*' > "$folder/elementwise.log" 2>&1 & pids+=($!)
timeout 200 $tests --test-case='gpu s*,gpu random*,gpu copy*,gpu arange*,gpu gather*,gpu matmul*,gpu conv*' > "$folder/families.log" 2>&1 & pids+=($!)
for what in operation order layer quantized products; do
  timeout 300 $tests --test-case="gpu $what*" > "$folder/$what.log" 2>&1 & pids+=($!)
done
wait "${pids[@]}"
echo "took $(($(date +%s) - start)) s"
cat "$folder"/*.log | awk -F'|' '/assertions/ { split($2, p, " "); split($3, f, " "); passed += p[1]; failed += f[1] }
  END { printf "%d passed, %d failed\n", passed, failed }'
grep -hE 'ERROR|logged|values|exception' -A1 "$folder"/*.log | grep -v '^--' | cut -c1-300 | head -60
echo "--- products without cuBLASLt"
MLX_CUBLASLT=0 $tests --test-case='gpu matmul*,gpu conv*' | tail -3
echo "--- elementwise again, from the cache"
time $tests --test-case='gpu elementwise*' | tail -3
for fault in 'an illegal*' 'a kernel*' 'more memory*' 'a forked*'; do
  $tests --no-skip --test-case="gpu fault: $fault" | grep -E 'MESSAGE|ERROR|assertions' | cut -c1-200
done
echo "--- times"
$tests --no-skip --test-case='gpu benchmark*' | tee "$folder/times.txt" | grep -v TIME | tail -5
grep '^TIME' "$folder/times.txt" > "$folder/ours.txt"
python3 "$here/times_of_torch.py" "$folder/ours.txt"
