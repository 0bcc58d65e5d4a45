// What sanitizers do and let pass, in every program that is built with one (./dev test --sanitize=KIND).
// In the program and not in the environment: so children have it too, and whoever starts one by hand.
// Reports go to files that ./dev looks for afterwards; nobody reads what a killed bot host printed.
//
// Each suppression names a library that is not ours, what it does, and why that is no fault of ours.

extern "C" {

const char* __asan_default_options() {
  return "log_path=" TURNOUT_REPORTS ":detect_stack_use_after_return=1:strict_string_checks=1";
}

const char* __ubsan_default_options() {
  return "log_path=" TURNOUT_REPORTS ":print_stacktrace=1";
}

const char* __tsan_default_options() {
  return "log_path=" TURNOUT_REPORTS;
}

const char* __lsan_default_suppressions() {
  return "";
}

const char* __tsan_default_suppressions() {
  return "";
}

}  // extern "C"
