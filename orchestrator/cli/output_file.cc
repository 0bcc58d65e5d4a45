#include "orchestrator/cli/output_file.h"

#include <cstdio>
#include <fstream>

namespace turnout {

Result<Done> writeOutput(const std::string& file, const std::string& text) {
  if (file == "-") {
    std::fwrite(text.data(), 1, text.size(), stdout);
    if (std::fflush(stdout) != 0)
      return Error{ErrorCode::kIo, "stdout cannot be written"};
    return Done{};
  }
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  return out ? Result<Done>(Done{}) : Error{ErrorCode::kIo, file + ": cannot be written"};
}

}  // namespace turnout
