# Sourced by the other scripts. `quietly COMMAND...` shows a command's output only when it fails;
# `with_progress COMMAND...` does so unless there is a terminal, where Ninja and apt tell how far they are.
with_progress() {
  if [[ -t 1 ]]; then "$@"; else quietly "$@"; fi
}
quietly() {
  local log status=0
  log=$(mktemp)
  # `set -e` does not reach into a command whose status is tested, so run it in a shell of its own.
  set +e
  (set -e; "$@") >"$log" 2>&1
  status=$?
  set -e
  if [[ $status -ne 0 ]]; then
    cat "$log" >&2
    echo "failed (exit code $status): $*" >&2
  fi
  rm -f "$log"
  return "$status"
}
