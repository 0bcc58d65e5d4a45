// The figures of one peer connection that the page shows and tests read, out of getStats().
// https://w3c.github.io/webrtc-stats/. What the browser does not tell is undefined.

const toMs = (seconds) => (seconds === undefined ? undefined : seconds * 1000);

function endOf(candidate) {
  if (!candidate) return undefined;
  const { candidateType: type, protocol, relayProtocol, address, port, url } = candidate;
  return { type, protocol, relay_protocol: relayProtocol, address, port, url };
}

function pairOf(reports) {
  const transport = reports.find((r) => r.type === 'transport' && r.selectedCandidatePairId);
  // Firefox has no transport reports; its pair says so itself.
  const pair = transport
    ? reports.find((r) => r.id === transport.selectedCandidatePairId)
    : reports.find((r) => r.type === 'candidate-pair' && r.selected);
  if (!pair) return undefined;
  return {
    local: endOf(reports.find((r) => r.id === pair.localCandidateId)),
    remote: endOf(reports.find((r) => r.id === pair.remoteCandidateId)),
    rtt_ms: toMs(pair.currentRoundTripTime),
  };
}

function receivedOf(reports, kind) {
  const r = reports.find((each) => each.type === 'inbound-rtp' && each.kind === kind) ?? {};
  const codec = reports.find((each) => each.id === r.codecId)?.mimeType;
  const common = {
    codec,
    packets: r.packetsReceived ?? 0,
    bytes: r.bytesReceived ?? 0,
    lost: r.packetsLost ?? 0,
    jitter_ms: toMs(r.jitter),
  };
  if (kind === 'audio') return { ...common, level: r.audioLevel, energy: r.totalAudioEnergy ?? 0 };
  return {
    ...common,
    frames_decoded: r.framesDecoded ?? 0,
    frames_per_second: r.framesPerSecond,
    width: r.frameWidth,
    height: r.frameHeight,
    key_frame_requests: r.pliCount,
  };
}

function sentOf(reports, kind) {
  const r = reports.find((each) => each.type === 'outbound-rtp' && each.kind === kind) ?? {};
  return { packets: r.packetsSent ?? 0, bytes: r.bytesSent ?? 0, frames_encoded: r.framesEncoded };
}

export async function readStats(pc) {
  const reports = [...(await pc.getStats()).values()];
  return {
    pair: pairOf(reports),
    received: { audio: receivedOf(reports, 'audio'), video: receivedOf(reports, 'video') },
    sent: { audio: sentOf(reports, 'audio'), video: sentOf(reports, 'video') },
  };
}
