#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "distributed/peer_group.h"
#include "mlx/utils.h"

namespace mlx::core::distributed {

// What the calls of a PeerGroup have in common.

/// Of a header with values: what MPI sends at once, without asking the receiver first.
constexpr size_t small_message = 4032;
constexpr size_t small_values = small_message - sizeof(CallHeader);

inline std::string in_brackets(CallKind kind) {
  return concat_text("[distributed.", call_name(kind), "] ");
}

inline CallHeader header_in(const std::byte* message) {
  CallHeader header(CallKind::left, 0);
  std::memcpy(&header, message, sizeof header);
  return header;
}

inline const std::byte* bytes_of(const array& a) { return a.data<std::byte>(); }

/// The call failed, and with it the group.
[[noreturn]] inline void fail(CallKind kind, const std::string& reason) {
  throw EngineError(in_brackets(kind) + reason);
}

inline std::string incomplete_text(const std::vector<int>& left) {
  return concat_text("The group is incomplete: ", rank_list(left),
                     left.size() == 1 ? " has" : " have", " ended.");
}

[[noreturn]] inline void throw_incomplete(CallKind kind, const std::vector<int>& left) {
  fail(kind, incomplete_text(left));
}

}  // namespace mlx::core::distributed
