#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "metal/messages.h"

namespace mlx::core::metal {

/// The functions of the Objective-C runtime (objc/runtime.h, objc/message.h) that are called. Those
/// for pools and references are the ones that compilers call ("Objective-C Automatic Reference
/// Counting", clang.llvm.org, "Runtime support").
#define MLX_OBJECTIVE_C(X)                                                           \
  X(get_class, objc_getClass, Id, (const char* name))                                \
  X(register_selector, sel_registerName, Selector*, (const char* name))              \
  X(class_of, object_getClass, Id, (Id object))                                      \
  X(class_name, class_getName, const char*, (Id class_object))                       \
  X(find_method, class_getInstanceMethod, void*, (Id class_object, Selector * name)) \
  X(method_types, method_getTypeEncoding, const char*, (void* method))               \
  X(push_pool, objc_autoreleasePoolPush, void*, ())                                  \
  X(pop_pool, objc_autoreleasePoolPop, void, (void* pool))                           \
  X(retain, objc_retain, Id, (Id object))                                            \
  X(release, objc_release, void, (Id object))                                        \
  X(send, objc_msgSend, void, ())                                                    \
  X(default_device, MTLCreateSystemDefaultDevice, Id, ())

/// The functions of libdispatch that tell of the machine's memory ("dispatch/source.h" and
/// "dispatch/object.h" of Apple's libdispatch). Without them nothing is heard.
#define MLX_DISPATCH(X)                                                          \
  X(dispatch_source, dispatch_source_create, void*,                              \
    (const void* type, uintptr_t handle, uintptr_t mask, void* queue))           \
  X(dispatch_handler, dispatch_source_set_event_handler_f, void,                 \
    (void* source, void (*handler)(void* context)))                              \
  X(dispatch_data, dispatch_source_get_data, uintptr_t, (void* source))          \
  X(dispatch_cancel, dispatch_source_cancel, void, (void* source))               \
  X(dispatch_context, dispatch_set_context, void, (void* object, void* context)) \
  X(dispatch_finalizer, dispatch_set_finalizer_f, void,                          \
    (void* object, void (*finalizer)(void* context)))                            \
  X(dispatch_start, dispatch_activate, void, (void* object))                     \
  X(dispatch_let_go, dispatch_release, void, (void* object))

/// Finds a symbol of Apple's libraries, or of the tests' fake of them; null where there is none.
using FindSymbol = std::function<void*(const char* name)>;

/// What a function's type looks like to Objective-C, without offsets and qualifiers: "@@:Q".
template <typename Signature>
std::string type_encoding();

/// The same made of what method_getTypeEncoding says: "@24@0:8Q16".
std::string plain_encoding(const char* types);

class ObjectiveC;

/// A message with its type, sent as a plain call: `objc.device_name(device)`.
template <typename Signature>
class Message;
template <typename R, typename... Arguments>
class Message<R(Arguments...)> {
 public:
  using Signature = R(Arguments...);

  Message(const char* name, Receiver receiver, Since since)
      : name(name), receiver(receiver), since(since) {}

  R operator()(Id object, Arguments... arguments) const {
    return reinterpret_cast<R (*)(Id, Selector*, Arguments...)>(send_)(object, selector_,
                                                                       arguments...);
  }

  const char* const name;
  const Receiver receiver;
  const Since since;

 private:
  friend class ObjectiveC;

  void (*send_)() = nullptr;
  Selector* selector_ = nullptr;
};

/// The runtime and Metal's framework, found at run time, with all messages.
class ObjectiveC {
 public:
  /// Throws EngineError naming what is missing.
  explicit ObjectiveC(const FindSymbol& find);

  /// This machine's; null where there is none, and then `reason` says why, in a sentence.
  static const ObjectiveC* find(std::string* reason = nullptr);

#define X(member, symbol, result, parameters) result(*member) parameters = nullptr;
  MLX_OBJECTIVE_C(X)
  MLX_DISPATCH(X)
#undef X
  void (*send_struct)() = nullptr;
  /// The class of blocks that live as long as they like (clang's "Block Implementation
  /// Specification").
  void* global_block = nullptr;
  /// DISPATCH_SOURCE_TYPE_MEMORYPRESSURE, of macOS 10.9 (dispatch/source.h).
  const void* memory_pressure_type = nullptr;
  bool can_dispatch() const;

#define X(member, receiver, since, name, ...) \
  Message<__VA_ARGS__> member{name, Receiver::receiver, Since::since};
  MLX_METAL_MESSAGES(X)
#undef X

  /// Whether the object answers the message.
  template <typename Signature>
  bool knows(Id object, const Message<Signature>& message) const {
    return object && find_method(class_of(object), message.selector_);
  }

  Id string(const std::string& text) const { return string_with_utf8(nsstring_, text.c_str()); }
  std::string text(Id string) const;
  /// "Execution was aborted (code 2)".
  std::string describe(Id error) const;

  /// What differs between this table and the runtime, for messages to the receiver, of which
  /// `object` is one; empty when nothing does. A class is told by itself.
  std::string compare(Receiver receiver, Id object) const;
  /// A line for each message to the receiver: its name and the runtime's types for it.
  std::string list(Receiver receiver, Id object) const;

 private:
  Id nsstring_ = nullptr;
};

/// What is autoreleased in its scope goes at its end. Every thread that calls Metal needs one.
class Pool {
 public:
  explicit Pool(const ObjectiveC& objc) : objc_(objc), pool_(objc.push_pool()) {}
  ~Pool() { objc_.pop_pool(pool_); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

 private:
  const ObjectiveC& objc_;
  void* pool_;
};

/// An object with one reference of ours.
class Owned {
 public:
  Owned() = default;
  /// Takes over a reference, such as what `new...` returns.
  Owned(const ObjectiveC& objc, Id object) : objc_(&objc), object_(object) {}
  /// Adds one.
  static Owned retained(const ObjectiveC& objc, Id object) { return {objc, objc.retain(object)}; }
  Owned(Owned&& other) noexcept
      : objc_(other.objc_), object_(std::exchange(other.object_, nullptr)) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(objc_, other.objc_);
    std::swap(object_, other.object_);
    return *this;
  }
  ~Owned() {
    if (object_) objc_->release(object_);
  }

  Id get() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  const ObjectiveC* objc_ = nullptr;
  Id object_ = nullptr;
};

/// A block as a handler of a command buffer: void (^)(id<MTLCommandBuffer>). The runtime never
/// copies or frees a global one, so that it may hold more and is deleted by the call, which comes
/// once.
struct Block {
  struct Descriptor {
    unsigned long reserved, size;
  };

  const void* isa;
  int flags, reserved;
  void (*invoke)(Block*, Id);
  const Descriptor* descriptor;
  std::function<void(Id)> handler;
};
Block* make_block(const ObjectiveC& objc, std::function<void(Id)> handler);

}  // namespace mlx::core::metal
