#include "access_checker.h"

#include <dlfcn.h>
#ifdef __linux__
#include <link.h>
#endif
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <sstream>

namespace mlx::core::gpu::emulator {
namespace {

constexpr size_t most_shared_bytes = 32 * 1024, gap = 64;
// With a gap after each of many small arrays.
constexpr size_t shared_space = 4 * most_shared_bytes;
constexpr size_t most_checked_bytes = 16 << 20;
constexpr uint16_t several = 0xffff, one_simdgroup = 0x8000;
constexpr unsigned char poison = 0xff;
constexpr int not_an_argument = -1;

template <typename... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream os;
  (os << ... << parts);
  return os.str();
}

const char* verb(AccessChecker::Kind kind) {
  switch (kind) {
    case AccessChecker::Kind::read:
      return "reads";
    case AccessChecker::Kind::write:
      return "writes";
    case AccessChecker::Kind::atomic_read:
      return "atomically reads";
    case AccessChecker::Kind::atomic_write:
      break;
  }
  return "atomically changes";
}

bool writes(AccessChecker::Kind kind) {
  return kind == AccessChecker::Kind::write || kind == AccessChecker::Kind::atomic_write;
}
bool is_atomic(AccessChecker::Kind kind) { return kind >= AccessChecker::Kind::atomic_read; }

}  // namespace

