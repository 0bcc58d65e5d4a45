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

struct AudioProfile {
  std::string codec = "opus";
  std::int64_t bitrate_bps = 32'000;
  bool operator==(const AudioProfile&) const = default;
};

struct VideoProfile {
  std::string codec = "vp8";
  int width_px = 320;
  int height_px = 240;
  int frames_per_s = 15;
  std::int64_t bitrate_bps = 250'000;
  bool operator==(const VideoProfile&) const = default;
};

struct MediaProfile {
  std::optional<AudioProfile> audio = AudioProfile{};
  std::optional<VideoProfile> video = VideoProfile{};
  bool operator==(const MediaProfile&) const = default;
};

}  // namespace turnout
