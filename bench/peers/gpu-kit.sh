#!/usr/bin/env bash
# Runs the kit that gpu.sh --kit builds: what is to be known of a GPU, in ten minutes.
#
#   gpu-kit.sh [--device 0] [--gigabytes 8.5] [--torch cuda] [--minutes 10] [--quick] [--only 'tests figures'] [--out DIR]
#
# Each section has a timeout and ends in one line; none stops the next. All goes to DIR ($OUT, or gpu-figures here) as well.
# Needs bash, coreutils, tar, gzip and awk, and the device's driver; CUDA 13's libraries are looked for in /usr/local, too.
# It unpacks 150 MB to TMPDIR. PEERS_PYTHON names a Python with torch, and with transformers for whole models.
#
#   devices     what the kit finds, and the machine
#   tests       all tests of the device; six of them in a quick run
#   sanitizer   compute-sanitizer's four tools on the six
#   launch      microseconds of a launch and of a token, with launches and bytes
#   figures     throughput at the widths of Qwen2.5-0.5B
#   torch       the same by PyTorch, in single precision, TF32 and bfloat16
#   cpu         the same by this machine's processor, on 16, 8, 4, 2 and 1 threads
# shellcheck disable=SC2329 # section calls functions by their name
set -euo pipefail

kit=$(unset CDPATH && cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
device=0 torch=cuda minutes=10 gigabytes="" quick="" only="devices tests sanitizer launch figures torch cpu"
out=${OUT:-gpu-figures}
while [ $# -gt 0 ]; do
  case $1 in
    --device) device=$2 && shift ;;
    --gigabytes) gigabytes=$2 && shift ;;
    --torch) torch=$2 && shift ;;
    --minutes) minutes=$2 && shift ;;
    --quick) quick=quick ;;
    --only) only=$2 && shift ;;
    --out) out=$2 && shift ;;
    *) echo "gpu-kit.sh: unknown argument $1" >&2 && exit 2 ;;
  esac
  shift
done
gigabytes=${gigabytes:-${quick:+0.5}}
gigabytes=${gigabytes:-8.5}
python=${PEERS_PYTHON:-python3}

