// The fast way to read a line never says anything else than the thorough one.
#include "bots/timeline/event_reading.h"

#include <string>

#include <gtest/gtest.h>

namespace turnout {
namespace {

TEST(EventReading, TheFastWayReadsWhatOurWriterWrites) {
  const Event pair{fromNs(12), 3, 0, 1,
                   PairSelected{{CandidateType::kRelay, "udp", "192.0.2.1:5", "tls", "turns:t:1"},
                                {CandidateType::kHost, "udp", "[::1]:5000", "", ""}}};
  const Event server{
      fromNs(13), 3, 0, 1, ServerOutcome{"turn:t:1", 701, "no answer", "", 2010.626, "17:bot"}, 2};
  for (const Event& event : {pair, server}) {
    const auto read = readFlatEventLine(eventLine(event));
    ASSERT_TRUE(read) << eventLine(event);
    EXPECT_EQ(eventLine(*read), eventLine(event));
    EXPECT_EQ(read->round, event.round);
  }
}

TEST(EventReading, WhatItReadsTheThoroughWayReadsAlike) {
  for (const char* line :
       {R"({"t_ns":1,"type":"host_ready","host":2,"mood":{"a":1.50,"b":false}})",
        R"({"host":7,"type":"host_ready","t_ns":0})",
        R"({"t_ns":1,"type":"server_outcome","url":"","code":-0,"elapsed_ms":0.1000000000000001})",
        R"({"t_ns":999999999999999999,"type":"link_connected","call":0,"bot":0,"peer":1})"}) {
    const auto fast = readFlatEventLine(line);
    const auto thorough = readAnyEventLine(line);
    ASSERT_TRUE(fast && thorough) << line;
    EXPECT_EQ(eventLine(*fast), eventLine(*thorough));
  }
}

TEST(EventReading, WhatIsNotFlatIsLeftToTheThoroughWay) {
  const char* good[] = {
      R"({"t_ns": 1, "type": "host_ready", "host": 2})",
      R"({"t_ns":1,"type":"host_ready","host":2,"mood":[1]})",
      R"({"t_ns":1,"type":"host_ready","host":2,"mood":{"a":{}}})",
      R"({"t_ns":1,"type":"run_finished","reason":"\u0041\n"})",
      "{\"t_ns\":1,\"type\":\"run_finished\",\"reason\":\"\xc3\xa4\"}",
      R"({"t_ns":1,"type":"service_exited","service":"s","how":"h","expected":true,"x":1e3})",
  };
  for (const char* line : good) {
    EXPECT_FALSE(readFlatEventLine(line)) << line;
    EXPECT_TRUE(parseEventLine(line)) << line;
  }
}

TEST(EventReading, NeitherWayTakesWhatIsNoJson) {
  for (const std::string line :
       {R"({"t_ns":1,"type":"host_ready","host":2)", R"({"t_ns":1,"type":"host_ready","host":02})",
        R"({"t_ns":1,"type":"host_ready","host":2}})",
        R"({"t_ns":1,"type":"host_ready","host":2,})", R"({"t_ns":1,"type":"host_ready","host":-})",
        R"({"t_ns":1,"type":"host_ready","host":2.})",
        R"({"t_ns":1,"type":"host_ready","host":2,"host":2})",
        R"({"t_ns":1,"type":"host_ready","host":tru})",
        R"({"t_ns":1,"type":"host_ready","host":2,"x":"a)", "{\"t_ns\":1,\"\x01\":2}"}) {
    EXPECT_FALSE(readFlatEventLine(line)) << line;
    EXPECT_FALSE(parseEventLine(line)) << line;
  }
}

}  // namespace
}  // namespace turnout