AccessChecker::AccessChecker()
    : shared_memory_(std::make_unique<char[]>(shared_space)), shared_touches_(shared_space / 4) {
  void* memory = mmap(nullptr, most_checked_bytes / 4 * sizeof(Touches), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  touches_ = static_cast<Touches*>(memory);
}

AccessChecker::~AccessChecker() { munmap(touches_, most_checked_bytes / 4 * sizeof(Touches)); }

void AccessChecker::begin_launch(std::span<const Region> regions, void* const* arguments,
                                 const void* entry) {
  regions_.clear();
  last_ = 0;
  is_checked_ = !regions.empty();
  size_t used = 0;
  for (auto& region : regions) {
    auto same = std::ranges::find(regions_, region.begin, &Checked::begin);
    if (same != regions_.end()) {
      same->access = Access(uint8_t(same->access) | uint8_t(region.access));
      continue;
    }
    size_t bytes = (region.size + 3) / 4 * 4;
    bool fits = used + bytes <= most_checked_bytes;
    regions_.push_back({region.begin, region.size, region.access, region.argument,
                        fits ? touches_ + used / 4 : nullptr});
    if (fits) used += bytes;
  }
  // The entry reads where its arguments are.
  if (is_checked_)
    regions_.push_back({reinterpret_cast<const char*>(arguments), regions.size() * sizeof(void*),
                        Access::read, not_an_argument, nullptr});
  launch_begin_ = ++now_;
  library_begin_ = library_end_ = 0;
#ifdef __linux__
  // Constants of the text are in its library.
  Dl_info info;
  link_map* map = nullptr;
  if (dladdr1(entry, &info, reinterpret_cast<void**>(&map), RTLD_DL_LINKMAP)) {
    library_begin_ = reinterpret_cast<uintptr_t>(info.dli_fbase);
    auto* header = static_cast<const ElfW(Ehdr)*>(info.dli_fbase);
    auto* segments = reinterpret_cast<const ElfW(Phdr)*>(static_cast<const char*>(info.dli_fbase) +
                                                         header->e_phoff);
    for (int i = 0; i < header->e_phnum; ++i)
      if (segments[i].p_type == PT_LOAD)
        library_end_ = std::max<uintptr_t>(
            library_end_, library_begin_ + segments[i].p_vaddr + segments[i].p_memsz);
  }
#else
  (void)entry;
  library_end_ = UINTPTR_MAX;
#endif
}

void AccessChecker::begin_group() {
  group_begin_ = group_barrier_ = ++now_;
  std::fill(std::begin(simd_barrier_), std::end(simd_barrier_), now_);
  std::memset(shared_memory_.get(), poison, std::max(shared_end_, gap));
  shared_.clear();
  shared_bytes_ = shared_end_ = 0;
}

void AccessChecker::pass_group_barrier() { group_barrier_ = ++now_; }
void AccessChecker::pass_simd_barrier(uint32_t simd) { simd_barrier_[simd] = ++now_; }

void* AccessChecker::threadgroup_memory(const void* declaration, size_t bytes, size_t alignment) {
  for (auto& array : shared_)
    if (array.declaration == declaration) return shared_memory_.get() + array.offset;
  shared_bytes_ = (shared_bytes_ + alignment - 1) / alignment * alignment + bytes;
  if (shared_bytes_ > most_shared_bytes) return nullptr;
  size_t offset = (shared_end_ + gap + 63) / 64 * 64;
  if (offset + bytes > shared_space) return nullptr;
  std::memset(shared_memory_.get() + shared_end_, poison, offset + bytes - shared_end_);
  shared_end_ = offset + bytes;
  shared_.push_back({declaration, offset, bytes});
  return shared_memory_.get() + offset;
}

const AccessChecker::Checked* AccessChecker::find(uintptr_t place) {
  auto holds = [&](const Checked& region) {
    return place - reinterpret_cast<uintptr_t>(region.begin) < region.size;
  };
  if (last_ < regions_.size() && holds(regions_[last_])) return &regions_[last_];
  for (size_t i = 0; i < regions_.size(); ++i)
    if (holds(regions_[i])) return &regions_[last_ = i];
  return nullptr;
}

bool AccessChecker::is_of_library(uintptr_t place) const {
  return place >= library_begin_ && place < library_end_;
}

std::string AccessChecker::out_of_bounds(uintptr_t place, size_t bytes, Kind kind) const {
  // The argument that it most likely belongs to.
  const Checked* nearest = nullptr;
  uint64_t least = 1 << 20;
  for (auto& region : regions_) {
    if (region.argument == not_an_argument) continue;
    auto begin = reinterpret_cast<uintptr_t>(region.begin);
    uint64_t distance = place < begin ? begin - place : place - begin - region.size;
    if (distance < least) {
      least = distance;
      nearest = &region;
    }
  }
  if (!nearest)
    return text(verb(kind), " ", bytes, " bytes that are of no argument of this launch");
  bool is_before = place < reinterpret_cast<uintptr_t>(nearest->begin);
  return text(verb(kind), " ", bytes, " bytes out of bounds: ", least,
              is_before ? " bytes before argument " : " bytes past the end of argument ",
              nearest->argument, ", which has ", nearest->size);
}

std::optional<std::string> AccessChecker::check(const void* pointer, size_t bytes, Kind kind,
                                                Accessor who) {
  auto place = reinterpret_cast<uintptr_t>(pointer);
  auto shared = place - reinterpret_cast<uintptr_t>(shared_memory_.get());
  if (shared < shared_space) return check_shared(shared, bytes, kind, who);
  if (!is_checked_) return std::nullopt;
  const Checked* region = find(place);
  if (!region) {
    if (is_of_library(place) && !writes(kind)) return std::nullopt;
    return out_of_bounds(place, bytes, kind);
  }
  size_t offset = place - reinterpret_cast<uintptr_t>(region->begin);
  if (bytes > region->size - offset)
    return out_of_bounds(reinterpret_cast<uintptr_t>(region->begin) + region->size, bytes, kind);
  if (writes(kind) && region->access == Access::read)
    return text("writes argument ", region->argument, ", which is declared as only read");
  if (!region->touches) return std::nullopt;
  for (size_t at = offset; at < offset + bytes;) {
    size_t end = std::min(offset + bytes, at / 4 * 4 + 4);
    auto mask = uint8_t(((1u << (end - at)) - 1) << (at % 4));
    auto& touches = region->touches[at / 4];
    if (!writes(kind) && region->access == Access::write &&
        (touches.written_at < launch_begin_ || (touches.written & mask) != mask))
      return text("reads argument ", region->argument,
                  " where this launch has not written it, though it is declared as only written");
    if (auto problem = touch(touches, mask, kind, who, false))
      return text(*problem, ", at byte ", at, " of argument ", region->argument);
    at = end;
  }
  return std::nullopt;
}

std::optional<std::string> AccessChecker::check_shared(size_t offset, size_t bytes, Kind kind,
                                                       Accessor who) {
  auto holds = [&](const SharedArray& array) {
    return offset >= array.offset && offset + bytes <= array.offset + array.bytes;
  };
  if (std::ranges::none_of(shared_, holds))
    return text(verb(kind), " ", bytes, " bytes of threadgroup memory out of bounds of its array");
  for (size_t at = offset; at < offset + bytes;) {
    size_t end = std::min(offset + bytes, at / 4 * 4 + 4);
    auto mask = uint8_t(((1u << (end - at)) - 1) << (at % 4));
    if (auto problem = touch(shared_touches_[at / 4], mask, kind, who, true))
      return *problem + ", in threadgroup memory";
    at = end;
  }
  return std::nullopt;
}

/// Whether what the other did then may happen at the same time.
bool AccessChecker::meet(uint32_t when, uint16_t other, Accessor who, bool is_shared) const {
  if (when < launch_begin_) return false;
  if (when < group_begin_) return !is_shared;
  if (when < group_barrier_ || other == who.thread) return false;
  bool is_same_simd =
      other != several && (other & one_simdgroup ? uint32_t(other & ~one_simdgroup) == who.simd
                                                 : other / 32u == who.simd);
  return !is_same_simd || when >= simd_barrier_[who.simd];
}

std::optional<std::string> AccessChecker::touch(Touches& touches, uint8_t bytes, Kind kind,
                                                Accessor who, bool is_shared) {
  auto race = [&](const char* what, uint32_t when, uint16_t other) {
    auto others = when < group_begin_      ? std::string("a thread of another group")
                  : other >= one_simdgroup ? std::string("other threads of the group")
                                           : text("thread ", other, " of the group");
    return text(verb(kind), " what ", others, " ", what, " without a barrier between: a race");
  };
  if ((touches.written & bytes) && !(is_atomic(kind) && touches.is_atomic_write) &&
      meet(touches.written_at, touches.writer, who, is_shared))
    return race("wrote", touches.written_at, touches.writer);
  if (writes(kind)) {
    // Neighbours may be other threads' bytes, as where results take the place of narrow inputs.
    for (int i = 0; i < 4; ++i)
      if ((touches.read & bytes) >> i & 1 && !(is_atomic(kind) && touches.is_atomic_read) &&
          meet(touches.read_at, touches.readers[i], who, is_shared))
        return race("read", touches.read_at, touches.readers[i]);
    bool goes_on = touches.written_at == now_ && touches.writer == who.thread;
    touches.written = goes_on ? touches.written | bytes : bytes;
    touches.written_at = now_;
    touches.writer = uint16_t(who.thread);
    touches.is_atomic_write = is_atomic(kind);
    return std::nullopt;
  }
  const bool is_first = touches.read_at != now_;
  if (is_first) touches.read = 0;
  touches.read_at = now_;
  touches.is_atomic_read = is_atomic(kind) && (is_first || touches.is_atomic_read);
  auto simd_of = [](uint16_t reader) -> uint32_t {
    return reader & one_simdgroup ? reader & uint16_t(~one_simdgroup) : reader / 32u;
  };
  for (int i = 0; i < 4; ++i) {
    uint16_t& reader = touches.readers[i];
    if (!(bytes >> i & 1)) continue;
    if (!(touches.read >> i & 1))
      reader = uint16_t(who.thread);
    else if (reader != who.thread && reader != several)
      reader = simd_of(reader) == who.simd ? uint16_t(one_simdgroup | who.simd) : several;
  }
  touches.read |= bytes;
  return std::nullopt;
}

}  // namespace mlx::core::gpu::emulator
