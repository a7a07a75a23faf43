#include "runtime/cgroup.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <vector>

namespace mlx::core {

namespace {

/// Where a hierarchy is mounted: `root` is the group that the mount point shows.
struct Mount {
  std::string root;
  std::string point;
};

bool contains(const std::string& comma_list, const std::string& word) {
  std::istringstream items(comma_list);
  for (std::string item; std::getline(items, item, ',');)
    if (item == word) return true;
  return false;
}

/// The mount of a version 1 controller, or of version 2 for an empty name.
std::optional<Mount> find_mount(const std::string& proc_self, const std::string& controller) {
  std::ifstream file(proc_self + "/mountinfo");
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string id, parent, device, word, type, source, options;
    Mount mount;
    fields >> id >> parent >> device >> mount.root >> mount.point;
    // A varying number of optional fields ends with a dash.
    while (fields >> word && word != "-") {
    }
    fields >> type >> source >> options;
    if (controller.empty() ? type == "cgroup2" : type == "cgroup" && contains(options, controller))
      return mount;
  }
  return std::nullopt;
}

/// The process's group in a version 1 controller's hierarchy, or in version 2's for an empty name.
std::optional<std::string> find_group(const std::string& proc_self, const std::string& controller) {
  std::ifstream file(proc_self + "/cgroup");
  for (std::string line; std::getline(file, line);) {
    size_t first = line.find(':');
    size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    std::string controllers = line.substr(first + 1, second - first - 1);
    if (controller.empty() ? controllers.empty() : contains(controllers, controller))
      return line.substr(second + 1);
  }
  return std::nullopt;
}

/// The directories of the process's group and of all above it that can be seen, innermost first.
std::vector<std::string> group_directories(const std::string& proc_self,
                                           const std::string& controller) {
  auto mount = find_mount(proc_self, controller);
  auto group = find_group(proc_self, controller);
  if (!mount || !group) return {};
  std::string path = *group;
  if (mount->root != "/") {
    // In a container the mount may show only its own group, though the path is the host's.
    bool below = path.starts_with(mount->root + "/");
    path = below ? path.substr(mount->root.size()) : "";
  }
  while (path.ends_with('/')) path.pop_back();

  std::vector<std::string> directories;
  for (;;) {
    directories.push_back(mount->point + path);
    if (path.empty()) return directories;
    size_t slash = path.rfind('/');
    path.resize(slash == std::string::npos ? 0 : slash);
  }
}

/// A file's first number; nothing for "max" or a missing file.
template <typename T>
std::optional<T> read_number(const std::string& path) {
  std::ifstream file(path);
  T value;
  if (file >> value) return value;
  return std::nullopt;
}

template <typename T>
void lower(std::optional<T>& limit, T value) {
  limit = limit ? std::min(*limit, value) : value;
}

}  // namespace

CgroupLimits read_cgroup_limits(const std::string& proc_self) {
  CgroupLimits limits;
  for (const std::string& group : group_directories(proc_self, "")) {
    if (auto bytes = read_number<size_t>(group + "/memory.max")) lower(limits.memory_bytes, *bytes);
    std::ifstream file(group + "/cpu.max");
    double quota, period;
    if (file >> quota >> period && period > 0) lower(limits.cpus, quota / period);
  }
  for (const std::string& group : group_directories(proc_self, "memory"))
    if (auto bytes = read_number<size_t>(group + "/memory.limit_in_bytes"))
      lower(limits.memory_bytes, *bytes);
  for (const std::string& group : group_directories(proc_self, "cpu")) {
    auto quota = read_number<double>(group + "/cpu.cfs_quota_us");
    auto period = read_number<double>(group + "/cpu.cfs_period_us");
    // A quota of -1 means none.
    if (quota && period && *quota > 0 && *period > 0) lower(limits.cpus, *quota / *period);
  }
  return limits;
}

}  // namespace mlx::core
