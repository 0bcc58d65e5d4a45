"""A client of `turnout serve` that is as ill-behaved as one likes: bytes and frames by hand."""
import base64
import contextlib
import json
import os
import re
import resource
import select
import socket
import struct
import subprocess
import sys
import tempfile
import time

from processes import cpu_seconds, expect, memory_mb, open_files

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


def frame(payload, opcode=TEXT, final=True, masked=True, reserved=0):
    data = payload.encode() if isinstance(payload, str) else payload
    head = bytearray([(0x80 if final else 0) | reserved | opcode])
    mask = 0x80 if masked else 0
    if len(data) < 126:
        head.append(mask | len(data))
    elif len(data) < 65536:
        head += bytes([mask | 126]) + struct.pack('>H', len(data))
    else:
        head += bytes([mask | 127]) + struct.pack('>Q', len(data))
    return bytes(head) + (bytes(4) if masked else b'') + data


class Socket:
    """A WebSocket to the server. What it does not get in `seconds` it does not wait for."""

    def __init__(self, port, session=None, seconds=10.0, small_window=False):
        self.raw = socket.socket()
        if small_window:
            self.raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.raw.settimeout(seconds)
        self.raw.connect(('127.0.0.1', port))
        query = '?EIO=4&transport=websocket' + (f'&sid={session}' if session else '')
        key = base64.b64encode(os.urandom(16)).decode()
        self.raw.sendall(f'GET /socket.io/{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n'
                         f'Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n'.encode())
        self._received = b''
        while b'\r\n\r\n' not in self._received:
            self._receive()
        head, self._received = self._received.split(b'\r\n\r\n', 1)
        if not head.startswith(b'HTTP/1.1 101'):
            raise ConnectionRefusedError(head.split(b'\r\n')[0].decode())

    def _receive(self):
        more = self.raw.recv(1 << 16)
        if not more:
            raise EOFError('closed')
        self._received += more

    def _take(self, count):
        while len(self._received) < count:
            self._receive()
        taken, self._received = self._received[:count], self._received[count:]
        return taken

    def send(self, payload, **how):
        self.raw.sendall(frame(payload, **how))

    def receive(self):
        """The next text; pings are answered."""
        while True:
            first, second = self._take(2)
            length = second & 127
            if length > 125:
                length = int.from_bytes(self._take(2 if length == 126 else 8), 'big')
            data = self._take(length)
            opcode = first & 15
            if opcode == CLOSE:
                raise EOFError('closed by the server')
            if opcode == PING:
                self.send(data, opcode=PONG)
            elif data == b'2':
                self.send('3')
            elif opcode == TEXT:
                return data.decode(errors='replace')

    def hello(self, token=None):
        """Into the namespace."""
        self.receive()
        self.send('40' + (json.dumps({'token': token}) if token else ''))
        return self.receive()

    def ask(self, event, argument):
        """Acknowledged with; what comes before that is passed over."""
        self.send('427' + json.dumps([event, argument]))
        while not (text := self.receive()).startswith('437['):
            pass
        return json.loads(text[3:])[0]

    def close(self):
        with contextlib.suppress(OSError):
            self.raw.close()


def request(port, method='GET', path='/', headers='', body=b'', seconds=10.0, host=None):
    """The whole answer, or as much as came in time."""
    answer = b''
    with socket.create_connection(('127.0.0.1', port), timeout=seconds) as raw:
        length = f'Content-Length: {len(body)}\r\n' if body or method == 'POST' else ''
        raw.sendall(f'{method} {path} HTTP/1.1\r\nHost: {host or f"127.0.0.1:{port}"}\r\nConnection: close\r\n'
                    f'{headers}{length}\r\n'.encode('latin1') + body)
        with contextlib.suppress(OSError):
            while more := raw.recv(1 << 16):
                answer += more
    return answer


def polling_session(port):
    answer = request(port, path='/socket.io/?EIO=4&transport=polling')
    return json.loads(answer.split(b'\r\n\r\n', 1)[1][1:])['sid']


class Serve:
    """`turnout serve` on a free port of this machine, alone. `files`: how many it may open."""

    def __init__(self, turnout, *options, token=None, files=None, env=None):
        self._errors = tempfile.TemporaryFile()
        limit = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))) if files else None
        self._process = subprocess.Popen(
            [turnout, 'serve', '--listen', '127.0.0.1:0', *options], stdout=subprocess.PIPE, stderr=self._errors,
            text=True, env={**os.environ, **({'TURNOUT_SERVE_TOKEN': token} if token else {}), **(env or {})},
            preexec_fn=limit)
        self.port = int(re.search(r':(\d+),', self._process.stdout.readline()).group(1))
        self.pid = self._process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._process.terminate()
        try:
            code = self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._process.stdout.close()
        return code

    def lives(self):
        return self._process.poll() is None

    def metrics(self, seconds=10.0, token=None):
        headers = f'Authorization: Bearer {token}\r\n' if token else ''
        text = request(self.port, path='/metrics', headers=headers, seconds=seconds).decode()
        expect(' 200 ' in text.split('\r\n', 1)[0], f'/metrics: {text[:60]!r}')
        return dict(re.findall(r'^turnout_signaling_(\S+) (\S+)$', text, re.M))

    def answers_in(self, seconds=5.0):
        """How long the root page takes; more than `seconds` is wrong."""
        expect(self.lives(), f'the server is gone: {self._process.returncode}')
        began = time.monotonic()
        answer = request(self.port, seconds=seconds)
        expect(answer.startswith(b'HTTP/1.1 200'), f'the page is not served in {seconds:g} s: {answer[:60]!r}')
        return time.monotonic() - began

    def memory_mb(self):
        return memory_mb(self.pid)

    def cpu_seconds(self):
        return cpu_seconds(self.pid)

    def open_files(self):
        return open_files(self.pid)


class Bystander:
    """Somebody decent who asks all the time, a process of his own; how long the worst answer took."""

    def __init__(self, port):
        self._process = subprocess.Popen([sys.executable, __file__, str(port)], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, text=True)
        self._process.stdout.readline()  # he is in

    def stop(self):
        told, _ = self._process.communicate(timeout=60)
        return float(told or 'inf')


def stand_by(port):
    client, worst = Socket(port, seconds=60), 0.0
    client.hello()
    print('in', flush=True)
    while not select.select([sys.stdin], [], [], 0.05)[0]:
        began = time.monotonic()
        client.ask('leave', {})
        worst = max(worst, time.monotonic() - began)
    print(worst)


if __name__ == '__main__':
    stand_by(int(sys.argv[1]))
