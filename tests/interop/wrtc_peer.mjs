// A peer connection of @roamhq/wrtc (libwebrtc), with a picture and a tone that are made up.

const kWidth = 320, kHeight = 240;

function makeTracks(nonstandard) {
  const video = new nonstandard.RTCVideoSource(), audio = new nonstandard.RTCAudioSource();
  let frame = 0, sample = 0;
  const timers = [
    setInterval(() => {
      const data = new Uint8ClampedArray(kWidth * kHeight * 1.5).fill((frame += 8) & 255);
      video.onFrame({ width: kWidth, height: kHeight, data });
    }, 66),
    setInterval(() => {
      const samples = Int16Array.from({ length: 480 }, () => 8000 * Math.sin(sample++ / 10));
      audio.onData({ samples, sampleRate: 48_000, bitsPerSample: 16, channelCount: 1, numberOfFrames: 480 });
    }, 10),
  ];
  return { tracks: [audio.createTrack(), video.createTrack()], timers };
}

export function makePeer({ need, servers, onCandidate }) {
  const { RTCPeerConnection, nonstandard } = need('@roamhq/wrtc');
  const pc = new RTCPeerConnection(servers ? { iceTransportPolicy: 'relay', iceServers: servers } : {});
  const { tracks, timers } = makeTracks(nonstandard);
  pc.onicecandidate = ({ candidate }) =>
    onCandidate(candidate && candidate.candidate
      ? { candidate: candidate.candidate, sdpMid: candidate.sdpMid, sdpMLineIndex: candidate.sdpMLineIndex }
      : null);
  const told = ({ type, sdp }) => ({ type, sdp });
  const addTracks = () => pc.getSenders().some(({ track }) => track) || tracks.forEach((track) => pc.addTrack(track));
  return {
    async offer(options) {
      addTracks();
      await pc.setLocalDescription(await pc.createOffer(options));
      return told(pc.localDescription);
    },
    async take(description) {
      await pc.setRemoteDescription(description);
      if (description.type !== 'offer') return undefined;
      addTracks();
      await pc.setLocalDescription(await pc.createAnswer());
      return told(pc.localDescription);
    },
    async addCandidate(candidate) {
      if (candidate?.candidate) await pc.addIceCandidate(candidate);
    },
    async stats() {
      const all = [...(await pc.getStats()).values()];
      const count = (type, kind, key) =>
        all.find((one) => one.type === type && (one.kind ?? one.mediaType) === kind)?.[key] ?? 0;
      const both = (type, key) => ({ audio: count(type, 'audio', key), video: count(type, 'video', key) });
      return {
        connected: pc.connectionState === 'connected',
        received: both('inbound-rtp', 'packetsReceived'),
        sent: both('outbound-rtp', 'packetsSent'),
      };
    },
    close() {
      timers.forEach(clearInterval);
      pc.close();
    },
  };
}
