#include "runtime/background_thread.h"

#include <pthread.h>
#include <signal.h>

#include <memory>
#include <new>
#include <string>

#include "runtime/keep_loaded.h"

namespace mlx::core {

namespace {

// Numerical libraries keep large arrays on the stack, and macOS gives such threads only 512 KiB.
constexpr size_t stack_bytes = 8 << 20;

struct Start {
  std::string name;
  std::function<void()> body;
};

void* run(void* argument) {
  std::unique_ptr<Start> start(static_cast<Start*>(argument));
#ifdef __APPLE__
  pthread_setname_np(start->name.c_str());
#else
  pthread_setname_np(pthread_self(), start->name.c_str());
#endif
  start->body();
  return nullptr;
}

}  // namespace

bool start_background_thread(const char* name, std::function<void()> body) {
  keep_library_loaded();
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, stack_bytes);

  // The new thread inherits the mask; signals belong to the program's own threads.
  sigset_t all, previous;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &previous);
  std::unique_ptr<Start> start(new (std::nothrow) Start{name, std::move(body)});
  pthread_t thread;
  bool started = start && pthread_create(&thread, &attributes, run, start.get()) == 0;
  if (started) start.release();
  pthread_sigmask(SIG_SETMASK, &previous, nullptr);
  pthread_attr_destroy(&attributes);
  return started;
}

}  // namespace mlx::core