mkdir -p "$out"
out=$(cd "$out" && pwd -P)
files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT
exec > >(exec tee "$out/gpu-kit.log") 2>&1
log=$!
tar -xzf "$kit/kit.tar.gz" -C "$files"
cd "$files" # the options name folders relative to it
for folder in /usr/local/cuda/lib64 /usr/local/cuda-13*/lib64 /usr/local/cuda*/targets/*/lib; do
  [ ! -d "$folder" ] || LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$folder
done
export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:-}

java_on_device=(jdk/bin/java @sdk.options @tornado.options @cli.options -Xmx2g)
java_on_cpu=(jdk/bin/java @cli.options -Xmx2g)
test_main=(-Drlvr4j.device="$device" -cp "runner:tests:lib/*" DeviceTests tests)
figures_main=(-cp "lib/*" org.rlvr4j.bench.DeviceFigures)
contract=org.rlvr4j.tensor.DeviceBackendTest
six=( # a case of each kind of kernel, of sizes that fill no tile; the last numbers count cases from 0
  "iteration:method:$contract#linearAndItsGradients(int,int,int)[6]"
  "iteration:method:$contract#attentionAndItsGradients(int,int,int)[1]"
  "iteration:method:$contract#logProbAndItsGradients(int,int,int,double)[1]"
  "iteration:method:$contract#rmsNormAndItsGradients(int,int)[3]"
  "iteration:method:$contract#tokensDrawnAreTheQuantilesOfTheScalarBackend(int,int)[2]"
  "method:$contract#adamWMovesWeightsAsDefined()"
)

# Ends a section that cannot run here.
skip() {
  echo "$1" >why
  exit 77
}

# Runs a command for at most a share of the section's time, in percent.
within() {
  local seconds=$((limit * $1 / 100))
  shift
  timeout -k 5 "$seconds" "$@"
}

devices() {
  local listing
  echo "commit $(<commit), $(nproc) threads of$(awk -F: '/^model name/ { print $2; exit }' /proc/cpuinfo)"
  if command -v nvidia-smi >/dev/null; then
    within 20 nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm --format=csv || true
  fi
  listing=$(within 80 "${java_on_device[@]}" -cp "lib/*" org.rlvr4j.cli.Main devices)
  echo "$listing"
  [[ $listing == *"tornado:$device "* ]]
}

tests() {
  within 100 "${java_on_device[@]}" "${test_main[@]}" ${quick:+"${six[@]}"}
}

sanitizer() {
  command -v compute-sanitizer >/dev/null || skip "compute-sanitizer is not on PATH"
  local tool code=0
  for tool in memcheck racecheck initcheck synccheck; do
    echo "-- $tool"
    within 24 compute-sanitizer --tool "$tool" --error-exitcode 9 \
      "${java_on_device[@]}" "${test_main[@]}" "${six[@]}" || code=$?
  done
  return "$code"
}

# Runs DeviceFigures or torch_device.py for a share of the time, and takes its rows down.
rows() {
  local share=$1 file=$2
  shift 2
  within "$share" "$@" ${quick:+"$quick"} | tee -a "$out/$file.tsv"
}

launch() {
  rows 100 device "${java_on_device[@]}" "${figures_main[@]}" "tornado:$device" "$gigabytes" "$limit" launch
}

figures() {
  rows 100 device "${java_on_device[@]}" "${figures_main[@]}" "tornado:$device" "$gigabytes" $((limit - 10))
}

torch() {
  local precision code=0
  command -v "$python" >/dev/null || skip "no $python on PATH"
  for precision in f32 tf32 bf16; do
    echo "-- $precision"
    rows 33 "$precision" "$python" "$kit/torch_device.py" "$torch" "$precision" $((limit / 4)) || code=$?
    [ "$code" != 77 ] || skip "$python has no torch with a device $torch"
  done
  return "$code"
}

cpu() {
  local threads free counts=() share code=0
  free=$(awk '/^MemAvailable/ { print .5e-6 * $2 }' /proc/meminfo)
  for threads in 16 8 4 2 1; do
    [ "$threads" -gt "$(nproc)" ] || counts+=("$threads")
  done
  share=$((100 / ${#counts[@]}))
  for threads in "${counts[@]}"; do
    echo "-- $threads threads"
    rows "$share" "cpu-$threads" "${java_on_cpu[@]}" "${figures_main[@]}" "cpu:$threads" "$free" $((limit * share / 150)) || code=$?
  done
  return "$code"
}

failed=0
section() {
  local name=$1 start=$SECONDS code verdict
  limit=$(($2 * minutes / 10))
  [[ " $only " == *" $name "* ]] || return 0
  echo "== begin: $name, at most $limit s"
  set +e # which would not count on the left of ||
  (set -e && "$name")
  code=$?
  set -e
  case $code in
    0) verdict=ok ;;
    77) verdict="skipped ($(<why))" ;;
    124 | 137) verdict="timed out" && failed=1 ;;
    *) verdict=failed && failed=1 ;;
  esac
  echo "== section: $name $verdict in $((SECONDS - start)) s"
}

# Device beside PyTorch and the processor; a ratio above 1 says that the device's figure is the better one.
table() {
  awk -F '\t' '
    FNR == 1 { n = split(FILENAME, path, "/"); side = substr(path[n], 1, length(path[n]) - 4) }
    /^#/ || NF < 3 || $3 == "each" { next }
    !(side in seen) { seen[side] = 1; sides[++count] = side }
    !($1 in unit) { names[++rows] = $1; unit[$1] = $3 }
    { figure[$1, side] = $2 }
    END {
      printf "%-38s %-8s", "work", "unit"
      for (i = 1; i <= count; i++) printf " %9s", sides[i]
      first = sides[1] == "device" ? 2 : count + 1
      for (i = first; i <= count; i++) printf " %9s", "/" sides[i]
      printf " %s\n", "wanted"
      for (r = 1; r <= rows; r++) {
        name = names[r]
        ours = figure[name, "device"]
        printf "%-38s %-8s", name, unit[name]
        for (i = 1; i <= count; i++) printf " %9s", figure[name, sides[i]] == "" ? "-" : figure[name, sides[i]]
        for (i = first; i <= count; i++) {
          theirs = figure[name, sides[i]]
          less = unit[name] == "us" || unit[name] == "GB"
          printf " %9s", ours * theirs == 0 ? "-" : sprintf("%.3g", less ? theirs / ours : ours / theirs)
        }
        printf " %s\n", wanted(name)
      }
    }
    function wanted(name) {
      if (name ~ /^linear.*-(64|4096)-896x4864|^attention-training-(8x512|2x2048)|^log-probability-4096/) return ".5 of f32"
      if (name ~ /^adamw-494/) return ".9 of f32"
      if (name ~ /^train-24-layers.*[0-9]$/) return ".4 of f32"
      if (name ~ /^decode-24/) return "2 of f32"
    }' "$@"
}

rm -f "$out"/{device,f32,tf32,bf16,cpu-*}.tsv
section devices 30 # seconds of ten minutes
section tests 100
section sanitizer 100
section launch 40
section figures 110
section torch 100
section cpu 110
sides=()
for side in device f32 tf32 bf16 cpu-16 cpu-8 cpu-4 cpu-2 cpu-1; do
  [ ! -s "$out/$side.tsv" ] || sides+=("$out/$side.tsv")
done
[ ${#sides[@]} -eq 0 ] || table "${sides[@]}"
echo "all of this is in $out"
exec >&- 2>&-
wait "$log"
exit "$failed"
