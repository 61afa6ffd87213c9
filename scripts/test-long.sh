# Sourced by scripts/test for `--long`: what takes longer than every change can wait for.
#   fuzzers     each target with clang and its sanitizers, for TROUPE_FUZZ_SECONDS (60) each
#   unit tests  each file of the project compiled alone, optimised and without sanitizers; those under seeds
#               with TROUPE_SEEDS (3000) of them
#   schedules   the actor tests in other orders, TROUPE_REPEATS (20) times
#   storm       100,000 messages in every way to 200 clients whose connections break in every way
#   clients     for minutes what a client must survive, with each client; a thousand subscriptions and two thousand clients
#               through a restart; the JavaScript client under Deno and Bun
# Prints the figures it saw; ends at the first finding.

fuzz_all() {
  local seconds=${TROUPE_FUZZ_SECONDS:-60} folder name new log
  command -v clang++ >/dev/null || "$here/install-packages" fuzz
  quietly cmake -S . -B build/fuzz -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DTROUPE_FUZZ=ON -DTROUPE_BENCH=OFF
  quietly cmake --build build/fuzz --target fuzzers --parallel "$jobs"
  for folder in tests/fuzz/corpus/*/; do
    name=$(basename "$folder")
    new=$(mktemp -d)
    log=$(mktemp)
    # What is new stays outside the stored corpus.
    if ! build/fuzz/bin/"${name}_fuzz" -max_total_time="$seconds" -print_final_stats=1 "$new" "$folder" >"$log" 2>&1; then
      tail -40 "$log" >&2
      echo "fuzz $name: a finding" >&2
      return 1
    fi
    echo "fuzz $name: $(sed -nE 's/^stat::number_of_executed_units: *//p' "$log") runs, no finding"
    rm -rf "$new" "$log"
  done
}

optimised_tests() {
  quietly cmake --preset release -B build/alone -DCMAKE_UNITY_BUILD=OFF -DTROUPE_TESTS=ON -DTROUPE_BENCH=ON
  quietly cmake --build build/alone --parallel "$jobs"
  local seeds=${TROUPE_SEEDS:-3000}
  build/alone/bin/unit_test --gtest_brief=1 >/dev/null
  TROUPE_SEEDS=$seeds build/alone/bin/actor_test --gtest_brief=1 --gtest_filter='seam*:*seam*'
  echo "unit tests: all, optimised; the seam under $seeds seeds"
}

other_schedules() {
  local repeats=${TROUPE_REPEATS:-20}
  build/alone/bin/actor_test --gtest_shuffle --gtest_repeat="$repeats" --gtest_brief=1 >/dev/null
  echo "schedules: the actor tests $repeats times, in as many orders"
}

great_storm() {
  (cd tests/process && TROUPE_BIN=$root/build/release/bin/troupe PROJECT_SOURCE_DIR=$root PYTHONDONTWRITEBYTECODE=1 \
    TROUPE_STORM_PUBLISHES=${TROUPE_STORM_PUBLISHES:-100000} TROUPE_STORM_CLIENTS=${TROUPE_STORM_CLIENTS:-200} \
    TROUPE_STORM_SECONDS=${TROUPE_STORM_SECONDS:-100} TROUPE_STORM_SEED=${TROUPE_STORM_SEED:-$RANDOM} \
    "$root"/build/venv/bin/python -m pytest -q -s -p no:cacheprovider test_recovery.py -k storm)
}

# Side by side: they mostly wait.
patient_clients() {
  local client log running=() failed=
  for client in ${TROUPE_CLIENTS:-js python cpp}; do
    (cd tests/clients && TROUPE_BIN=$root/build/release/bin/troupe TROUPE_BUILD_DIR=$root/build/release PROJECT_SOURCE_DIR=$root \
      TROUPE_CLIENTS=$client TROUPE_CLIENTS_TABLE=$root/build/release/clients-long PYTHONDONTWRITEBYTECODE=1 \
      "$root"/build/venv/bin/python -m pytest -q -s -p no:cacheprovider --long -m long >"$root/build/clients-$client.log" 2>&1) &
    running+=("$client:$!")
  done
  for client in "${running[@]}"; do
    log=build/clients-${client%%:*}.log
    wait "${client##*:}" || { cat "$log" >&2; failed=yes; }
    grep -E '^[a-z0-9]' "$log" || true
  done
  [[ -z $failed ]]
}

long_tests() {
  fuzz_all
  optimised_tests
  other_schedules
  great_storm
  patient_clients
}
