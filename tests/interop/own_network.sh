#!/usr/bin/env bash
# Runs a program in a network of its own, without rights: loopback and one address that is none,
# $TURNOUT_TEST_HOST, as a machine on a local network has. Browsers with default settings have no
# candidate of 127.0.0.1. All of it goes with the program.
# Usage: tests/interop/own_network.sh PROGRAM [WORD...]   Exit 77 where there are no namespaces.
set -euo pipefail
if [ "${TURNOUT_OWN_NETWORK:-}" != made ]; then
  for program in ip unshare; do
    command -v "$program" >/dev/null || { echo "needs $program: apt-get install iproute2 util-linux" >&2; exit 77; }
  done
  unshare --user --map-root-user --net true 2>/dev/null || { echo 'needs user namespaces (unshare)' >&2; exit 77; }
  TURNOUT_OWN_NETWORK=made exec unshare --user --map-root-user --net --mount --pid --mount-proc --fork --kill-child "$0" "$@"
fi
ip link set lo up
ip link add wire0 type veth peer name wire1
ip address add 192.0.2.71/24 dev wire0
ip link set wire0 up
ip link set wire1 up
ip route add default via 192.0.2.1
# Firefox asks a name of the server at the other end of TURN over TLS.
mount -t tmpfs none /mnt
printf '127.0.0.1 localhost\n192.0.2.71 turn.test\n' >/mnt/hosts
mount --bind /mnt/hosts /etc/hosts
export TURNOUT_TEST_HOST=192.0.2.71 TURNOUT_TEST_NAME=turn.test
exec "$@"
