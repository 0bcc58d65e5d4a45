// Golden files: what a pure function gave when a person last looked at it. A difference fails the
// test; UPDATE_GOLDEN=1 in the environment writes the file anew, and its diff is reviewed like
// code.
#pragma once

#include <string>

namespace turnout {

// Compares with tests/golden/`file`; tests run in the root of the repository.
void expectGolden(const std::string& file, const std::string& actual);

std::string fileText(const std::string& path);  // empty when it cannot be read

}  // namespace turnout
