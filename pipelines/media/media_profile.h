// What a bot sends. Values only; the clip (clip.h) is made from one of these, once per host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace turnout {

enum class MediaKind { kAudio, kVideo };
inline const char* toString(MediaKind kind) {
  return kind == MediaKind::kAudio ? "audio" : "video";
}

// The one codec that bots have for a kind, as a=rtpmap names it.
inline const char* codecName(MediaKind kind) {
  return kind == MediaKind::kAudio ? "Opus" : "VP8";
}

// As the bot sees it (RTCRtpTransceiver.currentDirection, webrtc-pc 5.4).
enum class MediaDirection { kInactive, kRecvOnly, kSendOnly, kSendRecv };
inline MediaDirection directionOf(bool sends, bool receives) {
  return sends ? (receives ? MediaDirection::kSendRecv : MediaDirection::kSendOnly)
               : (receives ? MediaDirection::kRecvOnly : MediaDirection::kInactive);
}
inline const char* toString(MediaDirection direction) {
  constexpr const char* kWords[] = {"inactive", "recvonly", "sendonly", "sendrecv"};
  return kWords[static_cast<int>(direction)];
}

struct AudioProfile {
  std::string codec = "opus";
  std::int64_t bitrate_bps = 32'000;
  // What is to be negotiated with the other end; absent: whatever is negotiated is right.
  std::optional<MediaDirection> expect{};
  bool operator==(const AudioProfile&) const = default;
};

struct VideoProfile {
  std::string codec = "vp8";
  int width_px = 320;
  int height_px = 240;
  int frames_per_s = 15;
  std::int64_t bitrate_bps = 250'000;
  std::optional<MediaDirection> expect{};
  bool operator==(const VideoProfile&) const = default;
};

struct MediaProfile {
  std::optional<AudioProfile> audio = AudioProfile{};
  std::optional<VideoProfile> video = VideoProfile{};
  bool operator==(const MediaProfile&) const = default;
};

}  // namespace turnout
