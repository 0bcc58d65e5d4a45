// The way to one server, made step by step with the time of each: name, TCP, TLS.
//
// Threads: the loop's. The handler comes once, from the loop; it may not destroy the link.
#pragma once

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/signal.h"
#include "pipelines/ice/ice_server.h"
#include "pipelines/ice/servers/server_connection.h"
#include "pipelines/probe/probe_report.h"
#include "pipelines/probe/probe_transport.h"
#include "pipelines/stun/stun_message.h"
#include "pipelines/stun/udp_socket.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace turnout {

// Which of a host's addresses answers over UDP: all are asked at one time (Binding), and the first
// that answers wins; what RFC 8305 is for TCP. But browsers ask only the first of each family, so that
// another one cannot win: it can only tell that there is one that answers. When none does in a second
// the first one is taken that has not refused: there are TURN servers that leave Binding alone. The
// handler may not destroy the race.
class UdpRace {
 public:
  static constexpr Duration kLength = 1s;

  struct Runner {
    std::string address;                // a literal
    std::unique_ptr<UdpSocket> socket;  // connected to it; null: refused
    bool is_first = true;               // of its family
  };
  // Without a socket: all refused, and `why` is the last one's reason.
  using OnDone = std::function<void(Runner winner, const TransportEnd& why)>;

  UdpRace(Loop& loop, std::vector<Runner> runners, OnDone on_done);

 private:
  void ask();
  void onMessage(std::size_t runner, std::span<const std::uint8_t> bytes);
  void onRefused(std::size_t runner, TransportEnd why);
  std::size_t firstLeft(bool with_others) const;
  void finish();

  Loop& loop_;
  std::vector<Runner> runners_;
  OnDone on_done_;
  StunCodec codec_;
  const StunCodec::Sent request_;
  std::vector<bool> is_out_;  // refused
  std::size_t winner_ = 0;    // so far
  bool has_answer_ = false;
  std::string other_;  // an address that answered, and that browsers do not ask
  TransportEnd why_;
  Timer again_, end_;
};

class ServerLink {
 public:
  struct Setup {
    Loop& loop;
    IceServer server;
    std::string address = {};        // a literal: of several that the host has, this one
    std::string local_address = {};  // a literal to come from; empty: any
    Duration limit = 4s;
  };
  struct Times {
    std::optional<double> dns_ms, tcp_ms, tls_ms;  // absent: not needed, or not got
  };
  // Null with a fault.
  using OnReady = std::function<void(std::unique_ptr<ProbeTransport>)>;

  ServerLink(Setup setup, OnReady on_ready);
  ~ServerLink();
  ServerLink(const ServerLink&) = delete;
  ServerLink& operator=(const ServerLink&) = delete;

  // Call on the thread that runs the loop, from the loop.
  void start();

  // Of the stages up to kTls, without the URL.
  const std::optional<IceServerOutcome>& fault() const { return fault_; }
  const Times& times() const { return times_; }
  const std::optional<ServerCertificate>& certificate() const { return judge_.certificate(); }
  const std::string& address() const { return address_; }  // a literal; empty: not known yet

 private:
  void openUdp(const HostAddresses& addresses);
  void onRaced(UdpRace::Runner winner, const TransportEnd& why);
  void connectStream();
  bool loadTrust();
  void onEvent(GSocketClientEvent event, GIOStream* stream);
  void onConnected(GSocketClient* client, GAsyncResult* result);
  double lap();  // ms since the last step
  void fail(ServerFault fault, const std::string& text = {});
  void finish(std::unique_ptr<ProbeTransport> transport);

  Setup setup_;
  OnReady on_ready_;
  std::string address_;
  ServerStage stage_ = ServerStage::kName;
  Instant step_began_;
  Times times_;
  TlsJudge judge_;
  std::optional<IceServerOutcome> fault_;
  std::optional<UdpRace> race_;
  SignalConnection events_;
  Ref<GTlsDatabase> trust_;  // null: the system's
  Ref<GCancellable> cancellable_ = Ref<GCancellable>::adopt(g_cancellable_new());
  Timer limit_;
  // What GLib calls back may be gone by then.
  std::shared_ptr<ServerLink*> self_ = std::make_shared<ServerLink*>(this);
};

}  // namespace turnout
