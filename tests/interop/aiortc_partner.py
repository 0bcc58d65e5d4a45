"""A partner on aiortc, after docs/PROTOCOL.md: as node_partner.mjs, but for ICE restarts, which aiortc has not.

Usage: python3 aiortc_partner.py URL ROOM USER; ICE: RTCIceServer JSON.
"""
import asyncio
import json
import os
import sys

import socketio
from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack
from aiortc.sdp import candidate_from_sdp

URL, ROOM, USER = sys.argv[1:4]
sio = socketio.AsyncClient(reconnection=False)
links = {}  # by socket id: (connection number, peer connection)
errors = []


def say(**what):
    print(json.dumps(what), flush=True)


def open_link(peer_id, connection=1):
    servers = json.loads(os.environ.get('ICE', 'null'))
    pc = RTCPeerConnection(RTCConfiguration([RTCIceServer(**server) for server in servers]) if servers else None)

    @pc.on('track')
    def on_track(track):
        async def eat():
            try:
                while True:
                    await track.recv()
            except Exception:  # it has ended
                return
        asyncio.ensure_future(eat())

    links.pop(peer_id, None)
    links[peer_id] = (connection, pc)
    return pc


def add_tracks(pc):
    if not any(sender.track for sender in pc.getSenders()):
        pc.addTrack(AudioStreamTrack())
        pc.addTrack(VideoStreamTrack())


async def tell(peer_id, description):
    data = {'type': description.type, 'sdp': description.sdp, 'connection': links[peer_id][0]}
    await sio.emit('signal', {'to': peer_id, 'data': data})


async def take(peer_id, data):
    pc = links[peer_id][1]
    if data.get('type'):
        await pc.setRemoteDescription(RTCSessionDescription(data['sdp'], data['type']))
        if data['type'] == 'offer':
            add_tracks(pc)
            await pc.setLocalDescription(await pc.createAnswer())
            await tell(peer_id, pc.localDescription)
    elif data.get('candidate') and data['candidate'].get('candidate'):
        candidate = candidate_from_sdp(data['candidate']['candidate'].split(':', 1)[1])
        candidate.sdpMid = data['candidate'].get('sdpMid')
        candidate.sdpMLineIndex = data['candidate'].get('sdpMLineIndex')
        await pc.addIceCandidate(candidate)


@sio.on('peer-joined')
async def on_joined(peer):
    open_link(peer['id'])


@sio.on('peer-reconnected')
async def on_reconnected(peer):
    _, old = links.pop(peer['was'], (0, None))
    open_link(peer['id'])
    if old:
        await old.close()


@sio.on('signal')
async def on_signal(message):
    peer_id, data = message['from'], message['data']
    if peer_id not in links:
        return
    number = data.get('connection') or links[peer_id][0]
    if number > links[peer_id][0] and data.get('type') == 'offer':
        open_link(peer_id, number)
    if number != links[peer_id][0]:
        return
    try:
        await take(peer_id, data)
    except Exception as error:
        errors.append(f'{type(error).__name__}: {error}')


async def snapshot():
    received, sent = {'audio': 0, 'video': 0}, {'audio': 0, 'video': 0}
    _, pc = list(links.values())[-1] if links else (0, None)
    for one in (await pc.getStats()).values() if pc else ():
        if one.type == 'inbound-rtp':
            received[one.kind] += one.packetsReceived
        elif one.type == 'outbound-rtp':
            sent[one.kind] += one.packetsSent
    say(now={'connected': bool(pc) and pc.connectionState == 'connected', 'received': received, 'sent': sent, 'errors': errors})


async def main():
    asyncio.get_running_loop().add_reader(sys.stdin, lambda: sys.stdin.readline() or os._exit(0))
    await sio.connect(URL, transports=['websocket'])
    await sio.call('register', {'user': USER})
    joined = await sio.call('join', {'room': ROOM, 'user': USER})
    for peer in joined.get('peers', []):
        pc = open_link(peer['id'])
        add_tracks(pc)
        await pc.setLocalDescription(await pc.createOffer())
        await tell(peer['id'], pc.localDescription)
    say(joined=joined['ok'])
    while True:
        await snapshot()
        await asyncio.sleep(0.2)


asyncio.run(main())
