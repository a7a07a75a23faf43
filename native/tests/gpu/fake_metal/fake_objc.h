#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <type_traits>
#include <unordered_map>

// A small Objective-C runtime, enough for src/metal to be run on: objects with reference counts,
// classes with methods and their type encodings, pools, blocks. It is strict: what Apple's runtime
// would let pass, or punish by a crash somewhere later, ends the process with a sentence.
namespace fake_objc {

struct Selector;
struct Class;

/// Ends the process, saying what was done wrong.
[[noreturn]] void misuse(const std::string& what);

struct Object {
  explicit Object(Class& isa);
  virtual ~Object() = default;
  /// What dealloc does: the object's memory stays, so that later messages to it are found out.
  virtual void dealloc() {}

  Class* isa;
  std::atomic<int> references{1};
};

struct Method {
  void* implementation;
  std::string types;
};

/// A class is an object whose own class has its class methods.
struct Class : Object {
  explicit Class(const char* name);

  const char* name;
  std::unordered_map<const Selector*, Method> methods;
  Class* meta = nullptr;
};

Selector* selector(const char* name);
/// The class of that name, made at the first call.
Class& class_named(const char* name);
/// A class whose objects are of a private one's kind, as those of Metal's protocols are.
template <typename T>
Class& class_of() {
  static Class& found = class_named(T::class_name);
  return found;
}

Object* retain(Object* object);
void release(Object* object);
/// Gives the reference to the thread's innermost pool.
Object* autorelease(Object* object);

/// How many objects of the class there are.
int live_objects(const char* class_name);

/// Objective-C's own names of types: "@24@0:8Q16".
template <typename T>
std::string code() {
  using Plain = std::remove_cv_t<std::remove_pointer_t<T>>;
  if constexpr (std::is_void_v<T>)
    return "v";
  else if constexpr (std::is_same_v<T, const char*>)
    return "r*";
  else if constexpr (std::is_same_v<T, const void*>)
    return "r^v";
  else if constexpr (std::is_same_v<T, void*>)
    return "^v";
  else if constexpr (std::is_same_v<T, bool>)
    return "B";
  else if constexpr (std::is_pointer_v<T> && std::is_pointer_v<Plain>)
    return "^@";
  else if constexpr (std::is_pointer_v<T> && std::is_base_of_v<Object, Plain>)
    return "@";
  else if constexpr (std::is_pointer_v<T>)
    return "@?";
  else if constexpr (std::is_class_v<T>)
    return "{?=QQQ}";
  else
    return std::is_signed_v<T> ? "q" : "Q";
}

template <typename R, typename... A>
std::string method_types() {
  size_t offset = 16, total = (16 + ... + (sizeof(A) < 8 ? 8 : sizeof(A)));
  std::string types = code<R>() + std::to_string(total) + "@0:8";
  ((types += code<A>() + std::to_string(offset), offset += sizeof(A) < 8 ? 8 : sizeof(A)), ...);
  return types;
}

template <auto member>
struct Implementation;
template <typename R, typename T, typename... A, R (T::*member)(A...)>
struct Implementation<member> {
  static R call(Object* self, Selector*, A... arguments) {
    return (static_cast<T*>(self)->*member)(arguments...);
  }
  static void add(const char* name) {
    class_of<T>().methods[selector(name)] = {reinterpret_cast<void*>(&call),
                                             method_types<R, A...>()};
  }
};
template <typename R, typename... A, R (*function)(A...)>
struct Implementation<function> {
  static R call(Object*, Selector*, A... arguments) { return function(arguments...); }
  static void add(Class& owner, const char* name) {
    owner.meta->methods[selector(name)] = {reinterpret_cast<void*>(&call), method_types<R, A...>()};
  }
};

template <auto member>
void add_method(const char* name) {
  Implementation<member>::add(name);
}
template <auto function>
void add_class_method(const char* class_name, const char* name) {
  Implementation<function>::add(class_named(class_name), name);
}

struct String : Object {
  static constexpr auto class_name = "NSString";
  explicit String(std::string text) : Object(class_of<String>()), text(std::move(text)) {}
  void dealloc() override { text = {}; }
  const char* utf8() { return text.c_str(); }

  std::string text;
};
String* string(std::string text);

struct Error : Object {
  static constexpr auto class_name = "NSError";
  Error(std::string text, long number)
      : Object(class_of<Error>()), text(std::move(text)), number(number) {}
  String* description() { return string(text); }
  long code() { return number; }

  std::string text;
  long number;
};

/// A block as clang lays it out.
struct BlockLayout {
  const void* isa;
  int flags, reserved;
  void (*invoke)(void* block, Object* argument);
  const void* descriptor;
};
/// Checks what Block_copy would rely on.
void check_block(const BlockLayout* block);

/// The runtime's functions by their names; null for others.
void* find_symbol(const char* name);

/// For tests: gives a method another type, or with an empty one takes the method away.
void set_types(const char* class_name, const char* selector_name, const std::string& types);
std::string types_of(const char* class_name, const char* selector_name);

}  // namespace fake_objc
