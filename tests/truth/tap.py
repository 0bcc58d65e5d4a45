"""Listens on the loopback of a namespace: when each RTP packet passed, by the clock of the kernel.

What a planted rule drops never gets here. Gaps, jitter and bitrates of turnout are compared with this.
"""
import collections
import socket
import struct
import threading
import time

SO_TIMESTAMPNS = 35
SRTP_TAG = 10  # bytes behind each packet (AES_CM_128_HMAC_SHA1_80)
PAYLOADS = {111: ('audio', 48000), 96: ('video', 90000)}
Packet = collections.namedtuple('Packet', 't size rtp_time ssrc')


class Tap:
    def __init__(self):
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self._socket.bind(('lo', 0))
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self._socket.settimeout(0.2)
        self._on = True
        self.packets = collections.defaultdict(list)  # (source, destination, kind): in order
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self):
        while self._on:
            try:
                frame, ancillary, _, address = self._socket.recvmsg(256, 64, socket.MSG_TRUNC)
            except TimeoutError:
                continue
            # Loopback shows each packet twice: as it goes out, and as it comes in.
            if address[2] == socket.PACKET_OUTGOING or len(frame) < 54:
                continue
            ip = frame[14:]
            if ip[0] != 0x45 or ip[9] != 17:
                continue
            port, to_port, length = struct.unpack('!HHH', ip[20:26])
            rtp = ip[28:]
            if rtp[0] >> 6 != 2 or rtp[1] & 0x7f not in PAYLOADS or 192 <= rtp[1] <= 223:
                continue
            seconds, nanoseconds = struct.unpack('qq', ancillary[0][2])
            rtp_time, ssrc = struct.unpack('!II', rtp[4:12])
            kind = PAYLOADS[rtp[1] & 0x7f][0]
            flow = (f'{socket.inet_ntoa(ip[12:16])}:{port}', f'{socket.inet_ntoa(ip[16:20])}:{to_port}', kind)
            self.packets[flow].append(Packet(seconds + nanoseconds / 1e9, length - 8 - SRTP_TAG, rtp_time, ssrc))

    def close(self):
        self._on = False
        self._thread.join()
        self._socket.close()

    def first(self, flow):
        """When it began, in seconds of the monotonic clock."""
        return self.packets[flow][0].t - (time.time() - time.monotonic())

    def longest_gap_ms(self, flow):
        times = [packet.t for packet in self.packets[flow]]
        return max((b - a for a, b in zip(times, times[1:])), default=0) * 1000

    def flows_around_gap(self, flows):
        """Of several flows to one end: which one had a packet last before its longest silence, and first after."""
        arrivals = sorted((packet.t, flow) for flow in flows for kind in ('audio', 'video')
                          for packet in self.packets[(*flow, kind)])
        gaps = [(b[0] - a[0], a[1], b[1]) for a, b in zip(arrivals, arrivals[1:])]
        return max(gaps)[1:] if gaps else (None, None)

    def jitter_ms(self, flow):
        """RFC 3550 6.4.1, at the end."""
        rate = next(rate for kind, rate in PAYLOADS.values() if kind == flow[2])
        jitter, last = 0.0, None
        for packet in self.packets[flow]:
            transit = packet.t * rate - packet.rtp_time
            if last is not None:
                step = transit - last
                step = (step + 2**31) % 2**32 - 2**31  # RTP time starts over
                jitter += (abs(step) - jitter) / 16
            last = transit
        return jitter / rate * 1000

    def bitrate_bps(self, flow):
        """Of RTP headers and payload, from the first packet to the last."""
        packets = self.packets[flow]
        seconds = packets[-1].t - packets[0].t if len(packets) > 1 else 0
        return sum(packet.size for packet in packets) * 8 / seconds if seconds else 0.0
