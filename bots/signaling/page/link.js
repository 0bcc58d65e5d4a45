// One peer connection to one other participant, by the pattern of "perfect negotiation"
// (https://w3c.github.io/webrtc-pc/#perfect-negotiation-example): either side may offer again at any
// time. When two offers meet, the one of the user whose name sorts first counts.

import { StateHistory } from './state_history.js';

export const kMachines = ['signaling', 'gathering', 'ice', 'dtls', 'connection'];

export class Link {
  // peer: {id, user, page}; number: the n-th connection to that page; offers: whether this side
  // makes the first offer; polite: whether it gives its own up for another; rtc: RTCConfiguration.
  // on: {send(data), change(), trouble(what)}
  constructor({ peer, number, offers, polite, rtc, stream, on }) {
    this.peer = peer;
    this.number = number;
    this.offers = offers;
    this.polite = polite;
    this.history = new StateHistory();
    this.ice_errors = []; // {url, address, code, text}
    this.remote_stream = new MediaStream();
    this.stream_ = stream;
    this.on_ = on;
    this.work_ = Promise.resolve();
    this.pc = new RTCPeerConnection(rtc);
    this.listen_();
  }

  start() {
    this.noteStates_();
    if (this.offers) this.addTracks_(); // which makes negotiation needed
  }

  // Signals are taken one after the other: a candidate waits for the description before it.
  take(data) {
    this.work_ = this.work_
      .then(() => this.take_(data))
      .catch((error) => this.on_.trouble(`${error.name}: ${error.message}`));
  }

  restartIce() {
    this.pc.restartIce();
  }

  // The peer has another socket: an offer that went to the one before may be lost.
  offerAgain() {
    if (this.pc.signalingState === 'have-local-offer')
      this.on_.send(this.pc.localDescription.toJSON());
  }

  close() {
    this.pc.close();
    this.noteStates_();
  }

  listen_() {
    const { pc } = this;
    for (const name of ['signaling', 'icegathering', 'iceconnection', 'connection'])
      pc.addEventListener(`${name}statechange`, () => this.noteStates_());
    pc.onconnectionstatechange = () => {
      if (pc.connectionState === 'failed' && this.offers) this.restartIce();
    };
    pc.onnegotiationneeded = () => this.offer_();
    pc.onicecandidate = ({ candidate }) => {
      // An empty text ends one generation; null ends all of them, and is what is sent.
      if (candidate?.candidate !== '') this.on_.send({ candidate: candidate?.toJSON() ?? null });
    };
    pc.onicecandidateerror = (event) => {
      const { url, address, errorCode: code, errorText: text } = event;
      this.ice_errors.push({ url, address, code, text });
      this.on_.change();
    };
    pc.ontrack = ({ track }) => {
      this.remote_stream.addTrack(track);
      this.on_.change();
    };
  }

  addTracks_(kinds = ['audio', 'video']) {
    const tracks = this.stream_.getTracks().filter(({ kind }) => kinds.includes(kind));
    for (const track of tracks) this.pc.addTrack(track, this.stream_);
  }

  async offer_() {
    try {
      this.making_offer_ = true;
      await this.pc.setLocalDescription();
      this.on_.send(this.pc.localDescription.toJSON());
    } catch (error) {
      this.on_.trouble(`no offer: ${error.message}`);
    } finally {
      this.making_offer_ = false;
    }
  }

  async take_(data) {
    if (this.pc.signalingState === 'closed') return;
    if (data.type) await this.takeDescription_(data);
    else await this.takeCandidate_(data.candidate);
  }

  async takeDescription_(description) {
    const { pc } = this;
    const collides =
      description.type === 'offer' && (this.making_offer_ || pc.signalingState !== 'stable');
    this.ignoring_ = collides && !this.polite;
    if (this.ignoring_) return;
    await pc.setRemoteDescription(description);
    if (description.type !== 'offer') return;
    // Only now, and only the kinds that were offered: another section would need another offer, in
    // the middle of connecting.
    const offered = pc.getTransceivers().map(({ receiver }) => receiver.track.kind);
    if (pc.getSenders().every((sender) => !sender.track)) this.addTracks_(offered);
    await pc.setLocalDescription();
    this.on_.send(pc.localDescription.toJSON());
    this.noteStates_();
  }

  async takeCandidate_(candidate) {
    try {
      await this.pc.addIceCandidate(candidate?.candidate ? candidate : undefined);
    } catch (error) {
      if (!this.ignoring_) throw error;
    }
  }

  noteStates_() {
    const { pc, history } = this;
    this.watchDtls_();
    const states = {
      signaling: pc.signalingState,
      gathering: pc.iceGatheringState,
      ice: pc.iceConnectionState,
      dtls: this.dtls_?.state ?? 'new',
      connection: pc.connectionState,
    };
    const news = kMachines.filter((machine) => history.note(machine, states[machine]));
    if (news.length > 0) this.on_.change();
  }

  // There is no transport before the first description.
  watchDtls_() {
    const transport = this.pc.getTransceivers()[0]?.sender.transport;
    if (!transport || transport === this.dtls_) return;
    this.dtls_ = transport;
    transport.addEventListener('statechange', () => this.noteStates_());
  }
}
