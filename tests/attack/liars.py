"""Servers that lie, stammer or shout: STUN and TURN, and signaling. Bots and probes end in time, tell it without
breaking a report, and stay small."""
import base64
import contextlib
import hashlib
import hmac
import json
import os
import random
import socket
import struct
import subprocess
import threading
import time
import zlib
from xml.dom import minidom

from processes import Run, children, expect, memory_mb, small
from rows import row

COOKIE = 0x2112A442
RUN_CODES = (0, 98, 99)
SOFTWARE, ERROR_CODE, REALM, NONCE, XOR_MAPPED, FINGERPRINT = 0x8022, 0x09, 0x14, 0x15, 0x20, 0x8028
ALLOCATE = 3
ESCAPE = b'\x1b'


def attribute(kind, value, length=None):
    return struct.pack('>HH', kind, len(value) if length is None else length) + value + bytes(-len(value) % 4)


def error(code, phrase):
    return attribute(ERROR_CODE, bytes([0, 0, code // 100, code % 100]) + phrase)


class Udp:
    """Answers each datagram with what `answer` makes of it."""

    def __init__(self, answer):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(('127.0.0.1', 0))
        self.port = self._socket.getsockname()[1]
        self._answer = answer
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                data, sender = self._socket.recvfrom(65536)
                for message in self._answer(data) if len(data) >= 20 else []:
                    self._socket.sendto(message, sender)

    def close(self):
        self._socket.close()


class Tcp:
    """Hands each connection to `talk`, on a thread of its own."""

    def __init__(self, talk, port=0):
        self._listener = socket.create_server(('127.0.0.1', port), backlog=50)
        self.port = self._listener.getsockname()[1]
        self._talk = talk
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        client.settimeout(5)
        with contextlib.suppress(OSError, IndexError, ValueError), client:
            self._talk(client)

    def close(self):
        self._listener.close()


class Stammer:
    """STUN answers of any kind, by lot."""

    def __init__(self, seed):
        self._rnd = random.Random(seed)

    def answers(self, request):
        return [self.answer(request) for _ in range(self._rnd.choice([1, 1, 1, 2, 5]))]

    def answer(self, request):
        rnd, body = self._rnd, b''
        for _ in range(rnd.randrange(8)):
            kind = rnd.choice([XOR_MAPPED, ERROR_CODE, REALM, NONCE, SOFTWARE, 0x16, 0x0d, 0x12, 0x08, FINGERPRINT,
                               rnd.randrange(65536)])
            value = rnd.choice([b'\0\1' + rnd.randbytes(6), b'\0\2' + rnd.randbytes(18), rnd.randbytes(rnd.randrange(40)),
                                b'\0\0\4\1\x1b[31mEVIL<script>' * rnd.randrange(1, 20), b'n' * 900, b'\xff\xfe\0' * 50])
            body += attribute(kind, value, rnd.choice([None] * 9 + [rnd.randrange(65536)]))
        asked = struct.unpack('>H', request[:2])[0]
        kind = rnd.choice([asked | 0x100, asked | 0x100, asked | 0x110, asked | 0x110, asked, rnd.randrange(65536)])
        length = rnd.choice([len(body)] * 6 + [0, 65535, len(body) + 4, 3])
        message = struct.pack('>HHI', kind, length, rnd.choice([COOKIE] * 9 + [1])) + request[8:20] + body
        return message[:rnd.randrange(len(message) + 1)] if rnd.random() < 0.1 else message

    def talk(self, client):
        mode = self._rnd.randrange(4)
        while data := client.recv(65536):
            if mode == 0:
                client.sendall(self._rnd.randbytes(self._rnd.randrange(1, 3000)))
            elif mode == 3:
                return
            elif len(data) >= 20:
                message = self.answer(data)
                for i in range(0, len(message), 1 if mode == 2 else 1 << 16):
                    client.sendall(message[i:i + (1 if mode == 2 else 1 << 16)])


def relay(name, url):
    return {'name': name, 'policy': 'relay', 'ice_servers': [{'urls': url, 'username': 'u', 'credential': 'p'}]}


@row('liars', 'STUN and TURN that answer anything: 20 probes, and calls over UDP, TCP and TLS')
def stammering(lab):
    stammer = Stammer(lab.random.randrange(1 << 30))
    udp = lab.keep(Udp(stammer.answers))
    lab.keep(Tcp(stammer.talk, udp.port))
    urls = [f'stun:127.0.0.1:{udp.port}', f'turn:127.0.0.1:{udp.port}', f'turn:127.0.0.1:{udp.port}?transport=tcp',
            f'turns:127.0.0.1:{udp.port}']
    for number in range(20):
        as_json = ['--json', '-'] if number % 2 else []
        done = subprocess.run([lab.turnout, 'probe', *urls, '--username', 'u', *as_json], capture_output=True,
                              env={**os.environ, 'TURN_CREDENTIAL': 'p'}, timeout=60, check=False)
        expect(done.returncode in (0, 99), f'probe: exit {done.returncode}: {done.stderr[-200:]}')
        expect(ESCAPE not in done.stdout, 'probe: an escape sequence of the server on the screen')
        if as_json:
            json.loads(done.stdout)
    arms = [relay(name, url) for name, url in zip(('udp', 'tcp', 'tls'), urls[1:])]
    scenario = small(calls=4, hold_ms=100) | {'turn': arms, 'deadlines': {'connect_ms': 3000, 'first_media_ms': 2000}}
    code, run = lab.run(scenario, '--html', lab.folder / 'r.html')
    expect(code in RUN_CODES, f'run: exit {code}: {run.last_words()}')
    expect('EVIL<script>' not in (lab.folder / 'r.html').read_text(), 'markup of the server in the HTML report')
    expect(ESCAPE.decode() not in run.text(), 'an escape sequence of the server on the screen')
    return f'probes end with 0 or 99; the run with {code}'


PHRASES = {
    'plain': b'Insufficient Capacity', 'not UTF-8': b'\xff\xfe\x80bad', 'markup': b'<img src=x onerror=alert(1)></script>',
    'escapes': b'\x1b[31mred\x07\x9b31m', 'formula': b'=cmd|calc!A1,"x"', 'lines': b'a\nb\rc', 'NUL': b'a\0b',
    'right to left': '\u202eevil\u2028'.encode(), 'long': b'x' * 700,
}


class Refuser:
    """A TURN server that refuses allocations: at once, or once they are signed; SOFTWARE is the same text."""

    def __init__(self, code, phrase, challenges):
        self._code, self._phrase, self._challenges = code, phrase, challenges

    def answers(self, request):
        if struct.unpack('>H', request[:2])[0] != ALLOCATE:
            return []
        signed = b'\0\6' in request[20:] and len(request) > 80
        refuses = signed or not self._challenges
        body = (error(self._code, self._phrase) if refuses else
                error(401, b'Unauthorized') + attribute(REALM, b'r') + attribute(NONCE, b'nonce'))
        body += attribute(SOFTWARE, self._phrase)
        if refuses and signed:
            body += attribute(8, self._integrity(request, body))
        head = struct.pack('>HHI', ALLOCATE | 0x110, len(body) + 8, COOKIE) + request[8:20]
        message = head + body
        return [message + struct.pack('>HHI', FINGERPRINT, 4, zlib.crc32(message) ^ 0x5354554e)]

    @staticmethod
    def _integrity(request, body):
        head = struct.pack('>HHI', ALLOCATE | 0x110, len(body) + 24, COOKIE) + request[8:20]
        return hmac.new(hashlib.md5(b'u:r:p').digest(), head + body, hashlib.sha1).digest()


def refused(lab, code, phrase, challenges):
    server = lab.keep(Udp(Refuser(code, phrase, challenges).answers))
    scenario = small(calls=1, hold_ms=100) | {
        'turn': [relay('t', f'turn:127.0.0.1:{server.port}')], 'thresholds': {'success_rate': ['rate<=0']},
        'deadlines': {'connect_ms': 3000}}
    files = {kind: lab.folder / f'report.{kind}' for kind in ('html', 'junit', 'csv', 'json', 'prometheus')}
    options = [word for kind, file in files.items() for word in (f'--{kind}', file)]
    exit_code, run = lab.run(scenario, *options)
    expect(exit_code in RUN_CODES, f'exit {exit_code}: {run.last_words()}')  # 99: not one call connected
    texts = {kind: file.read_bytes().decode() for kind, file in files.items()}  # all UTF-8
    for line in (run.out / 'events.jsonl').read_bytes().splitlines():
        json.loads(line.decode())
    json.loads(texts['json'])
    minidom.parseString(texts['junit'])
    expect('<img src=x' not in texts['html'], 'markup of the server in the HTML report')
    expect(not any(c in run.text() for c in '\x1b\x9b\x07'), 'an escape sequence of the server on the screen')
    expect(str(code) in run.text(), f'{code} is not told: {run.text()[-600:]}')
    codes = {event['code'] for event in run.of('server_outcome') if event.get('code')}
    expect(codes == {code}, f'the log tells {codes or "no code"}, not {code}')


@row('liars', 'TURN that refuses with 508, signed and not, in nine kinds of text that no report may break of')
def phrases(lab):
    for phrase in PHRASES.values():
        refused(lab, 508, phrase, challenges=True)
    return f'508 told in calls, {len(PHRASES)} reports of each kind are whole'


@row('liars', 'TURN that refuses the first request: 400, 403, 437, 486, 500, 508, without integrity')
def unsigned(lab):
    for code in (400, 403, 437, 486, 500, 508):
        refused(lab, code, b'no', challenges=False)
    return 'each told with its code in calls'


def websocket_frame(data, opcode=1):
    head = bytes([0x80 | opcode])
    if len(data) < 126:
        return head + bytes([len(data)]) + data
    return head + (b'\x7e' + struct.pack('>H', len(data)) if len(data) < 65536 else
                   b'\x7f' + struct.pack('>Q', len(data))) + data


ODD = (b'430[{"ok":true}]', b'431[{"ok":true,"id":5,"peers":{}}]',
       b'430[{"ok":true,"id":"A","peers":[{"id":"B","user":"\\u001b[31m<img src=x>"}]}]',
       b'42["signal",{"from":"B","data":{"type":"offer","sdp":"' + b'a' * 50000 + b'"}}]', b'42["peer-joined",null]',
       b'42["matched"]', b'42["call-accepted",{"call":1}]', b'42[]', b'4')


class FalseSignaling:
    def __init__(self, mode):
        self._mode = mode

    def talk(self, client):
        asked = b''
        while b'\r\n\r\n' not in asked:
            asked += client.recv(4096) or b'\r\n\r\n'
        if self._mode == 'HTTP alone':
            return client.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello')
        if self._mode == 'silent':
            return time.sleep(20)
        if self._mode == 'headers without end':
            client.sendall(b'HTTP/1.1 200 OK\r\n')
            while True:
                client.sendall(b'X: ' + b'a' * 60000 + b'\r\n')
        key = next(line.split(b': ')[1] for line in asked.split(b'\r\n') if line.lower().startswith(b'sec-websocket-key'))
        accept = base64.b64encode(hashlib.sha1(key + b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest())
        client.sendall(b'HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ' + accept +
                       b'\r\n\r\n')
        client.sendall(websocket_frame(b'0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000,'
                                       b'"maxPayload":1000000}'))
        client.recv(4096)
        client.sendall(websocket_frame(b'40{"sid":"A"}'))
        client.recv(4096)
        self._rest(client)
        time.sleep(8)

    def _rest(self, client):
        if self._mode == 'equal keys':
            client.sendall(websocket_frame(b'430[{' + b','.join([b'"":0'] * 30000) + b'}]'))
        elif self._mode == 'brackets':
            client.sendall(websocket_frame(b'430' + b'[' * 100000 + b']' * 100000))
        elif self._mode == 'odd answers':
            for message in ODD:
                client.sendall(websocket_frame(message))
        elif self._mode == 'messages of 3 MB':
            for _ in range(300):
                client.sendall(websocket_frame(b'42["x","' + b'a' * 3_000_000 + b'"]'))
        elif self._mode == 'fragments without end':
            client.sendall(bytes([0x01, 1]) + b'4')
            for _ in range(400):
                client.sendall(b'\x00\x7f' + struct.pack('>Q', 1_000_000) + b'a' * 1_000_000)


MODES = ('HTTP alone', 'silent', 'headers without end', 'odd answers', 'brackets', 'equal keys', 'messages of 3 MB',
         'fragments without end')


@row('liars', 'signaling that is none: ' + ', '.join(MODES))
def false_signaling(lab):
    scenario = small(hold_ms=100) | {'deadlines': {'connect_ms': 4000, 'first_media_ms': 2000, 'join_ms': 3000}}
    told = []
    for mode in MODES:
        server = lab.keep(Tcp(FalseSignaling(mode).talk))
        run, peak = Run(lab.turnout, lab.folder, scenario, '--signaling', f'http://127.0.0.1:{server.port}'), 0.0
        try:
            while not run.has_ended():
                peak = max([peak, *(memory_mb(pid) for pid, role in children(run.pid).items() if role == 'host')])
                expect(time.monotonic() - run.began < 60, f'{mode}: hangs')
                time.sleep(0.1)
            code = run.wait()
        finally:
            run.end()
        expect(code in (98, 99), f'{mode}: exit {code}: {run.last_words()}')
        expect(peak < 200, f'{mode}: a host of {peak:.0f} MB')
        expect(ESCAPE.decode() not in run.text(), f'{mode}: an escape sequence on the screen')
        told.append(f'{code} ({peak:.0f} MB)')
    return 'exit ' + ', '.join(told)
