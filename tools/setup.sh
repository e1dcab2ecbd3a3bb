# shellcheck shell=bash
# What demo, conformance and test need beyond Java, each as it says: looked for, installed where root or passwordless sudo
# allows, else named in one line. Sourced by jackfield and by tools/test.sh, which define home, fail and exit_prerequisite.

: "${home:?}" "${exit_prerequisite:?}"
required=() # Debian packages without which it cannot go on
optional=() # those without which some sample or test is left out
modules=() python_packages=() # what Python has to have, and what gives it that

want() { # PACKAGE COMMAND...: the package is required unless the command succeeds
  "${@:2}" >/dev/null 2>&1 || required+=("$1")
}

like() { # PACKAGE COMMAND...: likewise, but it can do without
  "${@:2}" >/dev/null 2>&1 || optional+=("$1")
}

want_c() { # the C library and the programs on it need nothing else
  want cmake cmake --version
  want make make --version
  want gcc gcc --version
  want libc6-dev test -e /usr/include/stdio.h
}

like_c_samples() { # those that show the kit beside another library, and what is tested against libzmq
  like libzmq3-dev test -e /usr/include/zmq.h
  like libzstd-dev test -e /usr/include/zstd.h
  like libsodium-dev test -e /usr/include/sodium.h
}

want_python() { # MODULE=DEBIAN-PACKAGE...
  local pair
  for pair; do modules+=("${pair%%=*}") python_packages+=("${pair#*=}"); done
  want python3 python3 --version
  if ! find_python "${modules[@]}"; then optional+=("${python_packages[@]}"); fi
}

like_php() { # the articles' PHP programs, which the tests run
  like php-cli php --version
  like php-zmq php --ri zmq
}

install_wanted() {
  local packages=("${required[@]}" "${optional[@]}") as_root=() log=$home/target/install.log
  ((${#packages[@]} > 0)) || return 0
  if ((EUID != 0)); then as_root=(sudo -n); fi
  if command -v apt-get >/dev/null && { ((EUID == 0)) || sudo -n true 2>/dev/null; }; then
    printf 'jackfield: installing %s\n' "${packages[*]}" >&2
    mkdir -p "${log%/*}"
    "${as_root[@]}" apt-get update -qq >"$log" 2>&1 || true # a stale list may still do; the next line tells
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" \
      >>"$log" 2>&1 && return
    tail -n 3 "$log" >&2
  fi
  ((${#required[@]} == 0)) || fail "please install: apt-get install ${required[*]}" "$exit_prerequisite"
  printf 'jackfield: not installed: %s; going on\n' "${packages[*]}" >&2
}

# Sets JACKFIELD_PYTHON to a Python that has the modules: the one named, the project's own environment, the path's, Debian's.
find_python() { # MODULE...
  local candidate imports="import sys; sys.exit(sys.version_info < (3, 11))" module
  for module; do imports="import $module; $imports"; done
  for candidate in "${JACKFIELD_PYTHON:-}" "$home/.venv/bin/python" python3 /usr/bin/python3; do
    if [[ -n $candidate ]] && "$candidate" -c "$imports" 2>/dev/null; then
      export JACKFIELD_PYTHON=$candidate
      return 0
    fi
  done
  return 1
}

# Where Debian's packages could not be had, the package index of Python may be.
make_venv() { # PACKAGE...
  printf 'jackfield: making .venv with %s\n' "$*" >&2
  { python3 -m venv "$home/.venv" && "$home/.venv/bin/pip" install -q "$@"; } >&2
}

build_native() { # BUILD-DIR 'TARGET...' [CMAKE-OPTION...]; the target all is everything, the tests too
  local build=$1 log=$1.log targets
  read -r -a targets <<<"$2"
  mkdir -p "$build"
  [[ -e $build/Makefile ]] || printf 'jackfield: building the C library and its workers into %s\n' "${build#"$home"/}" >&2
  if ! { cmake -S "$home/native-workers-c" -B "$build" "${@:3}" &&
    cmake --build "$build" -j "$(nproc)" --target "${targets[@]}"; } >"$log" 2>&1; then
    grep -iE 'error|warning' "$log" | head -n 12 >&2 || tail -n 12 "$log" >&2
    fail "the C build failed: see $log"
  fi
}

set_up() { # what was asked for before is there when this returns
  install_wanted
  ((${#modules[@]} == 0)) || find_python "${modules[@]}" ||
    { make_venv "${modules[@]/#zmq/pyzmq}" && find_python "${modules[@]}"; } ||
    fail "please install: apt-get install ${python_packages[*]} python3-venv" "$exit_prerequisite"
}
