// What the doctor says: a line for each thing examined, then the one reason and what to do.
#pragma once

#include "orchestrator/doctor/prescription.h"

#include <string>

namespace turnout {

std::string doctorText(const Examination& seen, const Prescription& prescription);
std::string doctorJson(const Examination& seen, const Prescription& prescription);

}  // namespace turnout
