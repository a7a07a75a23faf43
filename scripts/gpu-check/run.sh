#!/usr/bin/env bash
# On the machine with the card: unpacks what pack.mjs made, beside this file, and runs all checks.
# The last line says how many passed and failed. MLX_CHECK_ONLY=table,memory runs some alone. With
# `--gpus 2` it checks that many cards together instead, beside PyTorch's NCCL.
set -uo pipefail
cards=1
[ "${1:-}" = --gpus ] && cards=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unpack() {
  if command -v xz > /dev/null; then xz -dc "$1"; else python3 -c 'import lzma, shutil, sys
shutil.copyfileobj(lzma.open(sys.argv[1]), sys.stdout.buffer)' "$1"; fi
}
unpack "$here/node.xz" > "$work/node" && chmod +x "$work/node"
unpack "$here/bundle.tar.xz" | tar -xf - -C "$work"

# NVIDIA's libraries come with CUDA, or with Python's packages.
packages=$(python3 -c 'import site; print(*site.getsitepackages(), site.getusersitepackages())' 2> /dev/null)
library() { # VARIABLE NAME: names the newest in the variable, unless it is set or the system knows one
  [ -n "${!1:-}" ] && return
  ldconfig -p 2> /dev/null | grep -q "$2.so" && return
  local found
  # shellcheck disable=SC2086 # one word a folder
  found=$(find /usr/local/cuda*/ /opt $packages -name "$2.so.[12]*" 2> /dev/null | sort -V | tail -1)
  [ -n "$found" ] && export "$1=$found"
}
library MLX_NVRTC libnvrtc
library MLX_CUBLASLT libcublasLt
[ "$cards" -gt 1 ] && library MLX_NCCL_LIBNAME libnccl
# Multicast between cards can take them down where other machines share them.
export NCCL_NVLS_ENABLE=0 TORCH_SYMM_MEM_DISABLE_MULTICAST=1
export MLX_KERNEL_CACHE=${MLX_KERNEL_CACHE:-$work/kernels}
nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2> /dev/null
echo "$(date) commit $(cat "$work/gpu-check/commit") NVRTC ${MLX_NVRTC:-of the system} cuBLASLt ${MLX_CUBLASLT:-of the system} NCCL ${MLX_NCCL_LIBNAME:-of the system} $(nproc) processors"
if [ "$cards" -gt 1 ]; then
  "$work/node" "$work/gpu-check/checks/distributed.mjs" "$cards"
else
  "$work/node" "$work/gpu-check/checks/all.mjs"
fi
