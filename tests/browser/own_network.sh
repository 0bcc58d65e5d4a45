#!/usr/bin/env bash
# Runs a program in a network of its own, without rights: two namespaces on one wire, that of the
# ends, where the program runs behind a firewall which lets in answers only, as at home, and that of
# the servers, in which it may start others: ip netns exec "$TURNOUT_SERVERS_NETNS" ... The servers
# have $TURNOUT_TEST_HOST, a second address $TURNOUT_SECOND_HOST, one that swallows what is sent there,
# $TURNOUT_SILENT_HOST, and one that the ends have no route to, $TURNOUT_LOST_HOST. Names are asked of
# $TURNOUT_TEST_HOST. All of it goes with the program.
# Usage: tests/browser/own_network.sh PROGRAM [WORD...]   Exit 77 where there are no namespaces.
set -euo pipefail
if [ "${TURNOUT_OWN_NETWORK:-}" != made ]; then
  for program in ip nft unshare; do
    command -v "$program" >/dev/null || { echo "needs $program: apt-get install iproute2 nftables util-linux" >&2; exit 77; }
  done
  unshare --user --map-root-user --net --mount true 2>/dev/null || { echo 'needs user namespaces (unshare)' >&2; exit 77; }
  TURNOUT_OWN_NETWORK=made exec unshare --user --map-root-user --net --mount --pid --fork --kill-child "$0" "$@"
fi
mount -t tmpfs none /run
printf 'nameserver 192.0.2.72\noptions timeout:1 attempts:1\n' >/run/resolv.conf
mount --bind /run/resolv.conf /etc/resolv.conf
servers=servers
ip netns add "$servers"
ip link add wire0 type veth peer name wire1 netns "$servers"
ip address add 192.0.2.71/24 dev wire0
ip address add 2001:db8:1::71/64 dev wire0 nodad
for address in 192.0.2.72/24 192.0.2.73/24 192.0.2.74/24 10.53.34.156/32; do
  ip -n "$servers" address add "$address" dev wire1
done
ip -n "$servers" address add 2001:db8:1::72/64 dev wire1 nodad
ip link set lo up
ip link set wire0 up
ip -n "$servers" link set lo up
ip -n "$servers" link set wire1 up
ip route add default via 192.0.2.72
ip route add blackhole 10.0.0.0/8
ip -n "$servers" route add default via 192.0.2.71
nft -f - <<'RULES'
table inet home {
  chain input {
    type filter hook input priority 0; policy accept;
    iifname "lo" accept
    ct state established,related accept
    meta l4proto udp drop
  }
}
RULES
ip netns exec "$servers" nft -f - <<'RULES'
table inet silent {
  chain input {
    type filter hook input priority 0; policy accept;
    ip daddr 192.0.2.74 drop
  }
}
RULES
export TURNOUT_SERVERS_NETNS=$servers TURNOUT_TEST_HOST=192.0.2.72 TURNOUT_SECOND_HOST=192.0.2.73 TURNOUT_SILENT_HOST=192.0.2.74 TURNOUT_LOST_HOST=10.53.34.156
exec "$@"
