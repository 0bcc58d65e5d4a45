"""Strangers at `turnout serve`: nobody else waits for them, and what they cost is bounded."""
import contextlib
import json
import random
import select
import socket
import struct
import threading
import time

from processes import Run, expect, memory_mb, small, until
from rows import row
from stranger import CLOSE, PING, TEXT, Bystander, Socket, frame, polling_session, request

OTHERS_WAIT_S = 1.0     # at most, on a busy machine
MEMORY_MB = 64          # that a stranger may cost
TOKEN = 'right'
POLLING = '/socket.io/?EIO=4&transport=polling'


def watched(server, attack):
    """What an attack cost, while somebody decent is there."""
    bystander = Bystander(server.port)
    cpu, memory, began = server.cpu_seconds(), server.memory_mb(), time.monotonic()
    with contextlib.suppress(OSError, EOFError):
        attack()
    worst = bystander.stop()
    cpu, memory, took = server.cpu_seconds() - cpu, server.memory_mb() - memory, time.monotonic() - began
    told = f'others waited {worst:.2f} s, CPU {cpu:.1f} s of {took:.1f} s, {memory:+.0f} MB'
    # Who waits while the server has little to do waits for this machine.
    expect((worst < OTHERS_WAIT_S or cpu < took / 4) and memory < MEMORY_MB, told)
    server.answers_in()
    return told


def all_gone(server, seconds=15.0):
    until('the sessions to go', lambda: server.metrics()['engine_sessions'] == server.metrics()['sessions'] == '0', seconds,
          pause=0.5)


def say(server, text, answers=1, hello=True):
    client = Socket(server.port, seconds=20)
    if hello:
        client.hello()
    else:
        client.receive()
    client.send(text)
    for _ in range(answers):
        client.receive()


@row('strangers', 'JSON of 300 kB with 60,000 equal keys, first thing')
def equal_keys(lab):
    server = lab.serve()
    return watched(server, lambda: say(server, '40{' + ','.join(['"":0'] * 60000) + '}', hello=False))


@row('strangers', 'the same by polling, with a token set')
def equal_keys_polled(lab):
    server = lab.serve(token=TOKEN)
    session = polling_session(server.port)
    cpu = server.cpu_seconds()
    body = ('40{' + ','.join(['"":0'] * 60000) + '}').encode()
    answer = request(server.port, 'POST', f'{POLLING}&sid={session}', body=body)
    cpu = server.cpu_seconds() - cpu
    expect(cpu < 1, f'{cpu:.1f} s of CPU')
    server.answers_in()
    return f'{answer.split(chr(13).encode())[0].decode() or "closed"}, {cpu:.2f} s of CPU'


BIG = {
    'an array of 490,000 numbers': '427["leave",[' + ','.join(['0'] * 490000) + ']]',
    'an object of 100,000 keys': '427["leave",{' + ','.join(f'"{i:x}":0' for i in range(90000)) + '}]',
    '400,000 brackets, one in the other': '427["leave",' + '[' * 400000 + ']' * 400000 + ']',
    'an acknowledgement of 1 MB': '431[' + ','.join(['0'] * 490000) + ']',
}


@row('strangers', 'big JSON: ' + ', '.join(BIG))
def big_json(lab):
    server, worst = lab.serve(), 0.0
    for what, text in BIG.items():
        cpu = server.cpu_seconds()
        with contextlib.suppress(OSError, EOFError):
            say(server, text)
        cpu = server.cpu_seconds() - cpu
        expect(cpu < 2, f'{what}: {cpu:.1f} s of CPU')
        worst = max(worst, cpu)
    expect(server.memory_mb() < 150, f'{server.memory_mb():.0f} MB')
    server.answers_in()
    return f'{worst:.2f} s of CPU at most'


@row('strangers', 'a message in fragments without end, 300 MB of them')
def fragments(lab):
    def attack(server, hello):
        client = Socket(server.port, seconds=5)
        client.hello() if hello else client.receive()
        client.send('4', final=False)
        for _ in range(300):
            client.send(b'a' * 999000, opcode=0, final=False)
    open_server, closed = lab.serve(), lab.serve(token=TOKEN)
    told = watched(open_server, lambda: attack(open_server, True))
    memory = closed.memory_mb()
    with contextlib.suppress(OSError, EOFError):
        attack(closed, False)
    expect(closed.memory_mb() - memory < MEMORY_MB, f'with a token: {closed.memory_mb() - memory:+.0f} MB')
    return told


