// How many descriptors this process may open.
#pragma once

#include <cstddef>

namespace turnout {

// Raises the soft limit to the hard one, which needs no right; the limit as it is then.
std::size_t raiseFileLimit();

}  // namespace turnout
