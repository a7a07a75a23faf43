#include "mlx/stream.h"

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <map>
#include <ostream>

#include "mlx/errors.h"
#include "mlx/event.h"
#include "runtime/keep_loaded.h"
#include "runtime/stream_owner.h"
#include "runtime/stream_table.h"

namespace mlx::core {

namespace {

/// The streams that belong to one thread.
struct ThreadStreams {
  std::map<Device, Stream> defaults;
  std::map<int, Stream> thread_local_streams;
  /// Made here because they were needed: they go with the thread.
  std::vector<Stream> implicit;
  /// Made by new_stream: other threads may count on them.
  std::vector<Stream> requested;

  ThreadStreams() = default;
  ThreadStreams(const ThreadStreams&) = delete;
  ThreadStreams& operator=(const ThreadStreams&) = delete;
  ~ThreadStreams() {
    for (const Stream& stream : implicit) stream_table().drop(stream);
  }

  Stream make_implicit(const Device& device) {
    return implicit.emplace_back(stream_table().create(device));
  }

  template <typename Visit>
  void for_each(Visit&& visit) {
    for (auto* streams : {&implicit, &requested})
      for (const Stream& stream : *streams) visit(stream);
  }

  void drop_all() {
    for_each([](const Stream& stream) { stream_table().drop(stream); });
    implicit.clear();
    requested.clear();
    defaults.clear();
    thread_local_streams.clear();
  }
};

thread_local ThreadStreams* current = nullptr;

// A key's destructor runs after those of C++'s thread-local objects, and again if they made it
// necessary, so that they may still use streams.
pthread_key_t make_clean_up_key() {
  keep_library_loaded();
  pthread_key_t key;
  pthread_key_create(&key, [](void* streams) {
    current = nullptr;
    delete static_cast<ThreadStreams*>(streams);
  });
  return key;
}

ThreadStreams& thread_streams() {
  static const pthread_key_t clean_up = make_clean_up_key();
  if (!current) {
    current = new ThreadStreams;
    pthread_setspecific(clean_up, current);
  }
  return *current;
}

/// The map's stream under the key, made on the device if there is none.
template <typename Key>
Stream find_or_make(std::map<Key, Stream>& streams, const Key& key, const Device& device) {
  auto found = streams.find(key);
  if (found == streams.end())
    found = streams.emplace(key, thread_streams().make_implicit(device)).first;
  return found->second;
}

}  // namespace

Stream default_stream(Device device) {
  return find_or_make(thread_streams().defaults, device, device);
}

void set_default_stream(Stream stream) {
  // Looked up so that a made-up stream is an error here and not at its first use.
  stream_table().queue(stream);
  thread_streams().defaults.insert_or_assign(stream.device, stream);
}

Stream new_stream(Device device) {
  return thread_streams().requested.emplace_back(stream_table().create(device));
}

ThreadLocalStream new_thread_local_stream(Device device) {
  static std::atomic<int> count{0};
  return {count.fetch_add(1, std::memory_order_relaxed), device};
}

Stream stream_from_thread_local_stream(ThreadLocalStream stream) {
  return find_or_make(thread_streams().thread_local_streams, stream.index, stream.device);
}

ThreadLocalStream::operator Stream() const { return stream_from_thread_local_stream(*this); }

Stream get_stream(int index) { return stream_table().get(index); }

std::vector<Stream> get_streams() { return stream_table().all(); }

void synchronize() { synchronize(default_stream(default_device())); }

void synchronize(Stream stream) {
  scheduler::StreamQueue& queue = stream_table().queue(stream);
  if (queue.is_current())
    throw EngineError("[synchronize] A task can't wait for the stream that it runs on.");
  // A GPU may have work that its stream's thread is done with.
  if (stream.device == Device::cpu && queue.is_idle()) return;
  Event done(stream);
  done.signal(stream);
  done.wait();
}

void clear_streams() {
  ThreadStreams& own = thread_streams();
  own.for_each([](const Stream& stream) { synchronize(stream); });
  own.drop_all();
}

void abandon_streams(std::chrono::milliseconds at_most) {
  using Clock = std::chrono::steady_clock;
  ThreadStreams& own = thread_streams();
  own.for_each([](const Stream& stream) { stream_table().queue(stream).cancel(); });
  const auto end = Clock::now() + at_most;
  own.for_each([&](const Stream& stream) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    stream_table().queue(stream).wait_until_idle(left);
  });
  own.drop_all();
}

std::ostream& operator<<(std::ostream& os, const Stream& stream) {
  return os << "Stream(" << stream.device << ", " << stream.index << ")";
}

}  // namespace mlx::core