@row('strangers', '12 MB of pings whose pongs are not read')
def pings(lab):
    server = lab.serve()

    def attack():
        client = Socket(server.port, seconds=5, small_window=True)
        client.receive()
        chunk = frame(b'a' * 125, opcode=PING) * 500
        for _ in range(12_000_000 // len(chunk)):
            client.raw.sendall(chunk)
    return watched(server, attack)


@row('strangers', 'acknowledgements of 1 MB that nobody asked for, ten sockets, 4 s')
def acknowledgements(lab):
    server, message = lab.serve(), frame('431[' + ','.join(['[]'] * 330000) + ']')

    def flood():
        end = time.monotonic() + 4
        while time.monotonic() < end:
            with contextlib.suppress(OSError, EOFError):
                client = Socket(server.port, seconds=5)
                client.hello()
                while time.monotonic() < end:
                    client.raw.sendall(message)

    def attack():
        threads = [threading.Thread(target=flood, daemon=True) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return watched(server, attack)


@row('strangers', 'ten members of rooms that do not read what others send them, 15 MB each')
def unread(lab):
    server, here, text = lab.serve(), [], 'x' * 500000
    before = server.memory_mb()
    for i in range(10):
        speaker, deaf = Socket(server.port, seconds=2), Socket(server.port, small_window=True)
        here += [lab.keep(speaker), lab.keep(deaf)]
        for name, client in (('a', speaker), ('b', deaf)):
            client.hello()
            client.id = client.ask('join', {'room': f'r{i}', 'user': name})['id']
        with contextlib.suppress(OSError, EOFError):
            for _ in range(31):
                speaker.send('42' + json.dumps(['signal', {'to': deaf.id, 'data': {'p': text}}]))
    time.sleep(1)
    held = server.memory_mb() - before
    server.answers_in()
    expect(held < 200, f'{held:+.0f} MB')
    return f'{held:+.0f} MB of 150 that were sent'


@row('strangers', '700 requests whose body lacks its last byte, and 500 that are slow')
def half_bodies(lab):
    server, here = lab.serve(), []
    session, before = polling_session(server.port), server.memory_mb()
    for i in range(1200):
        client = lab.keep(socket.create_connection(('127.0.0.1', server.port), timeout=5))
        here.append(client)
        path = f'{POLLING}&sid={session}' if i % 2 else '/nothing'
        with contextlib.suppress(OSError):
            if i < 700:
                client.sendall(f'POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\n'.encode() +
                               b'4' * 999999)
            else:
                client.sendall(b'GET / HTTP/1.1\r\nX: ')
    time.sleep(1)
    held = server.memory_mb() - before
    took = server.answers_in(15)
    expect(held < 150, f'{held:+.0f} MB')
    return f'{held:+.0f} MB, others are served in {took:.2f} s'


@row('strangers', 'a header without end, and a request line without end')
def endless_header(lab):
    server, told = lab.serve(), []
    for first, rest in ((b'GET / HTTP/1.1\r\n', b'X-a: ' + b'a' * 65000 + b'\r\n'), (b'GET /', b'a' * 65000)):
        client, sent = lab.keep(socket.create_connection(('127.0.0.1', server.port), timeout=5)), 0
        with contextlib.suppress(OSError):
            client.sendall(first)
            while sent < 100e6:
                client.sendall(rest)
                sent += len(rest)
        expect(sent < 20e6, f'{sent / 1e6:.0f} MB were taken')
        told.append(f'{sent / 1e6:.1f} MB')
    server.answers_in()
    return 'cut after ' + ' and '.join(told)


@row('strangers', 'silent sockets, more than the server may open files')
def silent(lab):
    server, here = lab.serve('--max-sockets', '200', files=300), []
    with contextlib.suppress(OSError):
        for _ in range(600):
            here.append(lab.keep(socket.create_connection(('127.0.0.1', server.port), timeout=2)))
    cpu, began = server.cpu_seconds(), time.monotonic()
    time.sleep(2)
    share = (server.cpu_seconds() - cpu) / (time.monotonic() - began)
    expect(share < 0.3, f'the server turns round: {share:.0%} of a processor')
    for client in here:
        client.close()
    until('the page', lambda: _served(server))
    return f'{len(here)} connected, {share:.0%} of a processor, served again once they are gone'


def _served(server):
    try:
        return server.answers_in()
    except Exception:  # whatever is in the way yet
        return None


@row('strangers', 'sessions with a wrong token, and guesses')
def guesses(lab):
    server, clients, said = lab.serve(token=TOKEN), [], 0
    with contextlib.suppress(OSError, EOFError):
        for _ in range(100):
            clients.append(lab.keep(Socket(server.port, seconds=3)))
            clients[-1].hello('wrong')
    guesser = Socket(server.port, seconds=3) if not clients else clients[0]
    with contextlib.suppress(OSError, EOFError):
        for said in range(1000):
            guesser.send(f'40{{"token":"g{said}"}}')
            guesser.receive()
    expect(said < 20 and len(clients) < 100, f'{said} guesses over one socket, {len(clients)} sessions without a token')
    end = time.monotonic() + 20
    here = {client.raw for client in clients}
    while here and time.monotonic() < end:  # answering nothing, as who has no business here
        for raw in select.select(here, [], [], 0.2)[0]:
            with contextlib.suppress(OSError):
                if raw.recv(1 << 16):
                    continue
            here.discard(raw)
    expect(not here, f'{len(here)} of {len(clients)} are still there after 20 s')
    server.metrics(token=TOKEN)
    return f'{len(clients)} got as far as a guess, {said} more over one socket, none stayed'


@row('strangers', 'taking over somebody who lost his socket, with and without a key')
def hijack(lab):
    server = lab.serve(token=TOKEN)
    ben, thief = (lab.keep(Socket(server.port)) for _ in range(2))
    for client in (ben, thief):
        client.hello(TOKEN)
    key = ben.ask('register', {'user': 'ben'})['key']
    for wrong in ({}, {'key': 'no'}, {'key': None}, {'key': 1}, {'key': []}, {'key': ''}):
        answer = thief.ask('register', {'user': 'ben'} | wrong)
        expect(not answer['ok'], f'while he is there, with {wrong}: {answer}')
    ben.close()
    time.sleep(0.3)
    for wrong in ({}, {'key': 'no'}, {'key': ''}):
        answer = thief.ask('register', {'user': 'ben'} | wrong)
        expect(not answer['ok'], f'while he is away, with {wrong}: {answer}')
    again = lab.keep(Socket(server.port))
    again.hello(TOKEN)
    back = again.ask('register', {'user': 'ben', 'key': key})
    expect(back['ok'] and back['resumed'] and back['key'] != key, f'he himself: {back}')
    again.ask('leave', {})
    stolen = thief.ask('register', {'user': 'ben', 'key': key})
    expect(not stolen['ok'], f'with his old key: {stolen}')
    return 'refused, also with the key of before; he himself is back with a new one'


@row('strangers', 'Host and Origin of others: pages that are rebound to this machine')
def rebinding(lab):
    server = lab.serve('--origin', 'https://app.example')
    for path in ('/', '/metrics', '/api/turn-credentials', POLLING):
        status = request(server.port, path=path, host='evil.example').split(b'\r\n')[0]
        expect(b' 2' not in status[:13], f'{path} for Host evil.example: {status!r}')
    status = request(server.port, path=POLLING, headers='Origin: https://evil.example\r\n').split(b'\r\n')[0]
    expect(b' 200' not in status, f'for a foreign Origin: {status!r}')
    return 'refused on every path'


@row('strangers', 'paths and methods that lead nowhere')
def paths(lab):
    server, told = lab.serve(), {}
    for method, path in [('GET', path) for path in (
            '/socket.io/../../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '//etc/passwd', '/%00', '/' + 'a' * 60000,
            '/x%0d%0aSet-Cookie:%20a=b', POLLING + '&sid=%00', '/socket.io/?EIO=4&transport=websocket')
                         ] + [(method, '/') for method in ('PUT', 'DELETE', 'TRACE', 'CONNECT', 'FOO')]:
        answer = request(server.port, method, path, seconds=3)
        expect(b'root:' not in answer and b'Set-Cookie' not in answer, f'{method} {path[:40]}: {answer[:80]!r}')
        status = answer[9:12].decode() or 'closed'
        expect(status != '200' and not status.startswith('5'), f'{method} {path[:40]}: {status}')
        told[status] = told.get(status, 0) + 1
    server.answers_in()
    return ', '.join(f'{times} x {status}' for status, times in sorted(told.items()))


WORDS = ['2', '3', '40', '41', '42["join",{"room":"r","user":"u"}]', '421["register",{"user":"a"}]', '43', '430[]', '44',
         '451-["x",{"_placeholder":true,"num":0}]', '4599999-["x"]', '46', '40/x,{}', '42/x,["a"]', '42', '42[]', '42[1]',
         '42{}', '4', '', '0', '1', '5', '6', '42["signal",{"to":"x","data":{}}]', '42["call",{"to":"a"}]',
         '42999999999999999999["leave"]', '42["\\ud800",{}]', '42["join",{"room":"\\u0000","user":"\\u202e"}]', '2probe']


@row('strangers', '1,000 WebSockets of nonsense: frames, words, halves of both')
def nonsense(lab):
    server, rnd = lab.serve(), lab.random
    memory = server.memory_mb()
    for _ in range(1000):
        with contextlib.suppress(OSError, EOFError):
            client = Socket(server.port, seconds=2)
            try:
                if rnd.random() < 0.8:
                    client.send('40')
                for _ in range(rnd.randrange(1, 8)):
                    _nonsense(client, rnd)
            finally:
                client.close()
        expect(server.lives(), 'the server died')
    all_gone(server)
    expect(server.memory_mb() - memory < MEMORY_MB, f'{server.memory_mb() - memory:+.0f} MB')
    server.answers_in()
    return f'{server.memory_mb() - memory:+.0f} MB, no session is left'


def _nonsense(client, rnd):
    kind = rnd.random()
    if kind < 0.7:
        client.send(rnd.choice(WORDS))
    elif kind < 0.8:
        client.send(rnd.randbytes(rnd.randrange(100)), opcode=rnd.choice([TEXT, 2]))
    elif kind < 0.85:
        client.raw.sendall(frame(rnd.randbytes(20), rnd.randrange(16), rnd.random() < 0.5, rnd.random() < 0.8,
                                 rnd.choice([0, 0x40, 0x70])))
    elif kind < 0.9:
        client.raw.sendall(rnd.randbytes(rnd.randrange(1, 40)))
    elif kind < 0.95:
        client.send(rnd.choice(WORDS).encode()[:rnd.randrange(1, 20)])
    else:
        client.send(struct.pack('>H', rnd.randrange(65536)) + b'\xff', opcode=CLOSE)


@row('strangers', '300 polling sessions that poll, post and upgrade at once, 30 at a time')
def polling_races(lab):
    server = lab.serve()
    seeds = [lab.random.randrange(1 << 30) for _ in range(300)]
    for first in range(0, 300, 30):
        threads = [threading.Thread(target=_race, args=(server.port, seed), daemon=True)
                   for seed in seeds[first:first + 30]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        expect(server.lives(), 'the server died')
    server.answers_in()
    all_gone(server, 100)
    return 'no session is left'


def _race(port, seed):
    rnd = random.Random(seed)
    with contextlib.suppress(OSError, EOFError, ValueError, IndexError):
        session, open_sockets = polling_session(port), []
        path = f'{POLLING}&sid={session}'
        for _ in range(rnd.randrange(1, 8)):
            kind = rnd.randrange(10)
            if kind < 3:
                raw = socket.create_connection(('127.0.0.1', port), timeout=1)
                raw.sendall(f'GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.encode() * rnd.choice([1, 1, 4]))
                if rnd.random() < 0.3:
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                    raw.close()
                open_sockets.append(raw)
            elif kind < 6:
                request(port, 'POST', path, body=rnd.choice(WORDS).encode(), seconds=1)
            elif kind < 9:
                with contextlib.suppress(OSError, EOFError):
                    client = Socket(port, session, seconds=1)
                    open_sockets.append(client.raw)
                    for word in rnd.sample(['2probe', '5', '40', '3', '1', 'x', ''], rnd.randrange(1, 5)):
                        client.send(word)
        for raw in open_sockets:
            raw.close()


@row('strangers', '3,000 short lives: registered, in a room, gone without a word')
def churn(lab):
    server = lab.serve('--grace', '3')
    memory = None
    for i in range(3000):
        client = Socket(server.port)
        client.send('40')
        client.send(f'421["register",{{"user":"u{i}"}}]')
        client.send(f'422["join",{{"room":"r{i}","user":"x"}}]')
        if i % 2:
            client.send(b'\x03\xe8', opcode=CLOSE)
        client.close()
        if i == 1000:
            memory = server.memory_mb()
    all_gone(server, 30)
    grown = server.memory_mb() - memory
    expect(grown < 30, f'{grown:+.0f} MB from the 1,000th to the 3,000th')
    server.answers_in()
    return f'{grown:+.1f} MB from the 1,000th to the 3,000th, no session is left'


@row('strangers', 'watchers of the live page and its metrics that do not read')
def live_watchers(lab):
    port = _free_port()
    run = Run(lab.turnout, lab.folder, small(calls=8, hold_ms=1000), '--serve', f':{port}')
    here = []
    try:
        until('the live page', lambda: _page(port), 20)
        memory = memory_mb(run.pid)
        for i in range(200):
            with contextlib.suppress(OSError):
                client = socket.socket()
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                client.settimeout(3)
                client.connect(('127.0.0.1', port))
                path = ('/events', '/metrics', '/')[i % 3]
                client.sendall(f'GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.encode() * (20 if i % 3 else 1))
                here.append(lab.keep(client))
        peak = 0.0
        while not run.has_ended():
            peak = max(peak, memory_mb(run.pid) - memory)
            expect(time.monotonic() - run.began < 60, 'the run hangs')
            time.sleep(0.1)
        code = run.wait()
    finally:
        run.end()
    expect(code in (0, 98), f'exit {code}: {run.last_words()}')
    expect(peak < MEMORY_MB, f'{peak:+.0f} MB')
    return f'exit {code}, {peak:+.0f} MB at most'


def _free_port():
    with socket.create_server(('127.0.0.1', 0)) as probe:
        return probe.getsockname()[1]


def _page(port):
    with contextlib.suppress(OSError):
        return b' 200 ' in request(port, seconds=2)[:16]
    return False
