#pragma once

#include <vector>

#include "export/node_kind.h"

namespace mlx::core {

// The kinds of nodes, a list for each file of this folder; node_kinds.cpp joins them.

std::vector<NodeKind> attention_kinds();
std::vector<NodeKind> conv_kinds();
std::vector<NodeKind> creation_kinds();
std::vector<NodeKind> elementwise_kinds();
std::vector<NodeKind> fft_kinds();
std::vector<NodeKind> graph_kinds();
std::vector<NodeKind> hadamard_kinds();
std::vector<NodeKind> index_kinds();
std::vector<NodeKind> join_kinds();
std::vector<NodeKind> linalg_kinds();
std::vector<NodeKind> matmul_kinds();
std::vector<NodeKind> normalization_kinds();
std::vector<NodeKind> quantized_kinds();
std::vector<NodeKind> random_kinds();
std::vector<NodeKind> reduce_kinds();
std::vector<NodeKind> rope_kinds();
std::vector<NodeKind> scan_kinds();
std::vector<NodeKind> selective_matmul_kinds();
std::vector<NodeKind> shape_kinds();
std::vector<NodeKind> slice_kinds();
std::vector<NodeKind> softmax_kinds();
std::vector<NodeKind> sort_kinds();

}  // namespace mlx::core
