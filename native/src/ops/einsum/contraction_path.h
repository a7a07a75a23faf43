#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ops/einsum/subscripts.h"

namespace mlx::core::einsum_detail {

/// Positions of the operands that one step replaces, in ascending order.
using Step = std::vector<int>;

/// The pairs to contract, the cheapest way for a few operands and greedily for many.
std::vector<Step> find_path(const Subscripts& subscripts);

/// The labels that the product of the operands keeps: those in the result or in others.
Labels kept_labels(const std::vector<Labels>& operands, const Step& step, const Labels& output);

/// The steps with their costs, for people.
std::string describe_path(const Subscripts& subscripts, const std::vector<Step>& path);

}  // namespace mlx::core::einsum_detail
