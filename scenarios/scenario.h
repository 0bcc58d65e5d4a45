// What a user intends, as values. load.h makes one from a JSON file; plan.h turns one into a Plan.
// Keys of the file are the field names here (docs/SCENARIOS.md). All times are milliseconds.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/base/server_url.h"
#include "pipelines/ice/ice_server.h"
#include "pipelines/media/media_profile.h"
#include "scenarios/call_shape.h"
#include "scenarios/server_source.h"
#include "scenarios/step.h"
#include "scenarios/threshold.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace turnout {

// What goes wrong with the servers of a run on purpose, at a time. Faults of a bot are steps
// (step.h); these hit every call of the run that uses the server. Only servers that the run started
// itself can be hit.
enum class ServiceFaultKind {
  kTurnKill,       // the TURN server dies (SIGKILL): nobody is told, its allocations are gone
  kServerRestart,  // the signaling server dies, and another one starts at the same address
  kTurnCredentialsExpire,  // what bots get as credentials from now on has expired already
};

const char* toString(ServiceFaultKind kind);  // turn_kill, ...: in files and in the log

inline constexpr const char* kSignalingService = "signaling";

struct ServiceFault {
  ServiceFaultKind kind = ServiceFaultKind::kTurnKill;
  // "coturn-2" for {coturn-2}, or kSignalingService. Empty: turn_credentials_expire, of all.
  std::string service;
  milliseconds at{0};                   // from the start of the first call
  std::optional<milliseconds> lasting;  // until it is there again; absent: for good
};

// What a bot does when the media of a link stops: the ladder of the apps, and its parts, so that a
// team can see what each rung buys.
struct RecoveryPolicy {
  enum class Kind {
    kNone,        // waits
    kIceRestart,  // restarts ICE, as often as attempts allow
    kRecreate,    // makes a new peer connection, as often
    kLadder,      // restarts ICE first, then makes new peer connections
  };
  Kind kind = Kind::kLadder;
  milliseconds silence{5000};         // without media until a link counts as lost
  milliseconds attempt{5000};         // for each attempt to bring media back
  milliseconds recreate_after{2000};  // pause before a new peer connection
  int attempts = 3;                   // then the link is given up
};

