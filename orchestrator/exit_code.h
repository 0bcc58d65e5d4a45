// Every exit code of `turnout`. The numbers follow k6 where k6 has one, so that CI scripts carry
// over.
#pragma once

#include "pipelines/base/result.h"

namespace turnout {

enum class ExitCode {
  kPass = 0,           // every threshold holds (or the command did what it should)
  kUsage = 2,          // the command line is wrong
  kInconclusive = 98,  // neither pass nor fail: turnout was in the way, or so few calls leave it
                       // open
  kThresholdsFailed = 99,  // the run is sound, and a threshold does not hold; or, of compare with a
                           // baseline, something is worse than it
  kBadScenario = 104,      // a scenario or stored run cannot be used
  kInterrupted = 105,      // Ctrl-C: what there is was reported
  kEnvironment = 106,      // the machine lacks something: a package, a right, disk space
  kInternal = 107,         // a bug of turnout
};

inline ExitCode exitCodeOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUsage:
      return ExitCode::kUsage;
    case ErrorCode::kBadScenario:
      return ExitCode::kBadScenario;
    case ErrorCode::kEnvironment:
    case ErrorCode::kIo:
      return ExitCode::kEnvironment;
    case ErrorCode::kInternal:
      break;
  }
  return ExitCode::kInternal;
}

}  // namespace turnout
