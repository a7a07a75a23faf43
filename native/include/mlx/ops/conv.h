#pragma once

#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "mlx/array.h"
#include "mlx/stream_or_device.h"

namespace mlx::core {

// Convolutions as neural networks have them (no flipped kernel). input is (N, spatial..., C_in),
// weight (C_out, kernel..., C_in / groups), the result (N, spatial..., C_out). Throws ShapeError
// when these don't fit and std::invalid_argument for sizes and steps that make no sense.

MLX_API array conv1d(const array& input, const array& weight, int stride = 1, int padding = 0,
                     int dilation = 1, int groups = 1, StreamOrDevice s = {});
MLX_API array conv2d(const array& input, const array& weight,
                     const std::pair<int, int>& stride = {1, 1},
                     const std::pair<int, int>& padding = {0, 0},
                     const std::pair<int, int>& dilation = {1, 1}, int groups = 1,
                     StreamOrDevice s = {});
MLX_API array conv3d(const array& input, const array& weight,
                     const std::tuple<int, int, int>& stride = {1, 1, 1},
                     const std::tuple<int, int, int>& padding = {0, 0, 0},
                     const std::tuple<int, int, int>& dilation = {1, 1, 1}, int groups = 1,
                     StreamOrDevice s = {});

// The gradient of the convolution with these parameters for its input; output_padding adds to the
// far end of the result.

MLX_API array conv_transpose1d(const array& input, const array& weight, int stride = 1,
                               int padding = 0, int dilation = 1, int output_padding = 0,
                               int groups = 1, StreamOrDevice s = {});
MLX_API array conv_transpose2d(const array& input, const array& weight,
                               const std::pair<int, int>& stride = {1, 1},
                               const std::pair<int, int>& padding = {0, 0},
                               const std::pair<int, int>& dilation = {1, 1},
                               const std::pair<int, int>& output_padding = {0, 0}, int groups = 1,
                               StreamOrDevice s = {});
MLX_API array conv_transpose3d(const array& input, const array& weight,
                               const std::tuple<int, int, int>& stride = {1, 1, 1},
                               const std::tuple<int, int, int>& padding = {0, 0, 0},
                               const std::tuple<int, int, int>& dilation = {1, 1, 1},
                               const std::tuple<int, int, int>& output_padding = {0, 0, 0},
                               int groups = 1, StreamOrDevice s = {});

/// All parameters, one value for each spatial axis, one for all, or none for the default (1, and 0
/// for padding). input_dilation puts zeros between the input's elements; flip turns the kernel
/// around; negative padding crops.
MLX_API array conv_general(array input, array weight, std::vector<int> stride,
                           std::vector<int> padding_lo, std::vector<int> padding_hi,
                           std::vector<int> kernel_dilation, std::vector<int> input_dilation,
                           int groups = 1, bool flip = false, StreamOrDevice s = {});
/// The same padding at both ends.
inline array conv_general(const array& input, const array& weight, std::vector<int> stride = {},
                          std::vector<int> padding = {}, std::vector<int> kernel_dilation = {},
                          std::vector<int> input_dilation = {}, int groups = 1, bool flip = false,
                          StreamOrDevice s = {}) {
  return conv_general(input, weight, std::move(stride), padding, padding,
                      std::move(kernel_dilation), std::move(input_dilation), groups, flip, s);
}

/// The convolution of two vectors, sums of a[i] * v[k - i]: where they overlap at all (mode
/// "full"), wholly ("valid"), or as many places in the middle as the longer one has ("same").
MLX_API array convolve(const array& a, const array& v, const std::string& mode = "full",
                       StreamOrDevice s = {});

}  // namespace mlx::core
