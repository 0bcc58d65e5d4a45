// What sanitizers do and let pass, in every program that is built with one (./dev test --sanitize=KIND).
// In the program and not in the environment: so children have it too, and whoever starts one by hand.
// Reports go to files that ./dev looks for afterwards; nobody reads what a killed bot host printed.
//
// Each suppression names a library that is not ours, what it does, and why that is no fault of ours.

extern "C" {

const char* __asan_default_options() {
  return "log_path=" TURNOUT_REPORTS
         ":detect_stack_use_after_return=1:strict_string_checks=1"
         ":print_suppressions=0";
}

const char* __ubsan_default_options() {
  return "log_path=" TURNOUT_REPORTS ":print_stacktrace=1";
}

// Libraries are not built for it: what they do among themselves is not looked at.
const char* __tsan_default_options() {
  return "log_path=" TURNOUT_REPORTS ":ignore_noninstrumented_modules=1:print_suppressions=0";
}

// GLib (2.74): the table of quarks, from its initialiser, and the smaller ones that it replaced stay for good
// (glib/gquark.c). Stacks end at g_malloc, as Debian's GLib has no frame pointers; objects and structures
// come from g_malloc0 and are watched.
const char* __lsan_default_suppressions() {
  return "leak:^g_malloc$\n";
}

// What is handed from one thread to another through GLib, whose locks it cannot see: the closure of a signal
// (pipelines/base/signal.h), a function posted to a loop (GMainContext), the reply of a promise, the data
// of a pad probe.
const char* __tsan_default_suppressions() {
  return "race:turnout::SignalThunk\n"
         "race:turnout::WebrtcPeer::connectSignals\n"
         "race:turnout::WebrtcPeer::describe\n"
         "race:turnout::ReceivePath::findReceiveQueue\n"
         "race:_GMainContext\n"
         "race:pipelines/base/loop.cc\n";
}

}  // extern "C"
