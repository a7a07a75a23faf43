#include "address_spaces.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "host_compiler.h"

namespace mlx::core::gpu::emulator {
namespace {

/// What the emulator's text has before and instead of what it has itself.
constexpr auto head = R"(
#include <bit>
#include <cstddef>
#include <cstdint>
#undef INFINITY
#undef NAN
#define INFINITY __builtin_inff()
#define NAN __builtin_nanf("")
namespace emulator {
void group_barrier();
void simd_barrier();
template <typename T, typename U>
void exchange(const T* value, U* result, size_t bytes, uint32_t from);
uint32_t lane();
uint32_t lanes();
template <typename T>
void atomic_step(T place, size_t bytes, bool writes);
}
#define THREADGROUP_MEMORY(type, alignment) (*(__attribute__((address_space(2))) type*)0)
namespace kernels {
)";

constexpr auto spaces = R"(
#undef device
#undef threadgroup
#undef constant
#define device __attribute__((address_space(1)))
#define threadgroup __attribute__((address_space(2)))
#define constant const __attribute__((address_space(4)))
)";

const char* find_clang() {
  for (auto* name : {"clang++", "clang++-19", "clang++-18", "clang++-16", "clang++-14"})
    if (std::system((std::string(name) + " --version > /dev/null 2>&1").c_str()) == 0) return name;
  return nullptr;
}

const char* clang() {
  static const char* const found = find_clang();
  return found;
}

/// The entry's arguments as pointers into their spaces: buffers and, by reference, values.
std::string with_spaces(const std::string& entry) {
  std::istringstream lines(entry);
  std::string result, line;
  while (std::getline(lines, line)) {
    auto at = line.find("arguments[");
    if (at != line.npos && line.starts_with("  auto ")) {
      // `auto x = (const T*)arguments[0];`
      line.replace(line.rfind('(', at), 1, "(device ");
    } else if (at != line.npos && line.starts_with("  const ")) {
      // `const P& p = *(const P*)arguments[1];`
      line.replace(line.find("const "), 6, "constant ");
      line.replace(line.rfind("(const ", at), 7, "(constant ");
    }
    result += line + "\n";
  }
  return result;
}

/// Outside of OpenCL, clang copies no structs between spaces, which Metal's compiler does.
bool is_copy_of_struct(std::string_view message) {
  for (auto* words : {"array initializer must be", "no viable overloaded '='",
                      "no matching constructor for initialization", "no viable conversion from",
                      "incompatible operand types"})
    if (message.find(words) != message.npos) return true;
  return false;
}

/// What counts of clang's words.
std::string errors_in(std::istream& log) {
  std::string said, line;
  while (std::getline(log, line)) {
    auto at = line.find(" error: ");
    if (at == line.npos || is_copy_of_struct(line)) continue;
    said += "  " + line.substr(at + 1) + "\n";
    if (std::getline(log, line)) said += "  " + line + "\n";
  }
  return said.substr(0, 4000);
}

}  // namespace

bool can_check_address_spaces() { return clang() != nullptr; }

std::string check_address_spaces(const KernelSource& source) {
  static std::atomic<int> count{0};
  std::string bodies = source.bodies;
  // After the prelude's own words for them.
  const std::string_view last = "#define thread\n";
  auto at = bodies.find(last);
  if (at == bodies.npos) return "the text has no prelude";
  bodies.insert(at + last.size(), spaces);
  const std::string text = head + bodies + with_spaces(source.entry) + "}\n";
  auto command = std::string(clang()) + " -std=c++20 -fsyntax-only -w -ferror-limit=0 ";
  const auto kept = kept_file(command + text).string();
  // A text that was found good before still is.
  if (std::filesystem::exists(kept + ".good")) return "";
  auto own = kept + "." + std::to_string(getpid()) + "." + std::to_string(count++);
  std::ofstream(own + ".cpp") << text;
  std::string said;
  if (std::system((command + own + ".cpp 2> " + own + ".log").c_str()) != 0) {
    std::ifstream log(own + ".log");
    if (auto errors = errors_in(log); !errors.empty())
      said = "[emulator] The kernel " + source.name + " mixes address spaces:\n" + errors;
  }
  std::filesystem::remove(own + ".cpp");
  std::filesystem::remove(own + ".log");
  if (said.empty()) std::ofstream(kept + ".good");
  return said;
}

}  // namespace mlx::core::gpu::emulator
