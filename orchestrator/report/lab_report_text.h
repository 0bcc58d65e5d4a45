// The self-check of a network lab for people and for programs (docs/LAB.md). Pure.
#pragma once

#include "pipelines/lab/lab_check.h"

#include <string>

namespace turnout {

// Tables of the NATs, of which sites meet without a relay, and of the firewalls; "!" marks what is not as
// predicted. Then one sentence.
std::string labCheckText(const LabCheckReport& report);

std::string labCheckJson(const LabCheckReport& report);  // indented

}  // namespace turnout
