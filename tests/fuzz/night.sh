#!/usr/bin/env bash
# Fuzzes each target, or those that are named, for so many seconds: night.sh SECONDS [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:?"usage: night.sh SECONDS [TARGET...]"}
shift
# The face reader's targets look for the models; the fuzzer runs elsewhere.
SEKISHO_MODELS=$(realpath "${SEKISHO_MODELS:-target/models}")
export SEKISHO_MODELS
target_dir=${CARGO_TARGET_DIR:-target}/fuzz
# The same versions as the lane is built with; cargo adds the fuzzer's own.
cp Cargo.lock tests/fuzz/Cargo.lock
if [ $# -eq 0 ]; then
    mapfile -t targets < <(cd tests/fuzz/fuzz_targets && ls -- *.rs | sed 's/\.rs$//')
    set -- "${targets[@]}"
fi
found=0
for target in "$@"; do
    features=()
    case "$target" in
        kiosk_config) features=(--features kiosk) ;;
        gate_*) features=(--no-default-features) ;;
        code_luma | code_scene | zone_* | face_* | picture_file | driver_buffer) features=(--no-default-features --features readers) ;;
    esac
    mkdir -p "tests/fuzz/corpus/$target"
    echo "night.sh: $target for $seconds s"
    # An input that takes 20 s, an allocation over 512 MiB or a process over 1 GiB is a finding as a panic is: the
    # sanitizer takes three times the memory and ten times the time of the lane, and the night's machine may be busy.
    cargo +nightly fuzz run --fuzz-dir tests/fuzz --target-dir "$target_dir" "${features[@]}" "$target" \
        "tests/fuzz/corpus/$target" "tests/fuzz/seeds/$target" -- "-max_total_time=$seconds" -timeout=20 \
        -malloc_limit_mb=512 -rss_limit_mb=1024 -print_final_stats=1 || found=1
done
exit $found
