// The page of a run that goes on, at http://ADDRESS:PORT/, with /events (server-sent events, which
// the page reads) and /metrics. Read-only. On a loopback address it answers only requests that name
// this machine in Host, so that no page of the web can have a browser read it (DNS rebinding).
//
// Threads: the loop's. WHATWG HTML, 9.2 Server-sent events.
#pragma once

#include "orchestrator/live/live_run.h"
#include "pipelines/base/http/http_server.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"
#include "pipelines/base/signal.h"

#include <list>
#include <memory>
#include <string>

#include <libsoup/soup.h>

namespace turnout {

struct LiveAddress {
  std::string address = "127.0.0.1";
  int port = 0;  // 0: any free one
};
// "9900" and ":9900" are of this machine alone; "0.0.0.0:9900" is for everybody.
Result<LiveAddress> liveAddressFrom(const std::string& text);

class LiveServer {
 public:
  // `run` outlives it. The error names the address.
  static Result<std::unique_ptr<LiveServer>> listen(Loop& loop, LiveRun& run,
                                                    const LiveAddress& address);
  ~LiveServer();
  LiveServer(const LiveServer&) = delete;
  LiveServer& operator=(const LiveServer&) = delete;

  std::string url() const { return http_.url() + "/"; }  // "http://127.0.0.1:9900/"
  // Tells everybody who watches the last word, and waits up to a second until they have it. The
  // loop must not be running.
  void finish();

 private:
  struct Watcher {  // one browser that reads /events
    Ref<SoupServerMessage> message;
    SignalConnection on_finished, on_written;
    std::size_t unread = 0;  // bytes that wait for it

    void send(const std::string& json) { write("data: " + json + "\n\n"); }
    void sendLast(const std::string& json);
    void write(const std::string& text);
  };

  LiveServer(Loop& loop, LiveRun& run);
  void onRequest(SoupServerMessage* message);
  void watch(SoupServerMessage* message);
  void forget(SoupServerMessage* message);
  void notifyAll();

  Loop& loop_;
  LiveRun& run_;
  HttpServer http_;
  std::list<Watcher> watchers_;
  Timer tick_;
};

}  // namespace turnout
