#include "orchestrator/report/html_report.h"

#include "orchestrator/report/page_data.h"
#include "pipelines/base/embedded_file.h"
#include "pipelines/base/gobject_ref.h"

#include <span>
#include <string_view>

#include <glib.h>

namespace turnout {

std::span<const EmbeddedFile> reportPageFiles();  // html/CMakeLists.txt

namespace {

constexpr std::string_view kTemplate = "report.html";
constexpr std::string_view kLibrary = "d3.min.js";

struct PageParts {
  std::string style, library, script;
};

PageParts pageParts() {
  PageParts parts;
  for (const EmbeddedFile& file : reportPageFiles()) {
    if (file.name == kLibrary)
      parts.library = file.bytes;
    else if (file.name.ends_with(".css"))
      parts.style += file.bytes;
    else if (file.name.ends_with(".js"))
      parts.script += file.bytes;
  }
  return parts;
}

// As a source of the content security policy.
std::string hashOf(const std::string& text) {
  const auto* bytes = reinterpret_cast<const guchar*>(text.data());
  GChecksum* checksum = g_checksum_new(G_CHECKSUM_SHA256);
  g_checksum_update(checksum, bytes, static_cast<gssize>(text.size()));
  guint8 digest[32];
  gsize size = sizeof digest;
  g_checksum_get_digest(checksum, digest, &size);
  g_checksum_free(checksum);
  const Owned<char> base64(g_base64_encode(digest, size));
  return "'sha256-" + std::string(base64.get()) + "'";
}

std::string policyFor(const PageParts& parts) {
  return "default-src 'none'; base-uri 'none'; form-action 'none'; script-src " +
         hashOf(parts.library) + " " + hashOf(parts.script) + "; style-src " + hashOf(parts.style);
}

// "</script>" or "<!--" inside a string would end the element or change how it is read.
std::string withoutMarkup(const std::string& json) {
  std::string safe;
  safe.reserve(json.size());
  for (const char c : json) {
    if (c == '<')
      safe += "\\u003c";
    else
      safe += c;
  }
  return safe;
}

// The text of the template's slot {{name}}; nullptr: there is no such slot.
const std::string* slot(std::string_view name, const PageParts& parts, const std::string& policy,
                        const std::string& data) {
  return name == "policy"    ? &policy
         : name == "style"   ? &parts.style
         : name == "library" ? &parts.library
         : name == "script"  ? &parts.script
         : name == "data"    ? &data
                             : nullptr;
}

std::string_view pageTemplate() {
  for (const EmbeddedFile& file : reportPageFiles()) {
    if (file.name == kTemplate)
      return file.bytes;
  }
  TURNOUT_CHECK(false, "the report's template is not compiled in");
}

}  // namespace

std::string htmlReport(const JudgedRun& run, const CallEvents& events) {
  const PageParts parts = pageParts();
  const std::string policy = policyFor(parts);
  const std::string data = withoutMarkup(pageData(run, events));
  std::string page;
  std::string_view rest = pageTemplate();
  for (std::size_t at; (at = rest.find("{{")) != std::string_view::npos;) {
    const std::size_t end = rest.find("}}", at);
    TURNOUT_CHECK(end != std::string_view::npos, "a slot of the report's template has no end");
    const std::string* text = slot(rest.substr(at + 2, end - at - 2), parts, policy, data);
    TURNOUT_CHECK(text, "an unknown slot in the report's template");
    page += rest.substr(0, at);
    page += *text;
    rest.remove_prefix(end + 2);
  }
  page += rest;
  return page;
}

}  // namespace turnout
