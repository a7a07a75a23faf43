// Groups of processes. A group crosses as its number in a table of the process, where it stays;
// null is the group that init gives.

#include "mlx/distributed/distributed.h"

#include <mutex>

#include "binder.h"
#include "mlx/distributed/ops.h"

namespace mlx::addon {
namespace {

using core::array;
using core::StreamOrDevice;
using core::distributed::Group;

class GroupTable {
 public:
  int add(const Group& group) {
    std::lock_guard lock(mutex_);
    for (size_t i = 0; i < groups_.size(); ++i)
      if (groups_[i].raw_group() == group.raw_group()) return int(i);
    groups_.push_back(group);
    return int(groups_.size()) - 1;
  }
  Group at(int number) {
    std::lock_guard lock(mutex_);
    return groups_.at(size_t(number));
  }

 private:
  std::mutex mutex_;
  std::vector<Group> groups_;
};

GroupTable& table() {
  static GroupTable& table = *new GroupTable;
  return table;
}

std::optional<Group> group_of(std::optional<int> number) {
  if (!number) return std::nullopt;
  return table().at(*number);
}

template <auto function>
Function collective(const char* name) {
  return bind(name, [](const array& x, std::optional<int> group, StreamOrDevice s) {
    return function(x, group_of(group), s);
  });
}

}  // namespace

FunctionTable distributed_functions() {
  namespace distributed = core::distributed;
  return {
      bind("distributedIsAvailable",
           [](const std::string& backend) { return distributed::is_available(backend); }),
      bind("distributedInit",
           [](bool strict, const std::string& backend) {
             return table().add(distributed::init(strict, backend));
           }),
      bind("distributedSetTimeout", [](double seconds) { distributed::set_timeout(seconds); }),
      bind("distributedRank", [](int group) { return table().at(group).rank(); }),
      bind("distributedSize", [](int group) { return table().at(group).size(); }),
      bind("distributedSplit",
           [](int group, int color, int key) {
             return table().add(table().at(group).split(color, key));
           }),
      collective<distributed::all_sum>("distributedAllSum"),
      collective<distributed::all_max>("distributedAllMax"),
      collective<distributed::all_min>("distributedAllMin"),
      collective<distributed::all_gather>("distributedAllGather"),
      collective<distributed::sum_scatter>("distributedSumScatter"),
      bind("distributedSend",
           [](const array& x, int dst, std::optional<int> group, StreamOrDevice s) {
             return distributed::send(x, dst, group_of(group), s);
           }),
      bind("distributedRecv",
           [](core::Shape shape, core::Dtype dtype, int src, std::optional<int> group,
              StreamOrDevice s) {
             return distributed::recv(std::move(shape), dtype, src, group_of(group), s);
           }),
      bind("distributedRecvLike",
           [](const array& x, int src, std::optional<int> group, StreamOrDevice s) {
             return distributed::recv_like(x, src, group_of(group), s);
           }),
  };
}

}  // namespace mlx::addon
