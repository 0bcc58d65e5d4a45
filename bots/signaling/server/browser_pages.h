// The page by which a browser takes part in rooms, calls and matches (docs/BROWSER.md): the files
// of page/, compiled in, and how each is served. GET / is the page, /page/NAME its parts.
#pragma once

#include "bots/signaling/server/engine_server.h"

#include <vector>

namespace turnout {

std::vector<EngineServer::Page> browserPages();

}  // namespace turnout
