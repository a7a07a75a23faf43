#pragma once

#include <string>

namespace mlx::core::io {

/// open(2), which tries again when there are no more descriptors and a collection freed some;
/// negative, with errno, if there is none.
int open_descriptor(const std::string& name, int flags);

/// Whether errno says that there are no more descriptors.
bool is_out_of_descriptors();

}  // namespace mlx::core::io
