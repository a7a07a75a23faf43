#pragma once

#include <cstdint>

// The part of libdispatch that tells of the machine's memory. Misuse ends the process, as in
// fake_objc.h.
namespace fake_dispatch {

/// Null for other functions, and for all while there is none.
void* find_symbol(const char* name);
/// Whether the system has it: true at first.
void set_presence(bool is_there);

/// Tells all sources that are for one of these events; their handlers have ended when it returns.
void tell(uintptr_t events);

/// How many sources were made and are not gone.
int live_sources();

}  // namespace fake_dispatch
