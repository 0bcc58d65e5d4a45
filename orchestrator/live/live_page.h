// The page of a run that goes on: one HTML file, which reads /events. docs/REPORTS.md.
#pragma once

#include <string>

namespace turnout {

const std::string& livePage();

}  // namespace turnout
