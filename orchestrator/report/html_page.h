// One HTML file that needs nothing else: a template with slots {{policy}} {{style}} {{library}}
// {{script}} {{data}}, filled with files that are compiled in (turnout_embed) and with data.
// Nothing from outside becomes markup: data is JSON in a script that does not run, and the content
// security policy lets nothing run but the scripts of the page, by their hashes.
#pragma once

#include "pipelines/base/embedded_file.h"

#include <span>
#include <string>
#include <string_view>

namespace turnout {

struct HtmlPage {
  std::span<const EmbeddedFile> files;  // one *.html, *.css, *.js
  std::string_view library = {};  // the name of one that is put into its own slot; may be none
  std::string policy = {};        // more of it: "; connect-src 'self'"
  std::string data = {};          // JSON
};

std::string htmlPage(const HtmlPage& page);

}  // namespace turnout
