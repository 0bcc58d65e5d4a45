#include "bots/signaling/app/names.h"

#include <glib.h>

namespace turnout {

bool isName(const std::string& text) {
  if (text.empty() || text.size() > kMaxNameLength)
    return false;
  if (!g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr))
    return false;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at < end; at = g_utf8_next_char(at))
    if (g_unichar_iscntrl(g_utf8_get_char(at)))
      return false;
  return true;
}

}  // namespace turnout
