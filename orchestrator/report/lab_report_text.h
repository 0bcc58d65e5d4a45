// The self-check of a network lab for people and for programs (docs/LAB.md). Pure.
#pragma once

#include "pipelines/lab/lab_check.h"

#include <string>
#include <vector>

namespace turnout {

// Tables of the NATs, of which sites meet without a relay, and of the firewalls; "!" marks what is not as
// predicted. Then one sentence.
std::string labCheckText(const LabCheckReport& report);

// A sentence for each finding that is not as predicted, by the names of the sites.
std::vector<std::string> labSurprises(const LabCheckReport& report);

std::string labCheckJson(const LabCheckReport& report);  // indented

}  // namespace turnout
