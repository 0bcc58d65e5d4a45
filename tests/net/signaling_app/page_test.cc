// The page for browsers: what is served, how, and that nothing else is.
#include "tests/net/signaling_app/server_test.h"

#include <gmock/gmock.h>

namespace turnout {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Page : public ServerTest {
 protected:
  void SetUp() override { serve(); }
  std::string ask(const std::string& request_line) {
    RawSocket socket(server_->port());
    socket.send(request_line +
                "\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    EXPECT_TRUE(eventually([&] { return socket.isClosed(); }));
    return socket.received();
  }
  static std::string bodyOf(const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
  }
};

TEST_F(Page, IsAtTheRoot) {
  const auto answer = get("/");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/html; charset=utf-8\r\n"));
  EXPECT_THAT(bodyOf(answer), StartsWith("<!doctype html>"));
  EXPECT_THAT(get("/?room=r1&user=ann"), StartsWith("HTTP/1.1 200"));
}

TEST_F(Page, HasPartsOfTheTypesThatBrowsersInsistOn) {
  EXPECT_THAT(get("/page/main.js"), HasSubstr("Content-Type: text/javascript; charset=utf-8\r\n"));
  EXPECT_THAT(get("/page/style.css"), HasSubstr("Content-Type: text/css; charset=utf-8\r\n"));
  EXPECT_THAT(get("/page/icon.svg"), HasSubstr("Content-Type: image/svg+xml\r\n"));
}

TEST_F(Page, LetsNoForeignOrInlineCodeIn) {
  for (const char* path : {"/", "/page/main.js", "/page/style.css", "/page/icon.svg"}) {
    const auto answer = get(path);
    EXPECT_THAT(answer, HasSubstr("\r\nContent-Security-Policy: default-src 'none'; "
                                  "script-src 'self'; style-src 'self'; "))
        << path;
    EXPECT_THAT(answer, HasSubstr("\r\nX-Content-Type-Options: nosniff\r\n")) << path;
    EXPECT_THAT(answer, HasSubstr("\r\nCache-Control: no-cache\r\n")) << path;
    EXPECT_THAT(answer, HasSubstr("\r\nReferrer-Policy: no-referrer\r\n")) << path;
  }
  EXPECT_THAT(bodyOf(get("/")), Not(HasSubstr("style=\"")));
  EXPECT_THAT(bodyOf(get("/")), Not(HasSubstr("<script>")));
}

TEST_F(Page, GivesHeadTheHeadersAlone) {
  const auto whole = get("/");
  const auto head = ask("HEAD / HTTP/1.1");
  EXPECT_THAT(head, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(head, HasSubstr("Content-Length: " + std::to_string(bodyOf(whole).size()) + "\r\n"));
  EXPECT_EQ(bodyOf(head), "");
}

TEST_F(Page, RefusesOtherMethods) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
    const auto answer = ask(std::string(method) + " /page/main.js HTTP/1.1");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 405")) << method;
    EXPECT_THAT(answer, HasSubstr("\r\nAllow: GET, HEAD\r\n")) << method;
  }
}

struct Answer {
  std::string path;
  int status;
  friend std::ostream& operator<<(std::ostream& out, const Answer& answer) {
    return out << answer.path;
  }
};
class OtherPath : public Page, public testing::WithParamInterface<Answer> {};

TEST_P(OtherPath, LeadsNowhere) {
  EXPECT_THAT(get(GetParam().path), StartsWith("HTTP/1.1 " + std::to_string(GetParam().status)));
}

INSTANTIATE_TEST_SUITE_P(
    Mistaken, OtherPath,
    testing::Values(Answer{"/page", 404}, Answer{"/page/", 404}, Answer{"/page/main.js/", 404},
                    Answer{"/page/nothing.js", 404}, Answer{"/index.html", 404},
                    Answer{"/page/index.html", 404}, Answer{"/page/MAIN.JS", 404},
                    Answer{"/metrics/x", 404}, Answer{"//page/main.js", 404},
                    Answer{"/page//main.js", 404}, Answer{"/page/main.js;x", 404},
                    Answer{"/" + std::string(4000, 'a'), 404}));

// Where libsoup itself sees the trick, it answers 400.
INSTANTIATE_TEST_SUITE_P(
    Malicious, OtherPath,
    testing::Values(Answer{"/../CMakeLists.txt", 404}, Answer{"/page/../main.js", 404},
                    Answer{"/page/../../../etc/passwd", 404}, Answer{"//etc/passwd", 404},
                    Answer{"/%2e%2e/%2e%2e/etc/passwd", 404},
                    Answer{"/page/%2e%2e/CMakeLists.txt", 404},
                    Answer{"/page/..%2f..%2fetc%2fpasswd", 400},
                    Answer{"/page/%252e%252e/main.js", 404}, Answer{"/..%5c..%5cetc%5cpasswd", 404},
                    Answer{"/%00", 400}, Answer{"/page/main.js%00", 400},
                    Answer{"/page/main.js%00.css", 400}));

// Such a request is no HTTP: libsoup answers before any page is looked for.
TEST_F(Page, IsNotGivenForARequestWithANulOrWithoutEnd) {
  RawSocket nul(server_->port());
  nul.send(std::string("GET /page/main.js\0.html HTTP/1.1\r\nHost: localhost\r\n\r\n", 55));
  ASSERT_TRUE(eventually([&] { return nul.isClosed(); }));
  EXPECT_THAT(nul.received(), Not(HasSubstr(" 200 ")));
  RawSocket endless(server_->port());
  endless.send("GET /" + std::string(200'000, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return endless.isClosed(); }));
  EXPECT_THAT(endless.received(), Not(HasSubstr(" 200 ")));
  EXPECT_THAT(get("/"), StartsWith("HTTP/1.1 200"));
}

}  // namespace
}  // namespace turnout
