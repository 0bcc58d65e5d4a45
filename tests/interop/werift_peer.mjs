// A peer connection of werift (WebRTC in TypeScript), which sends packets with no picture in them.

const kOpus = 96, kVp8 = 97; // payload types that it offers

export function makePeer({ need, servers, onCandidate }) {
  const { RTCPeerConnection, MediaStreamTrack, RtpPacket, RtpHeader, RTCRtpCodecParameters } = need('werift');
  const vp8 = new RTCRtpCodecParameters({ mimeType: 'video/VP8', clockRate: 90_000, payloadType: kVp8, rtcpFeedback: [{ type: 'nack', parameter: 'pli' }] });
  const opus = new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48_000, channels: 2, payloadType: kOpus });
  const pc = new RTCPeerConnection({
    codecs: { audio: [opus], video: [vp8] },
    ...(servers ? { iceTransportPolicy: 'relay', iceServers: servers } : {}),
  });
  pc.onIceCandidate.subscribe((candidate) => onCandidate(candidate ? (candidate.toJSON?.() ?? candidate) : null));
  const received = { audio: 0, video: 0 }, sent = { audio: 0, video: 0 };
  pc.onTrack.subscribe((track) => track.onReceiveRtp.subscribe(() => received[track.kind]++));
  const tracks = ['audio', 'video'].map((kind) => new MediaStreamTrack({ kind }));
  const addTracks = () => pc.getTransceivers().length || tracks.forEach((track) => pc.addTransceiver(track, { direction: 'sendrecv' }));
  let number = 1;
  const timer = setInterval(() => {
    number++;
    for (const track of tracks) {
      const is_audio = track.kind === 'audio';
      const header = new RtpHeader({
        payloadType: is_audio ? kOpus : kVp8, sequenceNumber: number & 0xffff, marker: true,
        timestamp: (number * (is_audio ? 960 : 1800)) >>> 0, ssrc: is_audio ? 1111 : 2222,
      });
      if (pc.connectionState !== 'connected') continue;
      track.writeRtp(new RtpPacket(header, Buffer.alloc(80, 1)));
      sent[track.kind]++;
    }
  }, 20);
  const told = ({ type, sdp }) => ({ type, sdp });
  return {
    async offer(options) {
      addTracks();
      if (options?.iceRestart) await pc.setLocalDescription(await pc.createOffer(options));
      else await pc.setLocalDescription(await pc.createOffer());
      return told(pc.localDescription);
    },
    async take(description) {
      if (description.type === 'offer') addTracks();
      await pc.setRemoteDescription(description);
      if (description.type !== 'offer') return undefined;
      await pc.setLocalDescription(await pc.createAnswer());
      return told(pc.localDescription);
    },
    async addCandidate(candidate) {
      if (candidate?.candidate) await pc.addIceCandidate(candidate);
    },
    async stats() {
      return { connected: pc.connectionState === 'connected', received: { ...received }, sent: { ...sent } };
    },
    close() {
      clearInterval(timer);
      pc.close();
    },
  };
}
