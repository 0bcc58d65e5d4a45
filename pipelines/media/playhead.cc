#include "pipelines/media/playhead.h"

#include "pipelines/base/result.h"

#include <algorithm>
#include <cstring>

#include <glib.h>

namespace turnout {
namespace {

constexpr std::uint8_t kMarkerBit = 0x80;

// splitmix64 (Steele, Lea, Flood 2014): unlike starting points for neighbouring SSRCs, same each
// run.
std::uint64_t mixed(std::uint64_t seed) {
  seed += 0x9e3779b97f4a7c15u;
  seed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9u;
  seed = (seed ^ (seed >> 27)) * 0x94d049bb133111ebu;
  return seed ^ (seed >> 31);
}

void put16(std::uint8_t* to, std::uint16_t value) {
  value = GUINT16_TO_BE(value);
  std::memcpy(to, &value, sizeof value);
}
void put32(std::uint8_t* to, std::uint32_t value) {
  value = GUINT32_TO_BE(value);
  std::memcpy(to, &value, sizeof value);
}

}  // namespace

Playhead::Playhead(const ClipTrack& track, RtpIdentity identity, Instant start)
    : track_(&track),
      identity_(identity),
      // Below 2^15, so that an SRTP receiver cannot misjudge the roll-over counter (RFC
      // 3711 3.3.1).
      sequence_(static_cast<std::uint16_t>(mixed(identity.ssrc) & 0x7fff)),
      origin_(start),
      origin_timestamp_(static_cast<std::uint32_t>(mixed(identity.ssrc) >> 32)) {}

bool Playhead::atKeyFrame() const {
  return std::binary_search(track_->key_frames.begin(), track_->key_frames.end(), next_);
}

bool Playhead::atFrameStart() const {
  return next_ == 0 || track_->packets[next_ - 1].at != track_->packets[next_].at;
}

void Playhead::write(std::uint8_t* rtp) {
  const ClipPacket& packet = track_->packets[next_];
  std::memcpy(rtp, packet.rtp.data(), packet.rtp.size());
  rtp[1] = static_cast<std::uint8_t>((rtp[1] & kMarkerBit) | identity_.payload_type);
  put16(rtp + 2, sequence_++);
  put32(rtp + 4, origin_timestamp_ + packet.ticks);
  put32(rtp + 8, identity_.ssrc);
  if (++next_ == track_->packets.size())
    continueAt(0, origin_ + track_->length, origin_timestamp_ + track_->length_ticks);
}

std::size_t Playhead::nextKeyFrame() const {
  const auto& keys = track_->key_frames;
  const auto key = std::lower_bound(keys.begin(), keys.end(), next_);
  return key == keys.end() ? 0 : *key;
}

void Playhead::jumpToKeyFrame() {
  TURNOUT_CHECK(atFrameStart(), "a key frame may not cut a frame in two");
  continueAt(nextKeyFrame(), due(), origin_timestamp_ + track_->packets[next_].ticks);
}

void Playhead::resumeAt(Instant at) {
  const double paused_s = toMs(at - due()) / 1'000;
  const auto ticks = static_cast<std::int64_t>(paused_s * track_->clock_rate_hz);
  continueAt(nextKeyFrame(), at,
             origin_timestamp_ + track_->packets[next_].ticks + static_cast<std::uint32_t>(ticks));
}

void Playhead::continueAt(std::size_t packet, Instant at, std::uint32_t timestamp) {
  next_ = packet;
  origin_ = at - track_->packets[packet].at;
  origin_timestamp_ = timestamp - track_->packets[packet].ticks;
}

}  // namespace turnout
