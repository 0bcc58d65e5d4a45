// The way to one server, made step by step with the time of each: name, TCP, TLS.
//
// Threads: the loop's. The handler comes once, from the loop; it may not destroy the link.
#pragma once

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/signal.h"
#include "pipelines/ice/ice_server.h"
#include "pipelines/ice/servers/host_lookup.h"
#include "pipelines/probe/probe_report.h"
#include "pipelines/probe/probe_transport.h"
#include "pipelines/probe/udp_race.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace turnout {

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

  const std::optional<ProbeFault>& fault() const { return fault_; }
  const Times& times() const { return times_; }
  const std::optional<ProbeCertificate>& certificate() const { return certificate_; }
  const std::string& address() const { return address_; }  // a literal; empty: not known yet

 private:
  void openUdp(const HostAddresses& addresses);
  void onRaced(UdpRace::Runner winner, const std::string& why);
  void connectStream();
  bool loadTrust();
  void onEvent(GSocketClientEvent event, GIOStream* stream);
  void beginTls(GTlsConnection* tls);
  void onConnected(GSocketClient* client, GAsyncResult* result);
  void tellFault(const GError& error);
  double lap();  // ms since the last step
  void fail(const std::string& text);
  void finish(std::unique_ptr<ProbeTransport> transport);

  Setup setup_;
  OnReady on_ready_;
  std::string address_;
  ProbeStage stage_ = ProbeStage::kName;
  Instant step_began_;
  Times times_;
  std::optional<ProbeCertificate> certificate_;
  std::optional<ProbeFault> fault_;
  std::optional<UdpRace> race_;
  SignalConnection events_, accept_;
  Ref<GTlsDatabase> trust_;  // null: the system's
  Ref<GCancellable> cancellable_ = Ref<GCancellable>::adopt(g_cancellable_new());
  Timer limit_;
  // What GLib calls back may be gone by then.
  std::shared_ptr<ServerLink*> self_ = std::make_shared<ServerLink*>(this);
};

}  // namespace turnout
