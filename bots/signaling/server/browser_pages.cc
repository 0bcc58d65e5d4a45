#include "bots/signaling/server/browser_pages.h"

#include "pipelines/base/embedded_file.h"
#include "pipelines/base/result.h"

namespace turnout {

std::span<const EmbeddedFile> pageFiles();  // written by turnout_embed() of page/CMakeLists.txt

namespace {

// Browsers refuse modules and style sheets of another type, the more so with nosniff.
constexpr std::pair<std::string_view, const char*> kTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
};

const char* typeOf(std::string_view name) {
  for (const auto& [ending, type] : kTypes)
    if (name.ends_with(ending))
      return type;
  TURNOUT_CHECK(false, "a file of the page has a type that kTypes does not name");
  return nullptr;
}

std::vector<std::pair<const char*, const char*>> pageHeaders() {
  return {
      {"Cache-Control", "no-cache"},  // a new program may bring a new page
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
       "media-src 'self' blob: mediastream:; connect-src 'self'; form-action 'none'; "
       "base-uri 'none'; frame-ancestors 'none'"},
      {"Referrer-Policy", "no-referrer"},  // parameters may hold secrets
      {"X-Content-Type-Options", "nosniff"},
  };
}

}  // namespace

std::vector<EngineServer::Page> browserPages() {
  std::vector<EngineServer::Page> pages;
  for (const EmbeddedFile& file : pageFiles()) {
    const std::string path = file.name == "index.html" ? "/" : "/page/" + std::string(file.name);
    pages.push_back({path, typeOf(file.name), [bytes = file.bytes] { return std::string(bytes); },
                     pageHeaders()});
  }
  return pages;
}

}  // namespace turnout
