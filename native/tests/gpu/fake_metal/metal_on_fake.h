#pragma once

#include <memory>

#include "fake_metal.h"
#include "metal/machine.h"

namespace fake_metal {

/// src/metal's functions, found in the fake. Each call looks anew, as `behaviour` says.
std::unique_ptr<mlx::core::metal::ObjectiveC> load();

/// src/metal's machine on the fake, for the process: what a Mac's addon asks. MLX_FAKE_METAL says
/// what goes wrong: "none", "wrong=NAME of a kernel", "fail=NUMBER of a command buffer",
/// "full=BYTES".
mlx::core::metal::Machine& machine();

/// Its device.
mlx::core::metal::MetalDevice& device();

}  // namespace fake_metal
