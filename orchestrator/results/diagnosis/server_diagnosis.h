// What the outcome of a STUN or TURN server means: the one judgement of it, for the calls of a run,
// for probes and for the doctor. From how far asking it came and why it went no further
// (ice_server_outcome.h) to a primary cause, whose row has the remedy, and to what was seen, in
// words that are made here alone. Pure.
#pragma once

#include "orchestrator/results/diagnosis/primary_cause.h"
#include "pipelines/ice/ice_server_outcome.h"
#include "pipelines/probe/probe_report.h"

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace turnout {

// What one server's answer, or its silence, is to be read with.
struct ServerCircumstances {
  std::optional<std::chrono::seconds> unix_time;  // when it was asked; absent: not known
  // "host:port" of TURN servers that answered over TCP: UDP to the same port is blocked then, and
  // the server is not down. As of addStreamEndpoints.
  std::set<std::string> stream_endpoints;
};

bool isTurn(const std::string& url);  // "turn:..." or "turns:...", in any case

// Whether a relay at this address (without a port) is not at the server of the URL: at another one
// than its literal, or at a private one where the URL names the host, or one of another kind. False
// where the run itself has started the server.
bool isElsewhere(const std::string& url, const std::string& relay);

// Adds the endpoint of a TURN URL over TCP that answered, also with an error.
void addStreamEndpoint(const IceServerOutcome& outcome, std::set<std::string>& endpoints);

// What was seen, in a few words, made here and nowhere else: "Unauthorized", "TLS: certificate
// expired", "no answer". Empty: it works, or the server gave no reason phrase.
std::string serverFaultText(const IceServerOutcome& outcome);
// The same with the code of a STUN error: "401 Unauthorized".
std::string codedFaultText(const IceServerOutcome& outcome);
std::string noticeText(ProbeNotice notice, const ServerReport& server);

// Absent: it works, or it was not asked, which says nothing.
std::optional<Diagnosis> diagnosisOf(const IceServerOutcome& outcome,
                                     const ServerCircumstances& circumstances);

// Of several servers of a call the TURN server that came closest to working, or of equals the
// first. Absent: none failed.
std::optional<Diagnosis> worstTurnFault(const std::vector<IceServerOutcome>& servers,
                                        const ServerCircumstances& circumstances);

// Of a probed server: the same, with what only a probe sees (the certificate, the relay). `all`: the
// others that were probed, for what they know of the same host and port. `now` as Unix time.
std::optional<Diagnosis> diagnosisOf(const ServerReport& server, const ProbeReport& all,
                                     std::chrono::seconds now);

// TURN REST: the time in a user name, "1795248542:anything" or the number alone, after which it is
// not accepted (draft-uberti-behave-turn-rest-00 2.2). Absent: there is none.
std::optional<std::chrono::seconds> expiryOf(const std::string& user);

}  // namespace turnout
