// A file that was compiled into the program by turnout_embed() (turnout_embed.cmake). Lives as long
// as the program.
#pragma once

#include <span>
#include <string_view>

namespace turnout {

struct EmbeddedFile {
  std::string_view name;  // without folder: "index.html"
  std::string_view bytes;
};

}  // namespace turnout
