#!/usr/bin/env bash
# jackfield test: everything that can be checked, in every language, with one table at the end. Ends with 0 only if all
# of it held. Called by jackfield, which has found Java.
# shellcheck disable=SC2317 # the parts are called by name
set -uo pipefail

readonly exit_prerequisite=9
home=${JACKFIELD_HOME:?run it as: jackfield test}
reports=$home/target/test-reports
rows=()
failed=0

fail() {
  printf 'jackfield test: %s\n' "$1" >&2
  exit "${2:-1}"
}

# shellcheck source=tools/setup.sh
. "$home/tools/setup.sh"

counts() { # FILE...: passed, failed and skipped of JUnit's XML, which surefire, CTest and pytest all write
  awk '
    function attribute(name) {
      return match($0, " " name "=\"[0-9]+\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : 0
    }
    BEGIN { RS = "<" }
    /^testsuite[ \n]/ {
      gsub(/[\n\t]/, " ")
      all += attribute("tests"); bad += attribute("failures") + attribute("errors")
      out += attribute("skipped") + attribute("disabled")
    }
    END { printf "%d %d %d", all - bad - out, bad, out }' /dev/null "$@"
}

part() { # NAME FUNCTION: runs one part, keeps its row
  local name=$1 begin=$SECONDS rc=0 passed bad skipped files
  printf '\n=== %s\n' "$name"
  rm -rf "$reports"
  mkdir -p "$reports"
  "$2" || rc=$?
  mapfile -d '' files < <(find "$reports" -name '*.xml' -print0)
  read -r passed bad skipped < <(counts "${files[@]}")
  # A part that failed without a failed test (a check, the compiler) is one failure; one that ran nothing has no numbers.
  ((rc == 0 || bad > 0)) || bad=1
  ((bad == 0)) || failed=1
  rows+=("$(printf '%-28s %8d %8d %8d %6d s   %s' "$name" "$passed" "$bad" "$skipped" $((SECONDS - begin)) \
    "$( ((rc == 0)) && echo ok || echo FAILED)")")
}

collect() { # copies Maven's reports, and passes on what Maven said
  local rc=$? report
  mkdir -p "$reports" # clean took it away
  while IFS= read -r -d '' report; do
    cp "$report" "$reports/$(cksum <<<"$report" | cut -d ' ' -f 1).xml"
  done < <(find "$home" -path '*/target/*-reports/TEST-*.xml' -print0)
  return "$rc"
}

# Clean: after a build with -Dfast all classes are up to date, and the compiler's checks would see none of them.
java_part() { (cd "$home" && JAVA_HOME=$JACKFIELD_JAVA_HOME mvn -B clean verify) 2>&1 | quiet_maven; collect; }

# What a reader wants of Maven: the modules, the test counts, and everything that is wrong.
quiet_maven() { grep --line-buffered -E '^\[(ERROR|WARNING)|Building Jackfield|Tests run:.*[0-9]$|BUILD' || true; }

ctest_part() { # BUILD-DIR
  ctest --test-dir "$1" --output-on-failure --output-junit "$reports/ctest.xml" | tail -n 12
}
c_part() { ctest_part "$home/native-workers-c/build"; }
c_sanitised_part() { ctest_part "$home/native-workers-c/build/sanitise"; }

python_part() { (cd "$home/worker-kits/python" && "$JACKFIELD_PYTHON" -m pytest -q --junitxml "$reports/pytest.xml"); }
python_check() { (cd "$home/worker-kits/python" && "$JACKFIELD_PYTHON" -m "$@"); }
mypy_part() { python_check mypy; }
ruff_part() { python_check ruff check . && python_check ruff format --check .; }
shell_part() { (cd "$home" && shellcheck -x jackfield .ci/run tools/*.sh); }

optional_part() { # NAME FUNCTION COMMAND...: a check whose program need not be there
  if "${@:3}" >/dev/null 2>&1; then part "$1" "$2"; else rows+=("$(printf '%-28s not installed' "$1")"); fi
}

want_c
like_c_samples
like_php
want_python zmq=python3-zmq pytest=python3-pytest
set_up
command -v mvn >/dev/null || fail "please install: apt-get install maven" $exit_prerequisite
build_native "$home/native-workers-c/build" all
build_native "$home/native-workers-c/build/sanitise" all -DJF_SANITISE=ON

part 'C (ctest)' c_part
part 'C, sanitisers (ctest)' c_sanitised_part
part 'Python (pytest)' python_part
optional_part 'Python types (mypy)' mypy_part "$JACKFIELD_PYTHON" -m mypy --version
optional_part 'Python style (ruff)' ruff_part "$JACKFIELD_PYTHON" -m ruff --version
optional_part 'shell (shellcheck)' shell_part shellcheck --version
part 'Java and processes (maven)' java_part

printf '\n%-28s %8s %8s %8s %8s\n' part passed failed skipped time
printf '%s\n' "${rows[@]}"
printf '%s\n' "${rows[@]}" | awk -v seconds=$SECONDS '
  $0 !~ /not installed$/ { n = NF; passed += $(n - 5); bad += $(n - 4); out += $(n - 3) }
  END { printf "\n%d passed, %d failed, %d skipped in %d s\n", passed, bad, out, seconds }'
exit $failed
