#include "context_switch.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#elif defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

#ifdef __APPLE__
#define SYMBOL "_mlx_emulator_switch"
#else
#define SYMBOL "mlx_emulator_switch"
#endif

// Saves the registers that a call preserves and the stack's pointer, and loads the other ones.
#if defined(__x86_64__)
asm(".text\n.p2align 4\n.globl " SYMBOL "\n" SYMBOL
    ":\n"
    "  pushq %rbp\n  pushq %rbx\n  pushq %r12\n  pushq %r13\n  pushq %r14\n  pushq %r15\n"
    "  movq %rsp, (%rdi)\n  movq %rsi, %rsp\n"
    "  popq %r15\n  popq %r14\n  popq %r13\n  popq %r12\n  popq %rbx\n  popq %rbp\n"
    "  ret\n");
#elif defined(__aarch64__)
asm(".text\n.p2align 4\n.globl " SYMBOL "\n" SYMBOL
    ":\n"
    "  sub sp, sp, #160\n"
    "  stp x19, x20, [sp]\n  stp x21, x22, [sp, #16]\n  stp x23, x24, [sp, #32]\n"
    "  stp x25, x26, [sp, #48]\n  stp x27, x28, [sp, #64]\n  stp x29, x30, [sp, #80]\n"
    "  stp d8, d9, [sp, #96]\n  stp d10, d11, [sp, #112]\n  stp d12, d13, [sp, #128]\n"
    "  stp d14, d15, [sp, #144]\n"
    "  mov x9, sp\n  str x9, [x0]\n  mov sp, x1\n"
    "  ldp x19, x20, [sp]\n  ldp x21, x22, [sp, #16]\n  ldp x23, x24, [sp, #32]\n"
    "  ldp x25, x26, [sp, #48]\n  ldp x27, x28, [sp, #64]\n  ldp x29, x30, [sp, #80]\n"
    "  ldp d8, d9, [sp, #96]\n  ldp d10, d11, [sp, #112]\n  ldp d12, d13, [sp, #128]\n"
    "  ldp d14, d15, [sp, #144]\n"
    "  add sp, sp, #160\n  ret\n");
#endif

extern "C" void mlx_emulator_switch(void** saved, void* loaded);

namespace mlx::core::gpu::emulator {
namespace {

constexpr size_t guard_bytes = 16 * 1024;

}  // namespace

Context::Context(void (*start)()) : start_(start) {
  void* memory = mmap(nullptr, guard_bytes + stack_bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  // Who needs more meets no other's stack.
  mprotect(memory, guard_bytes, PROT_NONE);
  stack_ = static_cast<char*>(memory) + guard_bytes;
  prepare();
}

Context::~Context() {
  if (!stack_) return;
#if defined(__SANITIZE_THREAD__)
  __tsan_destroy_fiber(sanitizer_state_);
#endif
  munmap(stack_ - guard_bytes, guard_bytes + stack_bytes);
}

void Context::prepare() {
  auto* top = reinterpret_cast<uint64_t*>(stack_ + stack_bytes);
#if defined(__x86_64__)
  // Six registers, where to return to, and what a call would have left.
  constexpr size_t words = 8, place_of_start = 6;
#else
  // x30 is where to return to.
  constexpr size_t words = 20, place_of_start = 11;
#endif
  std::memset(top - words, 0, words * sizeof(uint64_t));
  top[-int64_t(words) + int64_t(place_of_start)] = reinterpret_cast<uint64_t>(start_);
  pointer_ = top - words;
#if defined(__SANITIZE_THREAD__)
  sanitizer_state_ = __tsan_create_fiber(0);
#else
  sanitizer_state_ = nullptr;
#endif
  bottom_ = stack_;
  size_ = stack_bytes;
}

void Context::restart() {
#if defined(__SANITIZE_THREAD__)
  __tsan_destroy_fiber(sanitizer_state_);
#endif
  prepare();
}

void Context::switch_between(Context& from, Context& to) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&from.sanitizer_state_, to.bottom_, to.size_);
#elif defined(__SANITIZE_THREAD__)
  if (!from.stack_) from.sanitizer_state_ = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(to.sanitizer_state_, 0);
#endif
  mlx_emulator_switch(&from.pointer_, to.pointer_);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(from.sanitizer_state_, nullptr, nullptr);
#endif
}

void Context::arrive([[maybe_unused]] Context& own, [[maybe_unused]] Context& from) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(own.sanitizer_state_, &from.bottom_, &from.size_);
#endif
}

}  // namespace mlx::core::gpu::emulator
