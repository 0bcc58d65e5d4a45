// The function that one of ours stands in front of: the next one of that name in the order in which
// the dynamic linker searches. Null: the library that has it is not loaded.
#pragma once

#include <dlfcn.h>

namespace turnout {

template <class Function>
Function* realFunction(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace turnout
