#include "distributed/peer_group.h"

#include <algorithm>
#include <cstring>
#include <thread>

#include "distributed/peer_call.h"
#include "mlx/errors.h"
#include "mlx/utils.h"
#include "primitives/combine.h"

namespace mlx::core::distributed {

namespace {

/// Values of one process that are combined at a time: those of a few fit a core's cache.
constexpr size_t segment_bytes = 256 * 1024;

/// Elements [begin, begin + count) of an array.
struct Part {
  size_t begin, count;
};

/// How values are divided: into segments, and each of those among the processes.
struct Segments {
  size_t elements, share;
  int processes;

  Segments(size_t elements, size_t item_size, int processes)
      : elements(elements),
        share(std::min(segment_bytes / item_size, (elements - 1) / size_t(processes) + 1)),
        processes(processes) {}

  size_t count() const { return (elements - 1) / (share * size_t(processes)) + 1; }
  Part part(size_t segment, int rank) const {
    size_t begin = std::min((segment * size_t(processes) + size_t(rank)) * share, elements);
    return {begin, std::min(share, elements - begin)};
  }
};

}  // namespace

std::shared_ptr<PeerGroup> PeerGroup::world(Transport& transport) {
  std::vector<int> members;
  for (int i = 0; i < transport.size(); ++i) members.push_back(i);
  return make(std::make_shared<Shared>(transport), std::move(members), 0);
}

std::shared_ptr<PeerGroup> PeerGroup::make(std::shared_ptr<Shared> shared, std::vector<int> members,
                                           int context) {
  std::shared_ptr<PeerGroup> group(new PeerGroup(shared, std::move(members), context));
  shared->add(group);
  return group;
}

void PeerGroup::Shared::add(const std::shared_ptr<PeerGroup>& group) {
  std::lock_guard lock(mutex_);
  std::erase_if(groups_, [](auto& known) { return known.expired(); });
  groups_.push_back(group);
}

std::vector<std::weak_ptr<PeerGroup>> PeerGroup::Shared::groups() {
  std::lock_guard lock(mutex_);
  return groups_;
}

PeerGroup::PeerGroup(std::shared_ptr<Shared> shared, std::vector<int> members, int context)
    : shared_(std::move(shared)),
      members_(std::move(members)),
      context_(context),
      headers_(new std::byte[2 * members_.size() * small_message]),
      sending_(new std::mutex[members_.size()]),
      receiving_(new std::mutex[members_.size()]) {
  while (members_[size_t(rank_)] != shared_->transport.rank()) ++rank_;
}

PeerGroup::~PeerGroup() = default;

Stream PeerGroup::communication_stream(StreamOrDevice s) {
  if (auto* stream = std::get_if<Stream>(&s); stream && stream->device == Device::cpu)
    return *stream;
  if (auto* device = std::get_if<Device>(&s); device && *device == Device::cpu)
    return default_stream(*device);
  // One of its own, so that communication and computation overlap.
  std::lock_guard lock(state_mutex_);
  if (!stream_) stream_ = new_stream(Device::cpu);
  return *stream_;
}

// ---- What all calls share

/// After an error in the middle of a call nobody knows what the others are at.
void PeerGroup::guarded(CallKind kind, const std::function<void()>& body) {
  throw_if_unusable(kind);
  try {
    try {
      body();
    } catch (const LostPeer&) {
      throw_incomplete(kind, lost_peers());
    }
  } catch (const RefusedCall&) {
    throw;
  } catch (const std::exception& error) {
    give_up(error.what());
    throw;
  }
}

void PeerGroup::give_up(const std::string& reason) {
  std::lock_guard lock(state_mutex_);
  if (problem_.empty()) problem_ = reason;
  shared_->has_problem = true;
}

template <typename Body>
void PeerGroup::call(CallKind kind, const array& a, Body&& body, bool on_gpu) {
  std::lock_guard lock(calling_);
  guarded(kind, [&] {
    Exchange exchange(shared_->transport);
    exchange.keep(headers_);
    body(exchange, CallHeader(kind, calls_++, a, on_gpu));
  });
}

void PeerGroup::throw_if_unusable(CallKind kind) const {
  std::lock_guard lock(state_mutex_);
  if (!problem_.empty())
    throw EngineError(in_brackets(kind) +
                      "The group can be used no more, because a call failed before: " + problem_);
}

template <typename Action>
void PeerGroup::for_each_peer(Action&& action) const {
  // Each begins with its neighbour, so that not all talk to the same process first.
  const int size = int(members_.size());
  for (int i = 1; i < size; ++i) {
    int peer = (rank_ + i) % size;
    action(peer, members_[size_t(peer)]);
  }
}

std::byte* PeerGroup::incoming(int rank) const {
  return headers_.get() + size_t(rank) * small_message;
}
std::byte* PeerGroup::outgoing(int rank) const { return incoming(rank + int(members_.size())); }

/// What a process says on another topic than the one on which it was expected.
std::string PeerGroup::what_else(int peer, Topic topic) {
  // Never freed: the message may come later.
  auto* message = new std::byte[small_message];
  auto transfer =
      shared_->transport.receive(members_[size_t(peer)], tag(topic), message, small_message);
  for (int attempt = 0; attempt < 10; ++attempt)
    if (shared_->transport.is_done(transfer)) return "; " + calls_text({peer}, header_in(message));
  return "";
}

/// Tells every other process the header and some values for it, and gets theirs, which lie in the
/// group's memory until the next call.
std::vector<const void*> PeerGroup::meet(Exchange& exchange, const CallHeader& own,
                                         const std::vector<const void*>& values, size_t bytes) {
  for_each_peer([&](int peer, int to) {
    exchange.receive(peer, to, tag(Topic::call), incoming(peer), small_message);
  });
  for_each_peer([&](int peer, int to) {
    std::memcpy(outgoing(peer), &own, sizeof own);
    if (bytes > 0) std::memcpy(outgoing(peer) + sizeof own, values[size_t(peer)], bytes);
    exchange.send(peer, to, tag(Topic::call), outgoing(peer), sizeof own + bytes);
  });
  if (!exchange.wait_for_all()) {
    auto late = exchange.late_peers();
    std::string text =
        concat_text("Within ", timeout(), " s ", rank_list(late), " did not come to call number ",
                    own.number + 1, " of the group");
    for (int peer : late) text += what_else(peer, Topic::message);
    fail(own.kind, text + ". A process has ended, hangs or works on something else.");
  }
  check_headers(own);
  std::vector<const void*> received;
  for (int i = 0; i < size(); ++i)
    received.push_back(i == rank_ ? (bytes > 0 ? values[size_t(i)] : nullptr)
                                  : incoming(i) + sizeof own);
  return received;
}

void PeerGroup::check_headers(const CallHeader& own) {
  std::vector<CallHeader> headers;
  std::vector<int> left;
  for (int i = 0; i < size(); ++i) {
    headers.push_back(i == rank_ ? own : header_in(incoming(i)));
    if (headers.back().is_farewell()) left.push_back(i);
  }
  if (!left.empty()) throw_incomplete(own.kind, left);
  for (auto& header : headers)
    if (header != own) throw RefusedCall(in_brackets(own.kind) + describe_mismatch(headers));
}

/// Waits for the first messages of a call.
void PeerGroup::finish(Exchange& exchange, CallKind kind, size_t count) {
  if (exchange.wait(count)) return;
  fail(kind,
       concat_text("Within ", timeout(), " s nothing came from ", rank_list(exchange.late_peers()),
                   ", in the middle of the call. A process has ended or hangs."));
}

// ---- Reductions

void PeerGroup::all_sum(const array& input, array& output, Stream) {
  reduce(CallKind::all_sum, ElementwiseOp::Add, input, output);
}
void PeerGroup::all_max(const array& input, array& output, Stream) {
  reduce(CallKind::all_max, ElementwiseOp::Maximum, input, output);
}
void PeerGroup::all_min(const array& input, array& output, Stream) {
  reduce(CallKind::all_min, ElementwiseOp::Minimum, input, output);
}

void PeerGroup::reduce(CallKind kind, ElementwiseOp op, const array& input, array& output) {
  call(kind, input, [&](Exchange& exchange, const CallHeader& header) {
    if (input.nbytes() <= small_values) {
      std::vector<const void*> values(members_.size(), bytes_of(input));
      auto runs = meet(exchange, header, values, input.nbytes());
      return cpu::combine(op, input.dtype(), runs, output.data<void>(), input.size());
    }
    meet(exchange, header, {}, 0);
    reduce_in_segments(exchange, kind, op, input, output);
  });
}

/// Each process combines its share of every segment and gives it to all others, while the next
/// segment is on its way.
void PeerGroup::reduce_in_segments(Exchange& exchange, CallKind kind, ElementwiseOp op,
                                   const array& input, array& output) {
  const size_t item = input.itemsize();
  const Segments segments(input.size(), item, size());
  const size_t share_bytes = segments.share * item;
  const std::byte* source = bytes_of(input);
  std::byte* target = output.data<std::byte>();
  exchange.keep(input.data_shared_ptr());
  exchange.keep(output.data_shared_ptr());
  std::byte* scratch = exchange.allocate(2 * members_.size() * share_bytes);
  auto received = [&](size_t segment, int peer) {
    return scratch + (segment % 2 * members_.size() + size_t(peer)) * share_bytes;
  };

  auto begin_segment = [&](size_t segment) {
    const Part own = segments.part(segment, rank_);
    for_each_peer([&](int peer, int to) {
      const Part theirs = segments.part(segment, peer);
      if (own.count > 0)
        exchange.receive(peer, to, tag(Topic::values), received(segment, peer), own.count * item);
      if (theirs.count > 0)
        exchange.send(peer, to, tag(Topic::values), source + theirs.begin * item,
                      theirs.count * item);
    });
    return exchange.begun();
  };

  std::vector<const void*> runs(members_.size());
  size_t needed = begin_segment(0);
  for (size_t segment = 0; segment < segments.count(); ++segment) {
    const size_t next = segment + 1 < segments.count() ? begin_segment(segment + 1) : 0;
    finish(exchange, kind, needed);
    needed = next;
    const Part own = segments.part(segment, rank_);
    for (int i = 0; i < size(); ++i)
      runs[size_t(i)] = i == rank_ ? source + own.begin * item : received(segment, i);
    cpu::combine(op, input.dtype(), runs, target + own.begin * item, own.count);
    for_each_peer([&](int peer, int to) {
      const Part theirs = segments.part(segment, peer);
      if (theirs.count > 0)
        exchange.receive(peer, to, tag(Topic::values), target + theirs.begin * item,
                         theirs.count * item);
      if (own.count > 0)
        exchange.send(peer, to, tag(Topic::values), target + own.begin * item, own.count * item);
    });
  }
  finish(exchange, kind, exchange.begun());
}

void PeerGroup::sum_scatter(const array& input, array& output, Stream) {
  call(CallKind::sum_scatter, input, [&](Exchange& exchange, const CallHeader& header) {
    if (output.nbytes() > small_values) {
      meet(exchange, header, {}, 0);
      return scatter_in_segments(exchange, input, output);
    }
    std::vector<const void*> values;
    for (int i = 0; i < size(); ++i)
      values.push_back(bytes_of(input) + size_t(i) * output.nbytes());
    auto runs = meet(exchange, header, values, output.nbytes());
    cpu::combine(ElementwiseOp::Add, input.dtype(), runs, output.data<void>(), output.size());
  });
}

void PeerGroup::scatter_in_segments(Exchange& exchange, const array& input, array& output) {
  const size_t item = input.itemsize();
  const Segments segments(output.size(), item, 1);
  const size_t share_bytes = segments.share * item;
  const std::byte* source = bytes_of(input);
  std::byte* target = output.data<std::byte>();
  exchange.keep(input.data_shared_ptr());
  std::byte* scratch = exchange.allocate(2 * members_.size() * share_bytes);
  auto received = [&](size_t segment, int peer) {
    return scratch + (segment % 2 * members_.size() + size_t(peer)) * share_bytes;
  };
  auto for_rank = [&](int rank, Part part) {
    return source + size_t(rank) * output.nbytes() + part.begin * item;
  };

  auto begin_segment = [&](size_t segment) {
    const Part part = segments.part(segment, 0);
    for_each_peer([&](int peer, int to) {
      exchange.receive(peer, to, tag(Topic::values), received(segment, peer), part.count * item);
      exchange.send(peer, to, tag(Topic::values), for_rank(peer, part), part.count * item);
    });
    return exchange.begun();
  };

  std::vector<const void*> runs(members_.size());
  size_t needed = begin_segment(0);
  for (size_t segment = 0; segment < segments.count(); ++segment) {
    const size_t next = segment + 1 < segments.count() ? begin_segment(segment + 1) : 0;
    finish(exchange, CallKind::sum_scatter, needed);
    needed = next;
    const Part part = segments.part(segment, 0);
    for (int i = 0; i < size(); ++i)
      runs[size_t(i)] = i == rank_ ? for_rank(i, part) : received(segment, i);
    cpu::combine(ElementwiseOp::Add, input.dtype(), runs, target + part.begin * item, part.count);
  }
}

// ---- The other calls of all processes

void PeerGroup::all_gather(const array& input, array& output, Stream) {
  call(CallKind::all_gather, input, [&](Exchange& exchange, const CallHeader& header) {
    const size_t bytes = input.nbytes();
    const std::byte* source = bytes_of(input);
    std::byte* target = output.data<std::byte>();
    if (bytes <= small_values) {
      std::vector<const void*> values(members_.size(), source);
      auto received = meet(exchange, header, values, bytes);
      for (size_t i = 0; i < received.size() && bytes > 0; ++i)
        std::memcpy(target + i * bytes, received[i], bytes);
      return;
    }
    meet(exchange, header, {}, 0);
    exchange.keep(input.data_shared_ptr());
    exchange.keep(output.data_shared_ptr());
    for_each_peer([&](int peer, int to) {
      exchange.receive(peer, to, tag(Topic::values), target + size_t(peer) * bytes, bytes);
      exchange.send(peer, to, tag(Topic::values), source, bytes);
    });
    std::memcpy(target + size_t(rank_) * bytes, source, bytes);
    finish(exchange, CallKind::all_gather, exchange.begun());
  });
}

std::shared_ptr<PeerGroup> PeerGroup::divide(int color, int key) {
  struct Wish {
    int color, key, context;
  };
  if (size() == 1) throw EngineError("[split] A group of one process can't be split.");
  std::vector<std::pair<int, int>> chosen;
  int context = 0;
  call(CallKind::split, array(0), [&](Exchange& exchange, const CallHeader& header) {
    const Wish own{color, key, shared_->next_context.load()};
    std::vector<const void*> values(members_.size(), &own);
    auto received = meet(exchange, header, values, sizeof own);
    for (int i = 0; i < size(); ++i) {
      Wish wish;
      std::memcpy(&wish, received[size_t(i)], sizeof wish);
      context = std::max(context, wish.context);
      if (wish.color == color) chosen.push_back({wish.key < 0 ? i : wish.key, i});
    }
  });
  // A number that none of them has used.
  shared_->next_context = context + 1;
  std::sort(chosen.begin(), chosen.end());
  std::vector<int> members;
  for (auto& [place, rank] : chosen) members.push_back(members_[size_t(rank)]);
  return make(shared_, std::move(members), context);
}

std::vector<std::string> PeerGroup::tell_all(const std::string& own) {
  struct Text {
    uint32_t length = 0;
    char text[1000];
  };
  std::vector<std::string> texts;
  call(CallKind::init, array(0), [&](Exchange& exchange, const CallHeader& header) {
    Text message;
    message.length = uint32_t(std::min(own.size(), sizeof message.text));
    std::memcpy(message.text, own.data(), message.length);
    std::vector<const void*> values(members_.size(), &message);
    for (auto* received : meet(exchange, header, values, sizeof message)) {
      std::memcpy(&message, received, sizeof message);
      texts.emplace_back(message.text, message.length);
    }
  });
  return texts;
}

void PeerGroup::meet_all(CallKind kind, const array& values,
                         const std::function<void()>& move_values) {
  auto body = [&](Exchange& exchange, const CallHeader& header) {
    meet(exchange, header, {}, 0);
    move_values();
  };
  call(kind, values, body, true);
}

std::vector<int> PeerGroup::lost_peers() const {
  std::vector<int> lost;
  for (int i = 0; i < int(members_.size()); ++i)
    if (i != rank_ && shared_->transport.has_lost(members_[size_t(i)])) lost.push_back(i);
  return lost;
}

// ---- The end

bool PeerGroup::leave(bool without_limit) {
  // A call that is under way on another thread takes what would be waited for here.
  std::unique_lock lock(calling_, std::try_to_lock);
  const bool in_order = lock && !shared_->has_problem && shared_->transport.is_sound();
  // Never freed: it may be under way when the process ends.
  auto* notice = new CallHeader(in_order ? CallKind::left : CallKind::lost, 0);
  for (auto& known : shared_->groups()) {
    auto group = known.lock();
    if (!group) continue;
    group->for_each_peer([&](int, int to) {
      for (auto topic : {Topic::call, Topic::message, Topic::reply})
        shared_->transport.send(to, group->tag(topic), notice, sizeof *notice);
    });
  }
  if (!in_order) return false;

  const auto end = std::chrono::steady_clock::now() + time_limit();
  for (int peer = 0; peer < size(); ++peer) {
    if (peer == rank_) continue;
    CallHeader heard = *notice;
    do {
      auto transfer = shared_->transport.receive(members_[size_t(peer)], tag(Topic::call),
                                                 incoming(peer), small_message);
      while (!shared_->transport.is_done(transfer)) {
        if (!without_limit && std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      heard = header_in(incoming(peer));
    } while (!heard.is_farewell());
    if (heard.kind != CallKind::left) return false;
  }
  return true;
}

}  // namespace mlx::core::distributed
