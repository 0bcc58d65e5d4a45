// A GLib critical is a bug of ours in the use of GStreamer: end the test that made it.
#include <glib.h>
#include <gtest/gtest.h>

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  g_log_set_always_fatal(static_cast<GLogLevelFlags>(G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL));
  return RUN_ALL_TESTS();
}
