#pragma once

#include <string>
#include <vector>

#include "mlx/array.h"

namespace mlx::core::distributed {

/// What a process of a group can ask of the others.
enum class CallKind : uint8_t {
  all_sum,
  all_max,
  all_min,
  all_gather,
  sum_scatter,
  split,
  /// All tell each other what they need to know for later calls.
  init,
  send,
  recv,
  /// No call: the process ends, in order.
  left,
  /// No call: the process ends, with a call under way or given up.
  lost,
};

/// As errors name it.
const char* call_name(CallKind kind);

/// What a process tells the others before any values, so that they notice when they don't mean the
/// same. It crosses as it is: all processes run this program.
struct CallHeader {
  static constexpr int most_dimensions = 11;

  CallKind kind;
  uint8_t dtype;
  uint8_t item_size;
  /// Whether the values are on the processes' GPUs, which exchange them.
  uint8_t on_gpu;
  uint32_t dimensions;
  /// How many calls of the group came before.
  uint64_t number;
  uint64_t elements;
  /// Of the first dimensions.
  int32_t shape[most_dimensions];

  CallHeader(CallKind kind, uint64_t number);
  CallHeader(CallKind kind, uint64_t number, const array& a, bool on_gpu = false);

  bool operator==(const CallHeader&) const = default;
  /// Whether the process makes no more calls.
  bool is_farewell() const { return kind == CallKind::left || kind == CallKind::lost; }
  /// Whether both are about values of one shape and dtype.
  bool has_same_values(CallHeader other) const;
  /// Of the values.
  size_t bytes() const { return size_t(elements) * item_size; }
  /// "float32 (2,3)".
  std::string values_text() const;
  /// "all_sum with float32 (2,3)".
  std::string text() const;
};

/// "rank 1", "ranks 1, 2 and 5".
std::string rank_list(const std::vector<int>& ranks);
/// "ranks 1 and 2 call all_sum with float32 (2,3)".
std::string calls_text(const std::vector<int>& ranks, const CallHeader& header);
/// For processes that made different calls, by rank.
std::string describe_mismatch(const std::vector<CallHeader>& headers);

}  // namespace mlx::core::distributed
