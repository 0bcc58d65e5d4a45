// ELF symbol interposition: a function of ours that the executable exports stands in front of the
// library's of the same name, for every caller in the process. allocate_hook.h tells what for.
#pragma once

#include <dlfcn.h>

namespace turnout {

// The function that ours stands in front of: the next one of that name in the order in which the
// dynamic linker searches. Null: the library that has it is not loaded.
template <class Function>
Function* realFunction(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

// Whether other libraries call ours, and it has one to call.
template <class Function>
bool isInterposed(const char* name, Function* ours) {
  return dlsym(RTLD_DEFAULT, name) == reinterpret_cast<void*>(ours) &&
         realFunction<Function>(name) != nullptr;
}

}  // namespace turnout
