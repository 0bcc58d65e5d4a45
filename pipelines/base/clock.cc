#include "pipelines/base/clock.h"

#include "pipelines/base/gobject_ref.h"

#include <glib.h>

namespace turnout {

Instant now() {
  return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

std::string wallClockText() {
  GDateTime* utc = g_date_time_new_now_utc();
  const Owned<char> text(g_date_time_format(utc, "%Y-%m-%dT%H:%M:%SZ"));
  g_date_time_unref(utc);
  return text.get();
}

std::chrono::seconds unixTime() {
  return std::chrono::seconds(g_get_real_time() / G_USEC_PER_SEC);
}

}  // namespace turnout
