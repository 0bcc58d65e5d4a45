#include "orchestrator/report/html_page.h"

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/result.h"

#include <glib.h>

namespace turnout {
namespace {

struct PageParts {
  std::string style, library, script;
};

PageParts partsOf(const HtmlPage& page) {
  PageParts parts;
  for (const EmbeddedFile& file : page.files) {
    if (file.name == page.library)
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

std::string policyFor(const PageParts& parts, const std::string& more) {
  return "default-src 'none'; base-uri 'none'; form-action 'none'; script-src " +
         hashOf(parts.library) + " " + hashOf(parts.script) + "; style-src " + hashOf(parts.style) +
         more;
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

std::string_view templateOf(const HtmlPage& page) {
  for (const EmbeddedFile& file : page.files) {
    if (file.name.ends_with(".html"))
      return file.bytes;
  }
  TURNOUT_CHECK(false, "the template of a page is not compiled in");
}

}  // namespace

std::string htmlPage(const HtmlPage& page) {
  const PageParts parts = partsOf(page);
  const std::string policy = policyFor(parts, page.policy);
  const std::string data = withoutMarkup(page.data);
  std::string text;
  std::string_view rest = templateOf(page);
  for (std::size_t at; (at = rest.find("{{")) != std::string_view::npos;) {
    const std::size_t end = rest.find("}}", at);
    TURNOUT_CHECK(end != std::string_view::npos, "a slot of a page's template has no end");
    const std::string* part = slot(rest.substr(at + 2, end - at - 2), parts, policy, data);
    TURNOUT_CHECK(part, "an unknown slot in a page's template");
    text += rest.substr(0, at);
    text += *part;
    rest.remove_prefix(end + 2);
  }
  text += rest;
  return text;
}

}  // namespace turnout
