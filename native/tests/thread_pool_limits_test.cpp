#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "runtime/cgroup.h"
#include "runtime/cpu_count.h"
#include "runtime/machine_memory.h"
#include "runtime/thread_pool.h"

using namespace mlx::core;
namespace fs = std::filesystem;

namespace {

/// A made-up /proc/self and cgroup file system.
struct FakeSystem {
  fs::path root = fs::temp_directory_path() / ("mlx-cgroup-test-" + std::to_string(getpid()));

  FakeSystem() { fs::create_directories(root); }
  ~FakeSystem() { fs::remove_all(root); }

  void write(const std::string& path, const std::string& text) {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path) << text;
  }
  CgroupLimits read() { return read_cgroup_limits(root.string()); }
};

}  // namespace

TEST_CASE("cgroup version 2: the tightest limit up to the root counts") {
  FakeSystem system;
  system.write("cgroup", "0::/outer/inner\n");
  system.write("mountinfo", "30 23 0:26 / " + (system.root / "fs").string() +
                                " rw,nosuid shared:9 - cgroup2 cgroup2 rw\n");
  system.write("fs/outer/inner/memory.max", "max\n");
  system.write("fs/outer/memory.max", "1000000\n");
  system.write("fs/outer/inner/cpu.max", "150000 100000\n");
  system.write("fs/outer/cpu.max", "max 100000\n");
  CgroupLimits limits = system.read();
  CHECK(limits.memory_bytes == 1000000);
  CHECK(limits.cpus == 1.5);
}

TEST_CASE("cgroup version 1, seen from a container that shows only its own group") {
  FakeSystem system;
  std::string fs_root = (system.root / "fs").string();
  system.write("cgroup", "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n0::/\n");
  system.write("mountinfo", "33 25 0:29 /docker/abc " + fs_root +
                                "/memory ro master:15 - cgroup cgroup rw,memory\n"
                                "34 25 0:30 /docker/abc " +
                                fs_root + "/cpu ro - cgroup cgroup rw,cpu,cpuacct\n");
  system.write("fs/memory/memory.limit_in_bytes", "2000000\n");
  system.write("fs/cpu/cpu.cfs_quota_us", "50000\n");
  system.write("fs/cpu/cpu.cfs_period_us", "100000\n");
  CgroupLimits limits = system.read();
  CHECK(limits.memory_bytes == 2000000);
  CHECK(limits.cpus == 0.5);

  system.write("fs/cpu/cpu.cfs_quota_us", "-1\n");
  CHECK_FALSE(system.read().cpus.has_value());
}

TEST_CASE("no cgroups, no limits") {
  FakeSystem system;
  CHECK_FALSE(system.read().memory_bytes.has_value());
  CHECK_FALSE(system.read().cpus.has_value());
  system.write("cgroup", "nonsense\n:\n");
  system.write("mountinfo", "1 2\n\n");
  CHECK_FALSE(system.read().memory_bytes.has_value());
}

TEST_CASE("usable CPUs and memory are the smaller of machine and cgroup") {
  int all = usable_cpus({});
  CHECK(all >= 1);
  CHECK(usable_cpus({.memory_bytes = {}, .cpus = 0.2}) == 1);
  CHECK(usable_cpus({.memory_bytes = {}, .cpus = 1e6}) == all);
  CHECK(usable_memory({}) == physical_memory());
  CHECK(usable_memory({.memory_bytes = 4096, .cpus = {}}) == 4096);
  CHECK(usable_memory({.memory_bytes = SIZE_MAX, .cpus = {}}) == physical_memory());
}

TEST_CASE("MLX_NUM_THREADS overrides, unless it is no sensible number") {
  CHECK(thread_count(nullptr, 6) == 6);
  CHECK(thread_count("", 6) == 6);
  CHECK(thread_count("1", 6) == 1);
  CHECK(thread_count("32", 6) == 32);
  for (const char* wrong : {"0", "-2", "many", "3 threads", "99999999999999999999"})
    CHECK(thread_count(wrong, 6) == 6);
}

TEST_CASE("set_num_threads keeps to at least one") {
  int before = num_threads();
  set_num_threads(0);
  CHECK(num_threads() == 1);
  set_num_threads(before);
}
