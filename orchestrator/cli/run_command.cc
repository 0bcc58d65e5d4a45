#include "orchestrator/cli/command.h"
#include "orchestrator/cli/report_files.h"
#include "orchestrator/cli/scenario_file.h"
#include "orchestrator/cli/server_options.h"
#include "orchestrator/cli/signaling_access.h"
#include "orchestrator/ice_servers/supply/server_sources.h"
#include "orchestrator/live/live_server.h"
#include "orchestrator/report/lab_report_text.h"
#include "orchestrator/report/reports.h"
#include "orchestrator/results/judge/judgement_words.h"
#include "orchestrator/results/judge/measures.h"
#include "orchestrator/results/judge/sample_growth.h"
#include "orchestrator/run/run_controller.h"
#include "orchestrator/run/run_directory.h"
#include "orchestrator/run/run_recorder.h"
#include "orchestrator/run/run_size.h"
#include "pipelines/base/fd.h"
#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/json.h"
#include "pipelines/base/server_url.h"
#include "pipelines/base/subprocess.h"
#include "pipelines/lab/lab.h"
#include "pipelines/lab/lab_check.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>

namespace turnout {
namespace {

// turnserver --version prints the number on its last line.
std::string coturnVersion() {
  const auto printed = Subprocess::run({"turnserver", "--version"});
  if (!printed)
    return "";
  const std::size_t end = printed->find_last_not_of(" \n");
  const std::size_t start = printed->find_last_of(" \n", end);
  return printed->substr(start + 1, end - start);
}

// Which software made a run, for its first event: libraries as built against, coturn as installed.
std::string versionsJson() {
  JsonWriter out;
  out.beginObject()
      .field("turnout", TURNOUT_VERSION)
      .field("commit", sourceCommit())
      .field("gstreamer", TURNOUT_GSTREAMER_VERSION)
      .field("libnice", TURNOUT_LIBNICE_VERSION)
      .field("libsoup", TURNOUT_LIBSOUP_VERSION);
  if (const std::string coturn = coturnVersion(); !coturn.empty())
    out.field("coturn", coturn);
  return out.endObject().take();
}

OptionSpec runOptions() {
  OptionSpec spec{
      "turnout run SCENARIO [OPTIONS]\n\n"
      "Runs a scenario: starts signaling, TURN servers and bots, makes every call of the plan,\n"
      "reports, and judges the thresholds. Ctrl-C ends a run early and reports; twice kills it.",
      "Examples:\n"
      "  turnout run scenarios/smoke.json\n"
      "  turnout run scenarios/turn-compare.json --calls 50 --seed 7 --out runs/monday\n"
      "  turnout run scenarios/load.json --html report.html --junit junit.xml\n"
      "  turnout run scenarios/load.json --serve :9900         watch it at http://127.0.0.1:9900/\n"
      "  turnout run scenarios/load.json --quiet --json - | jq .total.success_rate\n"
      "\n"
      "The output directory gets scenario.json, plan.json, events.jsonl, summary.json and logs.\n"
      "Exit codes: 0 passed, 98 inconclusive (too few calls to tell, or turnout was in the way),\n"
      "99 a threshold failed, 104 bad scenario,\n"
      "105 interrupted, 106 something is missing on this machine, 107 a bug of turnout.\n"};
  spec.visible.add_options()("out", po::value<std::string>(),
                             "output directory, empty or new [runs/TIME-NAME]")(
      "calls", po::value<std::int64_t>(),
      "calls per TURN configuration, instead of the scenario's")(
      "seed", po::value<std::int64_t>(), "seed of the plan, instead of the scenario's")(
      "profile", po::value<std::string>(), "ICE timing: fast or browser")(
      "hosts", po::value<std::int64_t>(), "bot processes [one per 100 bots]")(
      "local-address", po::value<Words>(),
      "address that bots bind to, or all; repeatable [127.0.0.1 where all partners are here]")(
      "signaling", po::value<std::string>(), "URL of a signaling server to use [starts its own]")(
      "dialect", po::value<std::string>(),
      "what it speaks: a shipped dialect's NAME or a FILE (docs/DIALECTS.md) [our own protocol]")(
      "signaling-start", po::value<std::string>()->value_name("HOW"),
      "how Socket.IO connections begin: websocket, polling, polling-upgrade [websocket]")(
      "bug", po::value<Words>(),
      "mistake that the own signaling server makes on purpose (docs/PROTOCOL.md); repeatable")(
      "serve", po::value<std::string>()->value_name("[ADDRESS]:PORT"),
      "page of the run while it goes on, and /metrics; without ADDRESS for this machine alone")(
      "as-root",
      "of a scenario with networks: its lab as root, without a user namespace (docs/LAB.md)")(
      "quiet", "no progress")("no-color", "plain text, also on a terminal");
  addServerSourceOptions(spec.visible);
  addReportOptions(spec.visible);
  spec.hidden.add_options()("scenario", po::value<Words>())("inside", "");
  spec.files = "scenario";
  return spec;
}

struct CheckedLab {
  Lab lab;
  LabChecked checked;
};

// One execution of the command.
class ScenarioRun {
 public:
  ScenarioRun(const po::variables_map& options, std::string program, LoadedScenario loaded,
              SignalingAccess signaling, ServerSourceSettings servers, RunDirectory directory,
              CheckedLab* lab)
      : options_(options),
        program_(std::move(program)),
        loaded_(std::move(loaded)),
        signaling_(std::move(signaling)),
        servers_(std::move(servers)),
        directory_(std::move(directory)),
        lab_(lab),
        public_text_(withoutSecrets(loaded_.text)),
        plan_(makeLargestPlan(loaded_.scenario)),
        hosts_(hostCount(loaded_.scenario, plan_, std::thread::hardware_concurrency())) {}

