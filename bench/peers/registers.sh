#!/usr/bin/env bash
# What each kernel of a device costs on an H200, as a table for docs/gpu.md: registers, shared memory and spills as nvcc tells, and whether
# the machine code is the same with and without contraction, which must not matter to kernels that have the CPU's bits.
#
#   bench/peers/registers.sh FOLDER [sm_90]     with nvcc and cuobjdump on the PATH
#
# FOLDER holds a file [N-]NAME.cu for each kernel: the CUDA C that TornadoVM's CUDA backend writes (-Dtornado.printKernel=True).
set -euo pipefail

folder=${1:?usage: registers.sh FOLDER [ARCHITECTURE]} architecture=${2:-sm_90}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

code() { # KERNEL FMAD: compiles, and prints the machine code
  nvcc -arch="$architecture" -cubin -Xptxas -v --fmad="$2" "$1" -o "$work/cubin" 2>"$work/log"
  cuobjdump -sass "$work/cubin" | grep -E '^\s+(/\*[0-9a-f]{4}\*/|/\* 0x)'
}

number() { # PATTERN: the sum of the numbers before it in nvcc's log
  grep -oE "[0-9]+ $1" "$work/log" | awk '{s += $1} END {print s + 0}'
}

echo "| kernel | registers | shared memory, bytes | spills | approximate instructions | same without contraction |"
echo "|---|--:|--:|--:|---|---|"
for kernel in "$folder"/*.cu; do
  name=$(basename "$kernel" .cu)
  code "$kernel" false >"$work/plain"
  code "$kernel" true >"$work/contracted"
  same=no
  if cmp -s "$work/plain" "$work/contracted"; then same=yes; fi
  nvcc -arch="$architecture" -ptx "$kernel" -o "$work/ptx"
  approximate=$(grep -oE '[a-z0-9]+\.approx[a-z0-9.]*' "$work/ptx" | sort -u | paste -sd ' ' || true)
  echo "| ${name#[0-9]*-} | $(grep -oE 'Used [0-9]+' "$work/log" | grep -oE '[0-9]+') | $(number 'bytes smem') |" \
    "$(number 'bytes spill') | ${approximate:-none} | $same |"
done | sort
