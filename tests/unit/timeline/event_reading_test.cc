// Lines of the log that no writer of ours would write.
#include "bots/timeline/event.h"

#include <string>

#include <gtest/gtest.h>

namespace turnout {
namespace {

TEST(EventReading, ALineMayBeAnyJsonOfTheSameMeaning) {
  const char* good[] = {
      R"({"t_ns": 1, "type": "host_ready", "host": 2})",
      R"({"host":7,"type":"host_ready","t_ns":0})",
      R"({"t_ns":1,"type":"host_ready","host":2,"mood":[1]})",
      R"({"t_ns":1,"type":"host_ready","host":2,"mood":{"a":{}}})",
      R"({"t_ns":1,"type":"run_finished","reason":"\u0041\n"})",
      "{\"t_ns\":1,\"type\":\"run_finished\",\"reason\":\"\xc3\xa4\"}",
      R"({"t_ns":1,"type":"service_exited","service":"s","how":"h","expected":true,"x":1e3})",
  };
  for (const char* line : good)
    EXPECT_TRUE(parseEventLine(line)) << line;
}

TEST(EventReading, WhatIsNoJsonIsNoEvent) {
  for (const std::string line :
       {R"({"t_ns":1,"type":"host_ready","host":2)", R"({"t_ns":1,"type":"host_ready","host":02})",
        R"({"t_ns":1,"type":"host_ready","host":2}})",
        R"({"t_ns":1,"type":"host_ready","host":2,})", R"({"t_ns":1,"type":"host_ready","host":-})",
        R"({"t_ns":1,"type":"host_ready","host":2.})",
        R"({"t_ns":1,"type":"host_ready","host":2,"host":2})",
        R"({"t_ns":1,"type":"host_ready","host":tru})",
        R"({"t_ns":1,"type":"host_ready","host":2,"x":"a)", "{\"t_ns\":1,\"\x01\":2}"})
    EXPECT_FALSE(parseEventLine(line)) << line;
}

}  // namespace
}  // namespace turnout