  ExitCode execute();

 private:
  Result<Done> prepare() const;
  Result<RunEnd> runCalls(EventLog& log, Fold& fold);
  Result<std::unique_ptr<LiveServer>> servePage(LiveRun& live);
  Result<Done> checkRoom() const;
  Result<Done> storeInputs() const;
  ExitCode report(const Fold& fold, const EventLog& log, RunEnd end) const;
  RunSetup setup() const;

  const po::variables_map& options_;
  const std::string program_;  // turnout's own path
  const LoadedScenario loaded_;
  const SignalingAccess signaling_;
  const ServerSourceSettings servers_;
  const RunDirectory directory_;
  CheckedLab* const lab_;          // null: no networks
  const std::string public_text_;  // of the scenario, with no secret in it
  const Plan plan_;
  const int hosts_;
  bool has_begun_ = false;
  Loop loop_;
};

Result<Done> ScenarioRun::storeInputs() const {
  if (const auto stored = directory_.write("scenario.json", public_text_); !stored)
    return stored;
  return directory_.write("plan.json", planJson(plan_, loaded_.scenario));
}

RunSetup ScenarioRun::setup() const {
  return {.scenario = loaded_.scenario,
          .scenario_text = public_text_,
          .plan = plan_,
          .run_id = directory_.id(),
          .directory = directory_.path(),
          .turnout_program = program_,
          .host_program = helperProgram(program_, "turnout-bot-host"),
          .signaling = signaling_,
          .lab = lab_ ? &lab_->lab : nullptr,
          .lab_checked = lab_ ? std::optional(lab_->checked) : std::nullopt,
          .versions_json = versionsJson(),
          .hosts = hosts_,
          .server_settings = servers_.layers,
          .server_policy = servers_.policy};
}

Result<RunEnd> ScenarioRun::runCalls(EventLog& log, Fold& fold) {
  const Progress progress(loaded_.scenario, fold);
  ProgressDisplay display(
      loop_, progress,
      options_.count("quiet") ? ProgressDisplay::Style::kSilent : ProgressDisplay::styleFor(stderr),
      stderr);
  for (const Undecidable& threshold : undecidableIn(loaded_.scenario))
    display.note(sentenceOf(threshold));
  LiveRun live(loaded_.scenario, fold, progress);
  const auto page = servePage(live);
  if (!page)
    return page.error();
  directory_.becomeLatest();
  has_begun_ = true;
  if (*page)
    display.note("live page: " + (*page)->url());
  RunRecorder recorder(log, fold, display);
  RunSetup run = setup();
  SampleGrowth growth(loaded_.scenario);
  if (loaded_.scenario.max_calls_per_arm)
    run.judge_sample = [&] { return growth.look(fold.finish()); };
  std::optional<Result<RunEnd>> end;
  RunController controller(loop_, std::move(run), recorder, [&](Result<RunEnd> how) {
    end = std::move(how);
    loop_.quit();
  });
  const auto interrupts = onEndSignals(loop_, [&] {
    display.note(controller.phase() < RunController::Phase::kStoppingHosts
                     ? "stopping: bots leave, then the report; Ctrl-C again kills them"
                     : "killing what still runs");
    controller.interrupt();
  });
  const Timer start = loop_.after(0ms, [&controller] { controller.start(); });
  loop_.run();
  if (*page)
    (*page)->finish();
  return *std::move(end);
}

// nullptr: nobody asked for one.
Result<std::unique_ptr<LiveServer>> ScenarioRun::servePage(LiveRun& live) {
  const auto text = optionValue<std::string>(options_, "serve");
  if (!text)
    return std::unique_ptr<LiveServer>();
  const auto address = liveAddressFrom(*text);
  if (!address)
    return address.error();
  return LiveServer::listen(loop_, live, *address);
}

Result<Done> ScenarioRun::checkRoom() const {
  std::string text;
  for (const std::string& shortage :
       shortages(needsOf(loaded_.scenario, plan_, hosts_), roomOfThisMachine(directory_.path())))
    text += (text.empty() ? "" : "\n") + shortage;
  if (!text.empty())
    return Error{ErrorCode::kEnvironment, text};
  return Done{};
}

Result<Done> ScenarioRun::prepare() const {
  const auto enough = checkRoom();
  return enough ? storeInputs() : enough;
}

ExitCode ScenarioRun::execute() {
  const auto failBeforeIt = [this](const Error& error) {
    if (!has_begun_)
      directory_.discard();
    return fail(error);
  };
  if (const auto prepared = prepare(); !prepared)
    return failBeforeIt(prepared.error());
  const auto log = EventLog::open(loop_, directory_.file("events.jsonl"));
  if (!log)
    return failBeforeIt(log.error());
  Fold fold(loaded_.scenario, plan_);
  const auto end = runCalls(**log, fold);
  if (!end)
    return failBeforeIt(end.error());
  (*log)->flush();
  return report(fold, **log, *end);
}

ExitCode ScenarioRun::report(const Fold& fold, const EventLog& log, RunEnd end) const {
  JudgedRun run = judged({loaded_.scenario, fold.finish()});
  if (log.failure()) {
    run.verdict.add(doubt::LogNotWritten{log.failure()->what});
  }
  const bool screen = !isStdoutTaken(options_);
  if (screen)
    printReport(run.summary, run.verdict,
                options_.count("no-color") ? ScreenStyle::kPlain : ScreenStyle::kColourOnTerminal);
  const auto stored = directory_.write("summary.json", summaryJson(run.summary, run.verdict));
  const auto written = writeReportFiles(options_, run, directory_.path());
  if (screen)
    std::printf("Files: %s\n", directory_.path().c_str());
  const auto printed = finishStdout();
  for (const auto& result : {stored, written, printed}) {
    if (!result)
      fail(result.error());
  }
  // What was asked for and could not be written comes first: who reads it has nothing to go by.
  return !stored || !written || !printed ? ExitCode::kEnvironment
         : end == RunEnd::kInterrupted   ? ExitCode::kInterrupted
                                         : exitCodeOf(run.verdict.ruling);
}

// What is wrong on this side says nothing of a server, so no call is to tell it.
Result<Done> checkAuthorities(const Scenario& scenario) {
  for (const TurnArm& arm : scenario.turn)
    for (const ScenarioServer& server : arm.ice_servers)
      if (!server.tls_ca_file.empty())
        if (const auto good = checkCaFile(server.tls_ca_file, "arm " + arm.name + ": tls.ca_file");
            !good)
          return good;
  return Done{};
}

// A scenario with networks runs in a world of its own, in which this program is started again
// (namespaces.h). Absent: it goes on here.
std::optional<ExitCode> leaveForLab(const Scenario& scenario, const po::variables_map& values,
                                    const Words& words) {
  const bool is_inside = values.count("inside") > 0;
  if (is_inside && !(scenario.networks && isInOwnWorld()))
    return fail({ErrorCode::kUsage, "--inside is for turnout itself"});
  if (!scenario.networks && values.count("as-root"))
    return fail({ErrorCode::kUsage, "--as-root is for a scenario with \"networks\""});
  if (!scenario.networks || is_inside)
    return std::nullopt;
  for (const char* option : {"serve", "signaling"})
    if (values.count(option))
      return fail({ErrorCode::kUsage, std::string("--") + option +
                                          " does not go with a scenario with \"networks\": "
                                          "nothing comes into its lab, or out"});
  Words again{"run", "--inside"};
  again.insert(again.end(), words.begin(), words.end());
  const auto how = values.count("as-root") ? OwnWorld::kAsRoot : OwnWorld::kRootless;
  const auto status = runInOwnWorld(how, again);
  return status ? static_cast<ExitCode>(*status) : fail(status.error());
}

// Whether the sites are what they say. Error (kEnvironment): they are not, and what was found. An interrupt
// ends the process: nothing was begun, and the lab goes with it.
Result<LabCheckReport> lookAt(const Lab& lab, const LabPlaces& places) {
  std::vector<LabCheckPlan::Pair> pairs;
  for (const LabPlaces::Ends& ends : places.pairs)
    pairs.emplace_back(ends.one, ends.other);
  Loop loop;
  LabCheckReport report;
  const auto check =
      LabCheck::start(loop, lab, quickCheckPlan(places.sites, pairs), [&](LabCheckReport done) {
        report = std::move(done);
        loop.quit();
      });
  if (!check)
    return check.error();
  const auto interrupts =
      onEndSignals(loop, [] { std::_Exit(static_cast<int>(ExitCode::kInterrupted)); });
  loop.run();
  if (report.holds())
    return report;
  std::string what = "the lab is not what it says, so no call was made";
  for (const std::string& surprise : labSurprises(report))
    what += "\n  " + surprise;
  return Error{ErrorCode::kEnvironment, what};
}

// Null: the scenario has no networks.
Result<std::unique_ptr<CheckedLab>> labFor(const Scenario& scenario) {
  if (!scenario.networks)
    return std::unique_ptr<CheckedLab>();
  if (const auto furnished = furnishOwnWorld(); !furnished)
    return furnished.error();
  const Instant began = now();
  const LabPlaces places = labPlacesOf(*scenario.networks);
  auto lab = Lab::bringUp(places.sites, scenario.seed);
  if (!lab)
    return lab.error();
  const double up_ms = toMs(now() - began);
  const auto report = lookAt(*lab, places);
  if (!report)
    return report.error();
  return std::make_unique<CheckedLab>(CheckedLab{*std::move(lab),
                                                 {.places = static_cast<int>(places.sites.size()),
                                                  .findings = static_cast<int>(report->findings()),
                                                  .up_ms = up_ms,
                                                  .check_ms = report->check_ms}});
}

std::string absolutePath(const std::string& path) {
  return Owned<char>(g_canonicalize_filename(path.c_str(), nullptr)).get();
}
std::string folderOf(const std::string& file) {
  return Owned<char>(g_path_get_dirname(absolutePath(file).c_str())).get();
}

}  // namespace

ExitCode runCommand(const Words& words) {
  const auto options = parseOptions(runOptions(), words);
  if (!options)
    return fail(options.error());
  if (!*options)
    return ExitCode::kPass;
  const po::variables_map& values = **options;
  const auto files = optionValue<Words>(values, "scenario");
  if (!files || files->size() != 1)
    return fail({ErrorCode::kUsage, "run takes one scenario file, e.g. scenarios/smoke.json"});
  if (const auto checked = checkReportOptions(values); !checked)
    return fail(checked.error());
  if (const auto serve = optionValue<std::string>(values, "serve"))
    if (const auto address = liveAddressFrom(*serve); !address)
      return fail(address.error());
  const auto signaling_url = optionValue<std::string>(values, "signaling");
  auto dialect = optionValue<std::string>(values, "dialect");
  if (signaling_url)
    if (const auto server = serverUrl(*signaling_url); !server)
      return fail({ErrorCode::kUsage, "--signaling: " + server.error().what});
  const auto signaling_start = optionValue<std::string>(values, "signaling-start");
  if (signaling_start && std::ranges::none_of(kEngineStartWords, [&](const auto& known) {
        return known.first == *signaling_start;
      }))
    return fail(
        {ErrorCode::kUsage, "--signaling-start wants websocket, polling or polling-upgrade"});
  if (dialect && dialect->ends_with(".json"))  // by where we are, not where the scenario is
    dialect = absolutePath(*dialect);
  auto loaded = scenarioFrom(
      files->front(),
      {.seed = optionValue<std::int64_t>(values, "seed"),
       .calls_per_arm = optionValue<std::int64_t>(values, "calls"),
       .hosts = optionValue<std::int64_t>(values, "hosts"),
       .profile = optionValue<std::string>(values, "profile"),
       .local_addresses = optionValue<Words>(values, "local-address").value_or(Words{}),
       .bugs = optionValue<Words>(values, "bug").value_or(Words{}),
       .signaling_url = signaling_url,
       .dialect = dialect,
       .signaling_start = signaling_start});
  if (!loaded)
    return fail(loaded.error());
  if (const auto left = leaveForLab(loaded->scenario, values, words))
    return *left;
  if (const auto known = takeSecretsFromEnvironment(loaded->scenario); !known)
    return fail(known.error());
  if (const auto known = checkAuthorities(loaded->scenario); !known)
    return fail(known.error());
  auto signaling = signalingAccess(loaded->scenario.signaling, folderOf(files->front()));
  if (!signaling)
    return fail(signaling.error());
  auto servers = serverSourceSettings(values);
  if (!servers)
    return fail(servers.error());
  auto program = ownProgram();
  if (!program)
    return fail(program.error());
  const auto out = optionValue<std::string>(values, "out");
  if (out && out->empty())
    return fail({ErrorCode::kUsage, "--out is empty: name a folder, or leave it out"});
  const auto lab = labFor(loaded->scenario);
  if (!lab)
    return fail(lab.error());
  auto directory = RunDirectory::create(out.value_or(""), loaded->scenario.name, wallClockText());
  if (!directory)
    return fail(directory.error());
  raiseFileLimit();
  return ScenarioRun(values, *std::move(program), *std::move(loaded), *std::move(signaling),
                     *std::move(servers), *std::move(directory), lab->get())
      .execute();
}

}  // namespace turnout
