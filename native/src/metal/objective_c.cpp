#include "metal/objective_c.h"

#include <dlfcn.h>

#include <cctype>
#include <type_traits>

#include "mlx/errors.h"

namespace mlx::core::metal {
namespace {

// "Objective-C Runtime Programming Guide", "Type Encodings". Both kinds of BOOL become B.
template <typename T>
constexpr const char* code() {
  if constexpr (std::is_void_v<T>)
    return "v";
  else if constexpr (std::is_same_v<T, Id>)
    return "@";
  else if constexpr (std::is_same_v<T, Bool>)
    return "B";
  else if constexpr (std::is_same_v<T, const char*>)
    return "*";
  else if constexpr (std::is_same_v<T, void*> || std::is_same_v<T, const void*>)
    return "^v";
  else if constexpr (std::is_same_v<T, Id*>)
    return "^@";
  else if constexpr (std::is_same_v<T, Block*>)
    return "@?";
  else if constexpr (std::is_same_v<T, Size>)
    return "{QQQ}";
  else if constexpr (std::is_signed_v<T>)
    return "q";
  else
    return "Q";
}

template <typename R, typename... Arguments>
std::string encoding_of(R (*)(Arguments...)) {
  return (std::string(code<R>()) + "@:" + ... + code<Arguments>());
}

constexpr int block_is_global = 1 << 28;

void invoke(Block* block, Id object) {
  block->handler(object);
  delete block;
}

/// Apple's libraries. What is found stays loaded.
void* find_on_system(const char* name) {
  static void* const libraries[] = {
      dlopen("/usr/lib/libobjc.A.dylib", RTLD_NOW | RTLD_LOCAL),
      dlopen("/System/Library/Frameworks/Metal.framework/Metal", RTLD_NOW | RTLD_LOCAL),
      dlopen("/usr/lib/libSystem.B.dylib", RTLD_NOW | RTLD_LOCAL)};
  for (void* library : libraries)
    if (void* symbol = library ? dlsym(library, name) : nullptr) return symbol;
  return nullptr;
}

}  // namespace

template <typename Signature>
std::string type_encoding() {
  return encoding_of(static_cast<Signature*>(nullptr));
}

std::string plain_encoding(const char* types) {
  std::string plain;
  for (; *types; ++types) {
    // Of a struct only the fields count: "{?=QQQ}" and "{MTLSize=QQQ}" are one. Names of classes
    // are quoted.
    if (*types == '{') {
      plain += '{';
      while (types[1] && *types != '=') ++types;
    } else if (*types == '"') {
      while (types[1] && types[1] != '"') ++types;
      if (types[1]) ++types;
    } else if (*types == 'c') {
      plain += 'B';
    } else if (!std::isdigit(static_cast<unsigned char>(*types)) && *types != 'r' &&
               *types != 'n' && *types != 'N' && *types != 'o' && *types != 'O' && *types != 'V') {
      // Not the offsets, nor const, in, inout, out, bycopy and oneway.
      plain += *types;
    }
  }
  return plain;
}

ObjectiveC::ObjectiveC(const FindSymbol& find) {
  auto require = [&](const char* name) {
    void* symbol = find(name);
    if (!symbol)
      throw EngineError(std::string("[metal] This system's libraries have no ") + name + ".");
    return symbol;
  };
#define X(member, symbol, result, parameters) \
  member = reinterpret_cast<decltype(member)>(require(#symbol));
  MLX_OBJECTIVE_C(X)
#undef X
#define X(member, symbol, result, parameters) \
  member = reinterpret_cast<decltype(member)>(find(#symbol));
  MLX_DISPATCH(X)
#undef X
  memory_pressure_type = find("_dispatch_source_type_memorypressure");
#ifdef __x86_64__
  send_struct = reinterpret_cast<decltype(send_struct)>(require("objc_msgSend_stret"));
#else
  send_struct = send;
#endif
  global_block = require("_NSConcreteGlobalBlock");
#define X(member, receiver, since, name, ...) \
  member.selector_ = register_selector(name); \
  member.send_ = type_encoding<__VA_ARGS__>()[0] == '{' ? send_struct : send;
  MLX_METAL_MESSAGES(X)
#undef X
  nsstring_ = get_class("NSString");
}

const ObjectiveC* ObjectiveC::find(std::string* reason) {
  struct Found {
    std::string problem;
    const ObjectiveC* objc = nullptr;

    Found() {
      try {
        if (find_on_system("MTLCreateSystemDefaultDevice"))
          objc = new ObjectiveC(find_on_system);
        else
          problem = "this system has no Metal";
      } catch (const EngineError& error) {
        problem = error.what();
      }
    }
  };
  // Leaked, as what uses it.
  static const Found& found = *new Found;
  if (reason) *reason = found.problem;
  return found.objc;
}

bool ObjectiveC::can_dispatch() const {
  bool has_all = memory_pressure_type;
#define X(member, ...) has_all = has_all && member;
  MLX_DISPATCH(X)
#undef X
  return has_all;
}

std::string ObjectiveC::text(Id string) const {
  const char* bytes = string ? utf8(string) : nullptr;
  return bytes ? bytes : "";
}

std::string ObjectiveC::describe(Id error) const {
  if (!error) return "no reason is given";
  return text(error_text(error)) + " (code " + std::to_string(error_code(error)) + ")";
}

std::string ObjectiveC::compare(Receiver receiver, Id object) const {
  std::string differences;
  auto compare_one = [&](const auto& message) {
    if (message.receiver != receiver) return;
    void* method = object ? find_method(class_of(object), message.selector_) : nullptr;
    std::string wanted = type_encoding<typename std::decay_t<decltype(message)>::Signature>();
    std::string found = method ? plain_encoding(method_types(method)) : "";
    if ((!method && message.since == Since::some) || found == wanted) return;
    differences += differences.empty() ? "" : "; ";
    differences +=
        std::string(object ? class_name(class_of(object)) : "no object") + " has " + message.name +
        (method ? " of type " + found + " instead of " + wanted : std::string(" not at all"));
  };
#define X(member, ...) compare_one(member);
  MLX_METAL_MESSAGES(X)
#undef X
  return differences;
}

std::string ObjectiveC::list(Receiver receiver, Id object) const {
  std::string lines;
  auto add = [&](const auto& message) {
    if (message.receiver != receiver) return;
    void* method = object ? find_method(class_of(object), message.selector_) : nullptr;
    lines += std::string(object ? class_name(class_of(object)) : "?") + " " + message.name + " " +
             (method ? method_types(method) : "missing") + "\n";
  };
#define X(member, ...) add(member);
  MLX_METAL_MESSAGES(X)
#undef X
  return lines;
}

Block* make_block(const ObjectiveC& objc, std::function<void(Id)> handler) {
  static constexpr Block::Descriptor descriptor = {0, sizeof(Block)};
  return new Block{objc.global_block, block_is_global, 0, invoke, &descriptor, std::move(handler)};
}

}  // namespace mlx::core::metal
