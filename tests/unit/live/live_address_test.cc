#include "orchestrator/live/live_server.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

TEST(LiveAddress, IsOfThisMachineAloneUnlessAnotherIsNamed) {
  struct Row {
    const char *text, *address;
    int port;
  };
  for (const Row& row : {Row{":9900", "127.0.0.1", 9900},
                         {"9900", "127.0.0.1", 9900},
                         {":0", "127.0.0.1", 0},
                         {"0.0.0.0:80", "0.0.0.0", 80},
                         {"[::1]:9900", "::1", 9900}}) {
    const auto live = liveAddressFrom(row.text);
    ASSERT_TRUE(live) << row.text;
    EXPECT_EQ(live->address, row.address) << row.text;
    EXPECT_EQ(live->port, row.port) << row.text;
  }
  for (const char* text : {"", ":", "localhost", ":65536", ":-1", "1.2.3.4:", ":99x", "1.2.3:80",
                           "localhost:80", "::1:80:"})
    EXPECT_FALSE(liveAddressFrom(text)) << text;
}

}  // namespace
}  // namespace turnout
