#include "kernel_resources.h"

#include <cstring>
#include <optional>
#include <stdexcept>

#include "mlx/utils.h"

namespace mlx::core::gpu {
namespace {

/// Kinds of the section's entries, as cuobjdump names them: EIATTR_REGCOUNT, EIATTR_FRAME_SIZE.
constexpr uint8_t register_count = 0x2f, frame_size = 0x11;
/// An entry with bytes of its own.
constexpr uint8_t sized = 0x04;

// The parts of an ELF file of 64 bits; not every system has a header for them.
struct FileHeader {
  char magic[16];
  uint16_t type, machine;
  uint32_t version;
  uint64_t entry, segments, sections;
  uint32_t flags;
  uint16_t size, segment_size, segment_count, section_size, section_count, names;
};
struct Section {
  uint32_t name, type;
  uint64_t flags, address, offset, size;
  uint32_t link, info;
  uint64_t alignment, entry_size;
};
struct Symbol {
  uint32_t name;
  uint8_t info, other;
  uint16_t section;
  uint64_t value, size;
};
constexpr uint8_t function_symbol = 2;

class Binary {
 public:
  explicit Binary(std::string_view bytes) : bytes_(bytes) {
    header_ = at<FileHeader>(0);
    if (std::string_view(header_.magic, 4) != "\177ELF")
      throw std::runtime_error("a CUDA binary is no ELF file");
  }

  std::optional<uint32_t> symbol(std::string_view name) const {
    auto symbols = section(".symtab"), names = section(".strtab");
    for (uint32_t i = 0; i < symbols.size / sizeof(Symbol); ++i) {
      auto entry = at<Symbol>(symbols.offset + i * sizeof(Symbol));
      if (entry.info % 16 == function_symbol && text(names.offset + entry.name) == name) return i;
    }
    return std::nullopt;
  }

  std::string_view contents(std::string_view name) const {
    auto found = section(name);
    return bytes_.substr(found.offset, found.size);
  }

  template <typename T>
  static T read(std::string_view bytes, size_t offset) {
    T value;
    if (offset + sizeof(T) > bytes.size()) throw std::runtime_error("a CUDA binary is cut off");
    std::memcpy(&value, bytes.data() + offset, sizeof(T));
    return value;
  }

 private:
  template <typename T>
  T at(size_t offset) const {
    return read<T>(bytes_, offset);
  }
  std::string_view text(size_t offset) const {
    auto rest = bytes_.substr(offset);
    return rest.substr(0, rest.find('\0'));
  }
  Section section(size_t number) const {
    return at<Section>(header_.sections + number * sizeof(Section));
  }
  Section section(std::string_view name) const {
    auto names = section(size_t(header_.names));
    for (size_t i = 0; i < header_.section_count; ++i)
      if (auto one = section(i); text(names.offset + one.name) == name) return one;
    throw std::runtime_error(concat_text("a CUDA binary has no section ", std::string(name)));
  }

  std::string_view bytes_;
  FileHeader header_;
};

struct Limit {
  /// What the kernel's name begins with; the first that fits counts.
  const char* kernel;
  uint32_t registers, local_bytes;
};

// A multiprocessor has 65,536 registers. Memory of a thread's own is as slow as any other, so no
// kernel has some.
constexpr Limit limits[] = {
    // A thread holds a tile of the result and the next pieces of both operands; 384 threads fit.
    {"matmul_", 176, 0},
    {"quantized_product_", 176, 0},
    // 512 threads fit, which hide the time that memory takes.
    {"", 128, 0},
};

}  // namespace

KernelResources resources_of(std::string_view bytes, std::string_view kernel) {
  Binary binary(bytes);
  auto symbol = binary.symbol(kernel);
  if (!symbol) throw std::runtime_error(concat_text("no kernel ", std::string(kernel)));
  auto info = binary.contents(".nv.info");
  KernelResources resources;
  // Each entry: its format, its kind, and the size of what follows, or a value of 16 bits instead.
  for (size_t place = 0; place + 4 <= info.size();) {
    auto format = uint8_t(info[place]), kind = uint8_t(info[place + 1]);
    size_t size = format == sized ? Binary::read<uint16_t>(info, place + 2) : 0;
    if (format == sized && size == 8 && (kind == register_count || kind == frame_size)) {
      auto function = Binary::read<uint32_t>(info, place + 4);
      auto value = Binary::read<uint32_t>(info, place + 8);
      // Functions that were not inlined have frames of their own.
      if (kind == frame_size) resources.local_bytes += value;
      if (kind == register_count && function == *symbol) resources.registers = value;
    }
    place += 4 + size;
  }
  return resources;
}

std::string excess_of(const std::string& kernel, const std::string& architecture,
                      const KernelResources& resources) {
  for (auto& limit : limits) {
    if (!kernel.starts_with(limit.kernel)) continue;
    if (resources.registers <= limit.registers && resources.local_bytes <= limit.local_bytes)
      return "";
    return concat_text("The kernel ", kernel, " for ", architecture, " takes ", resources.registers,
                       " registers and ", resources.local_bytes,
                       " bytes of local memory a thread; the limits are ", limit.registers, " and ",
                       limit.local_bytes, ".");
  }
  return "";
}

}  // namespace mlx::core::gpu
