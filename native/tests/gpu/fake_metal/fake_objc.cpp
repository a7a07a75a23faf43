#include "fake_objc.h"

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <vector>

namespace fake_objc {
namespace {

// All of it is leaked: other threads may still send messages while the process ends.
std::recursive_mutex& mutex() {
  static auto& mutex = *new std::recursive_mutex;
  return mutex;
}
std::map<std::string, Class*>& classes() {
  static auto& all = *new std::map<std::string, Class*>;
  return all;
}
std::map<std::string, Selector*>& selectors() {
  static auto& all = *new std::map<std::string, Selector*>;
  return all;
}
std::map<const Class*, int>& counts() {
  static auto& all = *new std::map<const Class*, int>;
  return all;
}

/// Of one thread: objects that go when the pools on top of them do.
thread_local std::vector<std::vector<Object*>> pools;

const char global_block = 0;

void check_alive(Object* object, const char* what) {
  if (object->references.load() <= 0)
    misuse(std::string(what) + " goes to a " + object->isa->name + " that was released.");
}

/// What a message to nil does.
uintptr_t answer_of_nil() { return 0; }

}  // namespace

void misuse(const std::string& what) {
  std::fprintf(stderr, "fake Objective-C: %s\n", what.c_str());
  std::abort();
}

struct Selector {
  std::string name;
};

Object::Object(Class& isa) : isa(&isa) {
  std::lock_guard lock(mutex());
  ++counts()[&isa];
}

// Its own class, until it gets one for its class methods.
Class::Class(const char* name) : Object(*this), name(name) {}

Selector* selector(const char* name) {
  std::lock_guard lock(mutex());
  auto& found = selectors()[name];
  if (!found) found = new Selector{name};
  return found;
}

Class& class_named(const char* name) {
  std::lock_guard lock(mutex());
  auto& found = classes()[name];
  if (!found) {
    found = new Class(name);
    found->isa = found->meta = new Class(name);
  }
  return *found;
}

Object* retain(Object* object) {
  if (!object) return nullptr;
  check_alive(object, "retain");
  ++object->references;
  return object;
}

void release(Object* object) {
  if (!object) return;
  check_alive(object, "release");
  if (--object->references > 0) return;
  object->dealloc();
  std::lock_guard lock(mutex());
  --counts()[object->isa];
}

Object* autorelease(Object* object) {
  if (!object) return nullptr;
  if (pools.empty())
    misuse(std::string("a ") + object->isa->name + " is autoreleased on a thread without a pool.");
  pools.back().push_back(object);
  return object;
}

int live_objects(const char* class_name) {
  std::lock_guard lock(mutex());
  auto found = classes().find(class_name);
  return found == classes().end() ? 0 : counts()[found->second];
}

String* string(std::string text) {
  return static_cast<String*>(autorelease(new String(std::move(text))));
}

void check_block(const BlockLayout* block) {
  if (!block || block->isa != &global_block) misuse("a block has not the class of a global one.");
  // Any other would be copied, and what it holds with it.
  if (block->flags != 1 << 28) misuse("a block has not the flags of a global one.");
  if (!block->invoke || !block->descriptor) misuse("a block has no function or no descriptor.");
}

void set_types(const char* class_name, const char* selector_name, const std::string& types) {
  auto& methods = class_named(class_name).methods;
  if (types.empty())
    methods.erase(selector(selector_name));
  else
    methods[selector(selector_name)].types = types;
}

std::string types_of(const char* class_name, const char* selector_name) {
  return class_named(class_name).methods.at(selector(selector_name)).types;
}

extern "C" __attribute__((visibility("hidden"), used)) void* fake_objc_lookup(Object* self,
                                                                              Selector* name) {
  if (!self) return reinterpret_cast<void*>(&answer_of_nil);
  check_alive(self, ("-" + name->name).c_str());
  auto found = self->isa->methods.find(name);
  if (found == self->isa->methods.end())
    misuse(std::string(self->isa->name) + " does not recognise " + name->name + ".");
  return found->second.implementation;
}

extern "C" void fake_objc_msgSend();
extern "C" void fake_objc_msgSend_stret();

// Finds the method and goes there with the arguments as they came, in registers and on the stack.
#ifdef __APPLE__
#define SYMBOL(name) "_" #name
#define FUNCTION(name) ".globl _" #name "\n_" #name ":\n"
#else
#define SYMBOL(name) #name
#define FUNCTION(name) \
  ".hidden " #name "\n.globl " #name "\n.type " #name ", %function\n" #name ":\n"
#endif

#if defined(__x86_64__)
#define SAVE                 \
  "pushq %rbp\n"             \
  "movq %rsp, %rbp\n"        \
  "pushq %rdi\npushq %rsi\n" \
  "pushq %rdx\npushq %rcx\n" \
  "pushq %r8\npushq %r9\n"
#define FIND_AND_GO \
  "call " SYMBOL(fake_objc_lookup) "\n"   \
  "movq %rax, %r11\n"                     \
  "popq %r9\npopq %r8\n"                  \
  "popq %rcx\npopq %rdx\n"                \
  "popq %rsi\npopq %rdi\n"                \
  "popq %rbp\n"                           \
  "jmp *%r11\n"
asm(".text\n" FUNCTION(fake_objc_msgSend) SAVE FIND_AND_GO);
asm(".text\n" FUNCTION(fake_objc_msgSend_stret) SAVE
    "movq %rsi, %rdi\n"
    "movq %rdx, %rsi\n" FIND_AND_GO);
#elif defined(__aarch64__)
asm(".text\n.p2align 2\n" FUNCTION(fake_objc_msgSend) FUNCTION(fake_objc_msgSend_stret)
    "stp x29, x30, [sp, #-96]!\n"
    "mov x29, sp\n"
    "stp x0, x1, [sp, #16]\n"
    "stp x2, x3, [sp, #32]\n"
    "stp x4, x5, [sp, #48]\n"
    "stp x6, x7, [sp, #64]\n"
    "str x8, [sp, #80]\n"
    "bl " SYMBOL(fake_objc_lookup) "\n"
    "mov x16, x0\n"
    "ldp x0, x1, [sp, #16]\n"
    "ldp x2, x3, [sp, #32]\n"
    "ldp x4, x5, [sp, #48]\n"
    "ldp x6, x7, [sp, #64]\n"
    "ldr x8, [sp, #80]\n"
    "ldp x29, x30, [sp], #96\n"
    "br x16\n");
#endif

namespace {

Class* get_class(const char* name) {
  std::lock_guard lock(mutex());
  auto found = classes().find(name);
  return found == classes().end() ? nullptr : found->second;
}
Class* object_class(Object* object) { return object ? object->isa : nullptr; }
const char* class_name(Class* class_object) { return class_object->name; }
const Method* find_method(Class* class_object, Selector* name) {
  auto found = class_object->methods.find(name);
  return found == class_object->methods.end() ? nullptr : &found->second;
}
const char* method_types_of(const Method* method) { return method->types.c_str(); }
void* push_pool() {
  pools.emplace_back();
  return reinterpret_cast<void*>(pools.size());
}
void pop_pool(void* pool) {
  if (pools.size() != reinterpret_cast<size_t>(pool))
    misuse("pools of a thread end in another order than they began.");
  for (Object* object : pools.back()) release(object);
  pools.pop_back();
}

}  // namespace

void* find_symbol(const char* name) {
  static const auto& symbols = *new std::map<std::string, void*>{
      {"objc_getClass", reinterpret_cast<void*>(get_class)},
      {"sel_registerName", reinterpret_cast<void*>(selector)},
      {"object_getClass", reinterpret_cast<void*>(object_class)},
      {"class_getName", reinterpret_cast<void*>(class_name)},
      {"class_getInstanceMethod", reinterpret_cast<void*>(find_method)},
      {"method_getTypeEncoding", reinterpret_cast<void*>(method_types_of)},
      {"objc_autoreleasePoolPush", reinterpret_cast<void*>(push_pool)},
      {"objc_autoreleasePoolPop", reinterpret_cast<void*>(pop_pool)},
      {"objc_retain", reinterpret_cast<void*>(retain)},
      {"objc_release", reinterpret_cast<void*>(release)},
      {"objc_msgSend", reinterpret_cast<void*>(fake_objc_msgSend)},
      {"objc_msgSend_stret", reinterpret_cast<void*>(fake_objc_msgSend_stret)},
      {"_NSConcreteGlobalBlock", const_cast<char*>(&global_block)}};
  auto found = symbols.find(name);
  return found == symbols.end() ? nullptr : found->second;
}

}  // namespace fake_objc
