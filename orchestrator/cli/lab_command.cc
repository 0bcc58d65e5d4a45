#include "orchestrator/cli/command.h"
#include "orchestrator/cli/report_files.h"
#include "orchestrator/report/lab_report_text.h"
#include "pipelines/base/subprocess.h"
#include "pipelines/lab/lab.h"
#include "pipelines/lab/lab_check.h"
#include "scenarios/problem.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace turnout {
namespace {

OptionSpec labOptions() {
  OptionSpec spec{
      "turnout lab check [OPTIONS]\n"
      "       turnout lab shell SITE [OPTIONS] [-- PROGRAM...]\n\n"
      "NATs, firewalls and an internet of this machine's own, in network namespaces: without "
      "root,\n"
      "without a way out, gone with the command. check proves each NAT and firewall; shell runs a\n"
      "program, or your shell, at a site behind one: the name of a preset or the kind of a NAT\n"
      "(docs/LAB.md).",
      "Examples:\n"
      "  turnout lab check                       is the lab what it says, on this machine?\n"
      "  turnout lab shell mobile_hotspot        a shell behind a symmetric NAT\n"
      "  turnout lab shell home --firewall no_udp -- turnout probe stun:203.0.113.20\n"
      "\n"
      "Exit codes: of check 0, 99 when something is not as predicted, 106 when the machine has "
      "not\n"
      "what a lab needs (it says what, and what to do); of shell that of the program.\n"};
  spec.visible.add_options()("json", po::value<std::string>()->value_name("FILE"),
                             "check: the findings as JSON; -: to stdout")(
      "firewall", po::value<std::string>(),
      "shell: none, no_udp, web_only, tls443_only or tls443_dpi [of the preset]")(
      "action", po::value<std::string>(), "shell: what it does with the rest: drop or reject")(
      "delay-ms", po::value<int>(),
      "shell: of its line, each way; with the next two in place of the "
      "preset's")("loss", po::value<double>(),
                  "shell: share of the packets that its line loses, each way")(
      "rate-kbps", po::value<int>(), "shell: of its line, each way")(
      "as-root", "as root, without a user namespace");
  spec.hidden.add_options()("inside", "")("word", po::value<Words>());
  spec.files = "word";
  return spec;
}

Error wrongWord(const std::string& what, const std::string& word,
                const std::vector<std::string>& known) {
  return {ErrorCode::kUsage, "no " + what + " \"" + word + "\"" + suggestion(word, known)};
}

std::vector<std::string> firewallWords() {
  std::vector<std::string> words;
  for (const FirewallKind kind : allFirewallKinds())
    words.emplace_back(toString(kind));
  return words;
}

struct LabTask {
  std::optional<SiteSpec> site;  // of shell; none: check
  Words program;
  OwnWorld world = OwnWorld::kRootless;
};

Result<Done> applyLine(SiteSpec& site, const po::variables_map& values) {
  const auto delay_ms = optionValue<int>(values, "delay-ms");
  const auto loss = optionValue<double>(values, "loss");
  const auto rate_kbps = optionValue<int>(values, "rate-kbps");
  if (delay_ms && (*delay_ms < 0 || *delay_ms > 10'000))
    return Error{ErrorCode::kUsage, "--delay-ms wants 0 to 10000"};
  if (loss && !(*loss >= 0 && *loss <= 1))
    return Error{ErrorCode::kUsage, "--loss wants a share, 0 to 1"};
  if (rate_kbps && *rate_kbps < 1)
    return Error{ErrorCode::kUsage, "--rate-kbps wants 1 or more"};
  if (delay_ms || loss || rate_kbps) {
    const LineDirection both{.delay = milliseconds(delay_ms.value_or(0)),
                             .loss = loss.value_or(0),
                             .rate_kbps = rate_kbps.value_or(0)};
    site.up = site.down = both;
  }
  return Done{};
}

Result<SiteSpec> siteOf(const std::string& word, const po::variables_map& values) {
  auto site = siteNamed(word);
  if (!site)
    return wrongWord("site", word, siteWords());
  if (const auto firewall = optionValue<std::string>(values, "firewall")) {
    const auto kind = firewallKind(*firewall);
    if (!kind)
      return wrongWord("firewall", *firewall, firewallWords());
    site->firewall = *kind;
  }
  if (const auto action = optionValue<std::string>(values, "action")) {
    const auto known = firewallAction(*action);
    if (!known)
      return wrongWord("action", *action, {"drop", "reject"});
    site->action = *known;
  }
  if (const auto lined = applyLine(*site, values); !lined)
    return lined.error();
  return *std::move(site);
}

Result<LabTask> labTask(const po::variables_map& values, Words program) {
  LabTask task;
  task.program = std::move(program);
  if (values.count("as-root"))
    task.world = OwnWorld::kAsRoot;
  const auto words = optionValue<Words>(values, "word").value_or(Words{});
  const std::string what = words.empty() ? "" : words.front();
  if (what == "check" && words.size() == 1) {
    if (values.count("firewall") || values.count("action") || values.count("delay-ms") ||
        values.count("loss") || values.count("rate-kbps") || !task.program.empty())
      return Error{ErrorCode::kUsage, "lab check takes no site, firewall or program: it tries all"};
    return task;
  }
  if (what == "shell" && words.size() == 2) {
    if (values.count("json"))
      return Error{ErrorCode::kUsage, "--json is of lab check"};
    auto site = siteOf(words[1], values);
    if (!site)
      return site.error();
    task.site = *std::move(site);
    return task;
  }
  if (what == "shell")
    return Error{ErrorCode::kUsage, "lab shell takes one site" + suggestion("", siteWords()) +
                                        ", and a program behind --"};
  return Error{ErrorCode::kUsage, "lab takes the word check, or shell and a site"};
}

// Without the firewall that looks into packets where the kernel cannot do that (before Linux 5.16).
Result<Lab> bringUpForCheck() {
  auto sites = labCheckSites();
  auto lab = Lab::bringUp(sites);
  if (lab)
    return lab;
  std::erase_if(sites,
                [](const SiteSpec& site) { return site.firewall == FirewallKind::kTls443Dpi; });
  auto smaller = Lab::bringUp(std::move(sites));
  if (!smaller)
    return lab;
  std::fprintf(stderr, "turnout: without the firewall tls443_dpi: %s\n", lab.error().what.c_str());
  return smaller;
}

ExitCode checkInside(const po::variables_map& values) {
  Loop loop;
  std::optional<LabCheckReport> report;
  const auto interrupts = onEndSignals(loop, [&] { loop.quit(); });
  const Instant began = now();
  const auto lab = bringUpForCheck();
  if (!lab)
    return fail(lab.error());
  const double up_ms = toMs(now() - began);
  const auto check =
      LabCheck::start(loop, *lab, labCheckPlan(lab->sites()), [&](LabCheckReport done) {
        report = std::move(done);
        loop.quit();
      });
  if (!check)
    return fail(check.error());
  loop.run();
  if (!report)
    return ExitCode::kInterrupted;
  report->up_ms = up_ms;
  const auto file = optionValue<std::string>(values, "json");
  if (file != "-")
    std::fputs(labCheckText(*report).c_str(), stdout);
  if (file)
    if (const auto written = writeOutput(*file, labCheckJson(*report)); !written)
      return fail(written.error());
  return report->holds() ? ExitCode::kPass : ExitCode::kThresholdsFailed;
}

void introduce(const SiteSpec& site) {
  const SiteAddresses addresses = addressesOf(0, site.nat);
  std::fprintf(stderr,
               "turnout: at a site behind NAT %s, firewall %s: %s, seen outside as %s; STUN (RFC "
               "5780) is at %s:%d. There is no way out of the lab.\n",
               toString(site.nat), toString(site.firewall), addresses.host.c_str(),
               addresses.public_address.c_str(), kStunAddress, int{StunResponder::kPort});
}

ExitCode shellInside(const SiteSpec& site, Words program) {
  const auto lab = Lab::bringUp({site});
  if (!lab)
    return fail(lab.error());
  Loop loop;
  auto stun = [&] {
    const InNetwork here(lab->services());
    return StunResponder::start(loop, kStunAddress, kOtherStunAddress);
  }();
  if (!stun)
    return fail(stun.error());
  if (program.empty()) {
    const char* shell = std::getenv("SHELL");
    program = {shell && *shell ? shell : "/bin/sh"};
    introduce(site);
  }
  auto child = Subprocess::start(loop, {.argv = std::move(program),
                                        .on_exit = [&](const std::string&) { loop.quit(); },
                                        .terminal = Subprocess::Terminal::kOurs,
                                        .network = lab->host(0).fd()});
  if (!child)
    return fail(child.error());
  const auto ends = onTermination(loop, [&] { (*child)->terminate(2s); });
  loop.run();
  return static_cast<ExitCode>((*child)->exitStatus().value_or(0));
}

}  // namespace

ExitCode labCommand(const Words& words) {
  const auto end = std::ranges::find(words, "--");
  const auto options = parseOptions(labOptions(), Words(words.begin(), end));
  if (!options)
    return fail(options.error());
  if (!*options)
    return ExitCode::kPass;
  auto task = labTask(**options, end == words.end() ? Words{} : Words(end + 1, words.end()));
  if (!task)
    return fail(task.error());
  if (!(**options).count("inside")) {
    Words again{"lab", "--inside"};
    again.insert(again.end(), words.begin(), words.end());
    const auto status = runInOwnWorld(task->world, again);
    return status ? static_cast<ExitCode>(*status) : fail(status.error());
  }
  if (!isInOwnWorld())
    return fail({ErrorCode::kUsage, "--inside is for turnout itself"});
  if (const auto furnished = furnishOwnWorld(); !furnished)
    return fail(furnished.error());
  return task->site ? shellInside(*task->site, std::move(task->program)) : checkInside(**options);
}

}  // namespace turnout
