"""The wire of one row: nftables rules on the loopback of a network namespace, and what they counted.

Every packet of RTP is counted once, where it is sent, by flow and kind; what a planted rule drops is counted
again. These counters are the truth that turnout's figures are compared with: they know nothing of it.
"""
import dataclasses
import json
import subprocess

# Behind UDP's eight bytes: RTP's version, and no payload type of RTCP (RFC 5761 4).
RTP = 'meta l4proto udp @th,64,2 0x2 @th,72,8 != 192-223'
RTCP = 'meta l4proto udp @th,64,2 0x2 @th,72,8 192-223'
DTLS = 'meta l4proto udp @th,64,8 20-63'
STUN = 'meta l4proto udp @th,64,2 0x0 @th,96,32 0x2112a442'
KINDS = {'audio': '@th,73,7 111', 'video': '@th,73,7 96'}  # payload types of the bots
FLOW = '{ ip saddr . udp sport . ip daddr . udp dport }'
REVERSE = 'ip daddr . udp dport . ip saddr . udp sport'
FLOW_SET = 'type ipv4_addr . inet_service . ipv4_addr . inet_service; size 65535; flags dynamic; counter;'

SETS = ''.join(f'set {what}_{kind} {{ {FLOW_SET} }}\n' for what in ('sent', 'dropped') for kind in KINDS)
COUNT = ''.join(f'{match} add @sent_{kind} {FLOW}\n' for kind, match in KINDS.items())
TABLE = f'''
table ip truth {{
{SETS}
  set forward {{ {FLOW_SET} }}
  chain out {{
    type filter hook output priority 0;
    jump other
    {RTP} jump rtp
  }}
  chain other {{
  }}
  chain rtp {{
{COUNT}
    {REVERSE} @forward goto backward
    add @forward {FLOW}
    goto forward
  }}
  chain forward {{
  }}
  chain backward {{
  }}
}}
'''


@dataclasses.dataclass(frozen=True)
class Count:
    sent: int = 0
    dropped: int = 0

    @property
    def loss(self):
        return self.dropped / self.sent if self.sent else 0.0

    def __add__(self, other):
        return Count(self.sent + other.sent, self.dropped + other.dropped)


class Wire:
    def __init__(self):
        subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
        self._nft(TABLE)

    def _nft(self, text):
        subprocess.run(['nft', '-f', '-'], input=text, text=True, check=True)

    def drop_rtp(self, percent=100, kinds=('audio', 'video'), directions=('forward', 'backward'), which=''):
        """From now on, such a share of the RTP packets, or of those that match. Forward is whoever of two
        ends sent first."""
        chance = '' if percent == 100 else f'numgen random mod 10000 < {round(percent * 100)} '
        self._nft(''.join(f'add rule ip truth {direction} {KINDS[kind]} {which} {chance}'
                          f'add @dropped_{kind} {FLOW} drop\n'
                          for direction in directions for kind in kinds))

    def drop(self, match):
        """From now on, all packets that match."""
        self._nft(f'add rule ip truth other {match} drop\n')

    def reject(self, match):
        self._nft(f'add rule ip truth other {match} reject with tcp reset\n')

    def call_forward(self, flows):
        """These flows are forward from now on, (source, destination) each."""
        elements = ', '.join(f"{a.replace(':', ' . ')} . {b.replace(':', ' . ')}" for a, b in flows)
        self._nft(f'flush set ip truth forward\nadd element ip truth forward {{ {elements} }}\n')

    def heal(self):
        """Nothing is dropped any more."""
        self._nft(''.join(f'flush chain ip truth {chain}\n' for chain in ('other', 'forward', 'backward')))

    def counts(self):
        """Of each kind: {(source, destination): Count}, addresses as 'ip:port'."""
        listing = subprocess.run(['nft', '-j', 'list', 'sets'], capture_output=True, text=True,
                                 check=True).stdout
        found = {'sent': {}, 'dropped': {}}
        for entry in json.loads(listing)['nftables']:
            name = entry.get('set', {}).get('name', '')
            what, _, kind = name.partition('_')
            if kind not in KINDS:
                continue
            for element in entry['set'].get('elem', []):
                ip, port, to_ip, to_port = element['elem']['val']['concat']
                flow = (f'{ip}:{port}', f'{to_ip}:{to_port}')
                found[what].setdefault(kind, {})[flow] = element['elem']['counter']['packets']
        return {kind: {flow: Count(sent, found['dropped'].get(kind, {}).get(flow, 0))
                       for flow, sent in found['sent'].get(kind, {}).items()}
                for kind in KINDS}
