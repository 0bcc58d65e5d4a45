// ELF symbol interposition: a function of ours that the executable exports stands in front of the
// library's of the same name, for every caller in the process. This is how hooks/ learns what libnice
// hides and changes what it does wrong: functions of libnice and GIO, defined at the ends of the
// hooks' sources. turnout_ice's link options make every executable export them.
#pragma once

#include "pipelines/base/result.h"

#include <dlfcn.h>

namespace turnout {

// The function that ours stands in front of: the next one of that name in the order in which the
// dynamic linker searches. Null: the library that has it is not loaded.
template <class Function>
Function* realFunction(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

// Proves that all of them are in force, on the libraries that are loaded. Call at start-up.
// Error: kInternal, with the function that is not and what cannot be done without it.
Result<Done> checkInterposition();

}  // namespace turnout
