#include "distributed/call_header.h"

#include <algorithm>

#include "mlx/utils.h"

namespace mlx::core::distributed {

const char* call_name(CallKind kind) {
  switch (kind) {
    case CallKind::all_sum:
      return "all_sum";
    case CallKind::all_max:
      return "all_max";
    case CallKind::all_min:
      return "all_min";
    case CallKind::all_gather:
      return "all_gather";
    case CallKind::sum_scatter:
      return "sum_scatter";
    case CallKind::split:
      return "split";
    case CallKind::init:
      return "init";
    case CallKind::send:
      return "send";
    case CallKind::recv:
      return "recv";
    case CallKind::left:
    case CallKind::lost:
      break;
  }
  return "nothing";
}

CallHeader::CallHeader(CallKind kind, uint64_t number)
    : kind(kind),
      dtype(0),
      item_size(0),
      on_gpu(0),
      dimensions(0),
      number(number),
      elements(0),
      shape{} {}

CallHeader::CallHeader(CallKind kind, uint64_t number, const array& a, bool is_on_gpu)
    : CallHeader(kind, number) {
  on_gpu = is_on_gpu;
  dtype = uint8_t(a.dtype().val());
  item_size = uint8_t(a.itemsize());
  dimensions = uint32_t(a.ndim());
  elements = a.size();
  std::copy_n(a.shape().begin(), std::min<size_t>(a.ndim(), most_dimensions), shape);
}

bool CallHeader::has_same_values(CallHeader other) const {
  other.kind = kind;
  other.number = number;
  return *this == other;
}

std::string CallHeader::values_text() const {
  const bool has_more = dimensions > uint32_t(most_dimensions);
  const Shape known(shape, shape + std::min(dimensions, uint32_t(most_dimensions)));
  return concat_text(dtype_to_string(Dtype(Dtype::Val(dtype), item_size)), " ", known,
                     has_more ? " and further axes" : "", on_gpu ? " on the GPU" : "");
}

std::string CallHeader::text() const {
  const bool has_values = kind != CallKind::split && kind != CallKind::init && !is_farewell();
  return call_name(kind) + (has_values ? " with " + values_text() : "");
}

std::string rank_list(const std::vector<int>& ranks) {
  std::string text = ranks.size() == 1 ? "rank " : "ranks ";
  for (size_t i = 0; i < ranks.size(); ++i) {
    if (i > 0) text += i + 1 == ranks.size() ? " and " : ", ";
    text += std::to_string(ranks[i]);
  }
  return text;
}

std::string calls_text(const std::vector<int>& ranks, const CallHeader& header) {
  return rank_list(ranks) + (ranks.size() == 1 ? " calls " : " call ") + header.text();
}

std::string describe_mismatch(const std::vector<CallHeader>& headers) {
  // Ranks by what they call, in the order of the first ones.
  std::vector<std::vector<int>> groups;
  for (size_t rank = 0; rank < headers.size(); ++rank) {
    auto same = std::find_if(groups.begin(), groups.end(), [&](auto& group) {
      return headers[size_t(group[0])] == headers[rank];
    });
    if (same == groups.end()) same = groups.insert(same, {{}});
    same->push_back(int(rank));
  }
  std::string text = "The processes don't make the same call: ";
  for (auto& group : groups) {
    const CallHeader& header = headers[size_t(group[0])];
    text += concat_text(&group == &groups[0] ? "" : "; ", calls_text(group, header), " (number ",
                        header.number + 1, " of the group)");
  }
  return text + ".";
}

}  // namespace mlx::core::distributed
