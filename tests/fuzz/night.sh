#!/usr/bin/env bash
# Fuzzes each target, or those that are named, for so many seconds: night.sh SECONDS [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:?"usage: night.sh SECONDS [TARGET...]"}
shift
# The same versions as the lane is built with; cargo adds the fuzzer's own.
cp Cargo.lock tests/fuzz/Cargo.lock
if [ $# -eq 0 ]; then
    mapfile -t targets < <(cd tests/fuzz/fuzz_targets && ls -- *.rs | sed 's/\.rs$//')
    set -- "${targets[@]}"
fi
found=0
for target in "$@"; do
    features=()
    if [ "$target" = kiosk_config ]; then features=(--features kiosk); fi
    mkdir -p "tests/fuzz/corpus/$target"
    cargo +nightly fuzz run --fuzz-dir tests/fuzz --target-dir target/fuzz "${features[@]}" "$target" \
        "tests/fuzz/corpus/$target" "tests/fuzz/seeds/$target" -- "-max_total_time=$seconds" -timeout=20 || found=1
done
exit $found
