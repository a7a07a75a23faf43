#pragma once

// Marks what the engine shows to programs outside it; everything else is hidden from the linker.
#define MLX_API __attribute__((visibility("default")))
