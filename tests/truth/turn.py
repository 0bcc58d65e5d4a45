"""A coturn of a row's own, and a road to it that takes its time."""
import asyncio
import pathlib
import random
import subprocess
import threading
import time

USER, PASSWORD = 'row', 'of the truth table'


class Turn:
    def __init__(self, folder, *options, port=3478):
        self.port = port
        folder = pathlib.Path(folder)
        config = folder / 'turnserver.conf'
        config.write_text(f'listening-ip=127.0.0.1\nrelay-ip=127.0.0.1\nlistening-port={port}\n'
                          f'lt-cred-mech\nuser={USER}:{PASSWORD}\nrealm=truth.example\nallow-loopback-peers\n'
                          f'no-cli\nno-tls\nno-dtls\nsimple-log\nlog-file={folder}/turnserver.log\n'
                          f'userdb={folder}/turndb\npidfile={folder}/turnserver.pid\n' + ''.join(f'{option}\n' for option in options))
        self._process = subprocess.Popen(['turnserver', '-c', config], stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL)
        self._wait_until_it_listens()

    def _wait_until_it_listens(self):
        wanted = f'0100007F:{self.port:04X}'
        for _ in range(1000):
            if wanted in pathlib.Path('/proc/net/udp').read_text():
                return
            time.sleep(0.01)
        raise RuntimeError('coturn does not listen')

    @property
    def pid(self):
        return self._process.pid

    def stop(self):
        self._process.kill()
        self._process.wait(10)


class Road(asyncio.DatagramProtocol):
    """Passes datagrams on after half the round trip time, and what comes back too: that may overtake each
    other by up to jitter_ms, and come twice."""

    def __init__(self, rtt_ms, port, jitter_ms=0, twice=0.0):
        self._half = rtt_ms / 2000
        self._jitter = jitter_ms / 1000
        self._twice = twice
        self._chance = random.Random(port)
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._legs = {}
        ready = threading.Event()
        threading.Thread(target=self._run, args=(ready,), daemon=True).start()
        ready.wait()

    def _run(self, ready):
        asyncio.set_event_loop(self._loop)
        transport, _ = self._loop.run_until_complete(
            self._loop.create_datagram_endpoint(lambda: self, local_addr=('127.0.0.1', 0)))
        self.port = transport.get_extra_info('sockname')[1]
        self._front = transport
        ready.set()
        self._loop.run_forever()

    def datagram_received(self, data, addr):
        if addr not in self._legs:
            self._legs[addr] = self._loop.create_task(self._open_leg(addr))
        self._loop.call_later(self._half, lambda: self._legs[addr].add_done_callback(
            lambda leg: leg.result().sendto(data)))

    async def _open_leg(self, addr):
        road = self

        class Back(asyncio.DatagramProtocol):
            def datagram_received(self, data, _):
                for _ in range(2 if road._chance.random() < road._twice else 1):
                    road._loop.call_later(road._half + road._chance.random() * road._jitter,
                                          road._front.sendto, data, addr)

        leg, _ = await self._loop.create_datagram_endpoint(
            Back, remote_addr=('127.0.0.1', self._port))
        return leg
