#pragma once

#include <optional>

#include "mlx/array.h"
#include "mlx/distributed/distributed.h"
#include "mlx/stream_or_device.h"

namespace mlx::core::distributed {

// Every process of the group calls these with arrays of one shape and dtype. Without a group it is
// that of init(). In a group of one they are the array itself.

/// The sum (largest, smallest) of all processes' elements.
MLX_API array all_sum(const array& x, std::optional<Group> group = std::nullopt,
                      StreamOrDevice s = {});
MLX_API array all_max(const array& x, std::optional<Group> group = std::nullopt,
                      StreamOrDevice s = {});
MLX_API array all_min(const array& x, std::optional<Group> group = std::nullopt,
                      StreamOrDevice s = {});

/// All processes' arrays, joined along the first axis.
MLX_API array all_gather(const array& x, std::optional<Group> group = std::nullopt,
                         StreamOrDevice S = {});
/// The sum, of which each process gets its part of the first axis.
MLX_API array sum_scatter(const array& x, std::optional<Group> group = std::nullopt,
                          StreamOrDevice s = {});

/// Sends the array to another process once the result, which is the array again, is evaluated.
/// Throws std::invalid_argument in a group of one and for a process that isn't there.
MLX_API array send(const array& x, int dst, std::optional<Group> group = std::nullopt,
                   StreamOrDevice s = {});
/// An array that another process sends.
MLX_API array recv(Shape shape, Dtype dtype, int src, std::optional<Group> group = std::nullopt,
                   StreamOrDevice s = {});
MLX_API array recv_like(const array& x, int src, std::optional<Group> group = std::nullopt,
                        StreamOrDevice s = {});

}  // namespace mlx::core::distributed
