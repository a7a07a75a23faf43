#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mlx/api.h"

namespace mlx::core::distributed {

namespace detail {
class GroupImpl;
}

/// Whether processes can talk to each other: by any backend, or by the one that is named.
MLX_API bool is_available();
MLX_API bool is_available(const std::string& bk);

/// Processes that work together. Copies are handles on the same group.
class MLX_API Group {
 public:
  explicit Group(std::shared_ptr<detail::GroupImpl> group) : group_(std::move(group)) {}

  /// This process's number in the group, and how many there are.
  int rank() const;
  int size() const;
  /// The processes that give the same color, in the order of their keys; with a negative key that
  /// of their ranks. A group of one can't be split (std::runtime_error).
  Group split(int color, int key = -1) const;

  const std::shared_ptr<detail::GroupImpl>& raw_group() const { return group_; }

 private:
  std::shared_ptr<detail::GroupImpl> group_;
};

/// The group of all processes that were started together, by the backend that is named or by any
/// that is there. Without one it is a group of one, or a std::runtime_error if strict.
MLX_API Group init(bool strict = false, const std::string& bk = "any");

/// For programs that bring the processes together themselves: each calls the function with its own
/// text and gets those of all, in the order of their ranks.
using AllGatherFn = std::function<std::vector<std::string>(const std::string&)>;
/// Makes that function for a number of processes and this one's rank.
using AllGatherFactory = std::function<AllGatherFn(int size, int rank)>;
MLX_API Group init(bool strict, const std::string& bk, AllGatherFactory factory);

/// How many seconds a process waits for others without a sign from them before that is an error:
/// 60, or what the variable MLX_DISTRIBUTED_TIMEOUT says. Throws std::invalid_argument unless it is
/// above 0.
MLX_API double timeout();
MLX_API void set_timeout(double seconds);

/// Forgets the groups that init made, so that it starts anew.
MLX_API void clear_backends();

}  // namespace mlx::core::distributed
