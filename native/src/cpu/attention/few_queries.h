#pragma once

#include "cpu/attention/attention.h"

namespace mlx::core::cpu {

/// Whether packing keys and values would cost more than it saves: as in generating text, where one
/// query meets a long cache.
bool has_few_queries(const AttentionArgs& args);

/// Attention that reads keys and values once, as they lie.
template <typename T>
void attend_few_queries(const AttentionArgs& args, T* out);

}  // namespace mlx::core::cpu
