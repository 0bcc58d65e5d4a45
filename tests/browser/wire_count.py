"""Counts the STUN and TURN requests (RFC 8489, RFC 8656) that reach an interface, UDP and TCP, IPv4
and IPv6, by the server's port: what servers were really asked. TLS is not looked into.

Usage: wire_count.py INTERFACE. For each line on its input it writes one of JSON and begins anew:
{"PORT": {"requests": all, "most_sent": times that one request was sent, most_allocates: requests to
allocate of one socket, "most_of_a_socket": requests of one socket}}
"""
import collections
import json
import socket
import struct
import sys
import threading

METHODS = {1: 'binding', 3: 'allocate', 4: 'refresh', 8: 'permission', 9: 'channel'}
COOKIE = b'\x21\x12\xa4\x42'
UDP, TCP = 17, 6


def request_of(data):
    """(method, transaction) of a STUN request to a server, or None. An ICE check is none: it has a USERNAME and no REALM."""
    if len(data) < 20 or data[4:8] != COOKIE:
        return None
    kind = struct.unpack('!H', data[:2])[0]
    if kind not in METHODS or (kind == 1 and b'\x00\x24\x00\x04' in data[20:]):  # PRIORITY
        return None
    return METHODS[kind], bytes(data[8:20])


class Stream:
    """The messages of one way of a TCP connection, in order."""

    def __init__(self):
        self.next, self.kept = None, b''

    def take(self, sequence, data):
        if self.next is not None and sequence != self.next:
            return  # sent again
        self.next = (sequence + len(data)) & 0xffffffff
        self.kept += data
        while len(self.kept) >= 4:
            size = struct.unpack('!H', self.kept[2:4])[0]
            size = 4 + (size + 3) // 4 * 4 if self.kept[0] >> 6 == 1 else 20 + size
            if len(self.kept) < size:
                return
            message, self.kept = self.kept[:size], self.kept[size:]
            yield message


class Wire:
    def __init__(self, interface):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.bind((interface, 0))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.lock = threading.Lock()
        self.streams = {}
        self.seen = collections.defaultdict(collections.Counter)  # (port, client): (method, transaction)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            frame, address = self.socket.recvfrom(65536)
            if address[2] == socket.PACKET_OUTGOING:
                continue
            for port, client, message in messages_of(frame[14:], self.streams):
                request = request_of(message)
                if request:
                    with self.lock:
                        self.seen[port, client][request] += 1

    def take(self):
        with self.lock:
            seen, self.seen = self.seen, collections.defaultdict(collections.Counter)
        ports = {}
        for (port, _), requests in seen.items():
            all_of_it = ports.setdefault(port, collections.Counter())
            all_of_it['requests'] += requests.total()
            for name, count in (('most_sent', max(requests.values())), ('most_of_a_socket', requests.total()),
                                ('most_allocates', sum(method == 'allocate' for method, _ in requests))):
                all_of_it[name] = max(all_of_it[name], count)
        return ports


def messages_of(packet, streams):
    """(server's port, client, message) of an IP packet."""
    if not packet:
        return
    if packet[0] >> 4 == 4:
        head, protocol, source = (packet[0] & 15) * 4, packet[9], packet[12:16]
        packet = packet[:struct.unpack('!H', packet[2:4])[0]]
    elif packet[0] >> 4 == 6:
        head, protocol, source = 40, packet[6], packet[8:24]
        packet = packet[:40 + struct.unpack('!H', packet[4:6])[0]]
    else:
        return
    rest = packet[head:]
    if len(rest) < 8:
        return
    client_port, port = struct.unpack('!HH', rest[:4])
    client = (protocol, source, client_port)
    if protocol == UDP:
        yield port, client, rest[8:]
    elif protocol == TCP:
        if rest[13] & 2:  # SYN
            streams[client, port] = Stream()
        data = rest[(rest[12] >> 4) * 4:]
        if data and (client, port) in streams:
            for message in streams[client, port].take(struct.unpack('!I', rest[4:8])[0], data):
                yield port, client, message


def main():
    wire = Wire(sys.argv[1])
    for _ in sys.stdin:
        print(json.dumps(wire.take()), flush=True)


main()
