#!/usr/bin/env bash
# Makes the two archives of class data that jackfield starts from (application class-data sharing), by starting a broker
# and asking it once. Called by jackfield: class-data.sh PREFIX PLUGINS JAVA FLAG... makes PREFIX-serve.jsa and
# PREFIX-command.jsa, from the first-party jars in the folder PLUGINS. Ends with 0 if both are there. An archive that
# cannot be made is left empty, so that nobody tries again with this JDK and these jars.
set -euo pipefail

prefix=$1
first_party=("$2/echo.jar" "$2/is-prime.jar")
java=$3
flags=("${@:4}")
folder=${prefix%/*}
readonly ready_timeout_s=60 days_kept=30

train() { # the broker first: the command needs one to talk to
  local endpoint broker
  # Not the folder itself: the user's own plugins would run in two brokers, and both write its history.
  mkdir "$work/plugins"
  cp "${first_party[@]}" "$work/plugins" || true # it does without, too
  touch -t 200001010000 "$work"/plugins/* # a jar that is new would be left for later
  exec 3< <(exec "$java" "${flags[@]}" "-XX:ArchiveClassesAtExit=$work/serve" io.jackfield.broker.server.BrokerMain \
    --endpoint tcp://127.0.0.1:0 --http 127.0.0.1:0 --plugins "$work/plugins" 2>/dev/null)
  broker=$!
  if read -r -t "$ready_timeout_s" -u 3 _ _ endpoint _; then
    "$java" "${flags[@]}" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC "-XX:ArchiveClassesAtExit=$work/command" \
      -Dlogback.configurationFile=io/jackfield/command/logback.xml io.jackfield.command.Main services \
      --connect "$endpoint" >/dev/null 2>&1 || rm -f "$work/command" # a JVM crashes on an archive that was cut short
    kill "$broker"
  else
    kill -KILL "$broker"
  fi
  wait "$broker" || rm -f "$work/serve"
}

# One at a time, and whole or not at all: another start may look for them meanwhile.
exec 9>"$folder/lock"
flock 9
[[ ! -s $prefix-serve.jsa || ! -s $prefix-command.jsa ]] || exit 0
work=$(mktemp -d "$folder/making.XXXXXX")
trap 'rm -rf "$work"' EXIT
train 2>/dev/null || true # what came of it is in the files
: >>"$work/serve" && : >>"$work/command"
mv -f "$work/serve" "$prefix-serve.jsa"
mv -f "$work/command" "$prefix-command.jsa"
find "$folder" -maxdepth 1 -name '*.jsa' -mtime +$days_kept -delete
[[ -s $prefix-serve.jsa && -s $prefix-command.jsa ]]
