// What a bot shows: a frame counter for machines, a ball on a circle for people, and a field of
// noise that gives the encoder enough to do to reach its bit rate. Pure; the same arguments give
// the same bytes. The ball goes round once per loop, so the last frame leads back to the first.
#pragma once

#include <cstdint>
#include <vector>

namespace turnout {

struct PictureFormat {  // I420 without padding: width a multiple of 8, height even
  int width_px = 0;
  int height_px = 0;
};

std::vector<std::uint8_t> drawTestPicture(const PictureFormat& format, unsigned frame,
                                          unsigned frames_in_loop);

}  // namespace turnout
