#pragma once

#include <string>

namespace mlx::core::gpu::emulator {

/// The line of a kernel's text that an address in its code belongs to, with the line's words:
/// "line 812: part[i] = x[i];". Slow; for messages.
std::string place_of(const void* code);

/// Whether two addresses belong to the same line, through all functions that were inlined there: a
/// compiler may have copied it.
bool are_one_place(const void* a, const void* b);

/// The function's name at its very beginning.
std::string name_of(const void* entry);

}  // namespace mlx::core::gpu::emulator