// How the run's own signaling server is set up: the times of its session care, and the mistakes it
// is to make on purpose. A server given with --signaling has its own.
struct SessionRules {
  milliseconds grace{5000};           // in which who lost the connection can come back
  milliseconds ring_timeout{30'000};  // a call nobody answers
  milliseconds match_timeout{60'000};
  std::vector<std::string> bugs;  // docs/PROTOCOL.md, "Mistakes on purpose"
};

// The app's signaling server, and what bots speak with it. Bot hosts are told its URL, and the dialect
// as text, apart from the scenario.
struct SignalingSource {
  std::string url;                   // empty: the run starts its own
  std::string dialect;               // a shipped one's name, or a file; empty: our own protocol
  std::optional<EngineStart> start;  // nothing: as the dialect says, or a WebSocket
  // What the dialect leaves to the scenario ("make": "given"); of our own protocol "token" alone.
  struct Value {
    std::string name;
    std::string text;       // one of these three
    std::string env, file;  // a variable of the environment; a file, a line for each bot in turn
  };
  std::vector<Value> values;
  bool tls_verify = true;
  std::string tls_ca_file;
};

// A server as the scenario writes it. The host may be a placeholder for a TURN server that the run
// starts itself: "{coturn}" (one static user) or "{coturn-rest}" (TURN REST shared secret), with a
// number if it needs several of a kind. Its address, and any credential not given here, are filled
// in when it is up (orchestrator/services).
struct ScenarioServer {
  std::vector<std::string> urls;  // in order; the placeholder stands where the host would
  // In place of urls: all that the source gives, with its credentials.
  std::optional<ServerSource> source{};
  std::string username;  // empty: none given
  Secret credential;
  Secret rest_secret;  // TURN REST: username and credential are made per bot from this
  // Environment variables that hold the two above, in place of them; empty: none.
  std::string credential_env, rest_secret_env;
  milliseconds rest_ttl{86'400'000};
  // TURN REST user names: "time:name", as the draft and coturn have it, or the time alone, as Pion's.
  enum class RestUserName { kTimeAndName, kTimeAlone };
  RestUserName rest_username = RestUserName::kTimeAndName;
  bool rest_renew = true;  // running calls get fresh ones before the old expire
  RelayFamily relay_family = RelayFamily::kServers;
  bool tls_verify = true;
  std::string tls_ca_file;

  // It brings the secret itself.
  bool usesRest() const { return !rest_secret.empty() || !rest_secret_env.empty(); }
};

struct CalleeEnd {  // of an arm whose ends differ: every participant but the first
  bool relay_only = false;
  bool has_servers = true;  // the arm's; else none: an end without TURN, as most are
};

struct TurnArm {  // one TURN configuration under comparison
  std::string name;
  bool relay_only = false;  // "policy": "relay"
  std::vector<ScenarioServer> ice_servers;
  std::optional<CalleeEnd> callee{};  // absent: as the first
  // "expect": "failure": its calls are meant to fail (a wrong password), and one that connects is
  // the fault. Thresholds leave it out, unless they name it.
  bool is_to_fail = false;
};

// Whether an arm has a TURN server, as far as it tells before the run: what a file or a provider
// will give is not known.
bool namesTurn(const TurnArm& arm);

inline constexpr const char* kAllAddresses = "all";

enum class ArrivalShape { kEven, kPoisson };

// Of the bots of one call over the processes that carry bots: all in one, or each in another.
enum class Placement { kTogether, kApart };

struct Scenario {
  std::string name;
  std::string description;
  std::uint64_t seed = 1;
  std::string profile = "fast";  // IceProfile

  int calls_per_arm = 10;
  CallShape shape;
  milliseconds hold{2000};  // media flows so long after the call is up; then the bots leave

  // Open model: calls start when the plan says, whatever became of earlier ones.
  double rate_per_s = 2.0;
  ArrivalShape arrival_shape = ArrivalShape::kPoisson;

  MediaProfile media;
  std::optional<MessageLoad> messages;  // if any: no peer connections
  std::vector<TurnArm> turn;
  SignalingSource signaling;
  SessionRules session;
  std::vector<Step> steps;  // of each bot they name, in this order
  std::vector<ServiceFault> faults;
  RecoveryPolicy recovery;

  struct Deadlines {
    milliseconds join{5000};           // scheduled start -> joined the room
    milliseconds connect{15'000};      // scheduled start -> connected on both ends, wait excluded
    milliseconds first_media{10'000};  // connected -> first RTP of every kind, both ends
    milliseconds wait{60'000};         // ringing -> answered; looking for a partner -> matched
    milliseconds recover{30'000};      // back, or the network is back -> media both ways
    milliseconds leave{3000};          // leave -> gone
  } deadlines;

  int repetitions = 1;  // the whole arrangement of blocks is run so many times
  // The run grows by as many blocks again until every threshold is decided, or an arm has so many
  // calls. nullopt: it never grows.
  std::optional<int> max_calls_per_arm;
  int firstCallsPerArm() const { return calls_per_arm * repetitions; }
  int mostCallsPerArm() const { return max_calls_per_arm.value_or(firstCallsPerArm()); }
  // To each STUN and TURN server that the run has not started itself, by all bots together; 0: as
  // many as come.
  int server_requests_per_s = 1000;
  // IP literals that bots bind to, or kAllAddresses alone; empty: by where their partners are.
  std::vector<std::string> local_addresses;
  int hosts = 0;  // bot-host processes; 0: chosen from the plan's concurrency
  Placement placement = Placement::kTogether;
  std::vector<Threshold> thresholds;
};

}  // namespace turnout
