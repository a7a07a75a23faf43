// Messages from one process of a group to another.

#include <cstring>

#include "distributed/peer_call.h"
#include "mlx/errors.h"
#include "mlx/utils.h"

namespace mlx::core::distributed {

namespace {

[[noreturn]] void throw_unequal(CallKind kind, int sender, const CallHeader& sent, int receiver,
                                const CallHeader& wanted) {
  throw RefusedCall(concat_text(
      in_brackets(kind), "What is sent is not what is received: ", calls_text({sender}, sent),
      ", but ", calls_text({receiver}, wanted), "."));
}

/// Whether the values travel with the header.
bool is_small(const CallHeader& header) { return !header.on_gpu && header.bytes() <= small_values; }

}  // namespace

/// Tells the receiver what it will get, with the values if they are few; else once it has said that
/// it wants just that.
void PeerGroup::offer(Exchange& exchange, const CallHeader& own, const array& input, int to) {
  const int other = members_[size_t(to)];
  const size_t bytes = sizeof own + (is_small(own) ? own.bytes() : 0);
  std::byte* message = exchange.allocate(bytes);
  std::memcpy(message, &own, sizeof own);
  if (bytes > sizeof own) std::memcpy(message + sizeof own, bytes_of(input), own.bytes());
  exchange.send(to, other, tag(Topic::message), message, bytes);
  std::byte* answer = exchange.allocate(sizeof own);
  if (!is_small(own)) exchange.receive(to, other, tag(Topic::reply), answer, sizeof own);
  if (!exchange.wait_for_all())
    fail(own.kind, concat_text("Within ", timeout(), " s ", rank_list({to}), " did not take ",
                               own.values_text(), what_else(to, Topic::call), "."));
  if (is_small(own)) return;
  const CallHeader wanted = header_in(answer);
  if (wanted.is_farewell()) throw_incomplete(own.kind, {to});
  if (!own.has_same_values(wanted)) throw_unequal(own.kind, rank_, own, to, wanted);
}

void PeerGroup::send(const array& input, int to, Stream) {
  std::lock_guard lock(sending_[size_t(to)]);
  guarded(CallKind::send, [&] {
    Exchange exchange(shared_->transport);
    const CallHeader own(CallKind::send, 0, input);
    offer(exchange, own, input, to);
    if (is_small(own)) return;
    exchange.keep(input.data_shared_ptr());
    exchange.send(to, members_[size_t(to)], tag(Topic::message), bytes_of(input), own.bytes());
    finish(exchange, own.kind, exchange.begun());
  });
}

void PeerGroup::meet_receiver(const array& values, int to,
                              const std::function<void()>& move_values) {
  std::lock_guard lock(sending_[size_t(to)]);
  guarded(CallKind::send, [&] {
    Exchange exchange(shared_->transport);
    offer(exchange, CallHeader(CallKind::send, 0, values, true), values, to);
    move_values();
  });
}

/// Waits for an offer and answers it; the values if they came with it, or else null.
const std::byte* PeerGroup::accept(Exchange& exchange, const CallHeader& own, int from) {
  const int other = members_[size_t(from)];
  std::byte* message = exchange.allocate(small_message);
  exchange.receive(from, other, tag(Topic::message), message, small_message);
  if (!exchange.wait_for_all())
    fail(own.kind, concat_text("Within ", timeout(), " s ", rank_list({from}), " sent nothing",
                               what_else(from, Topic::call), "."));
  const CallHeader sent = header_in(message);
  if (sent.is_farewell()) throw_incomplete(own.kind, {from});
  if (!is_small(sent)) {
    std::byte* answer = exchange.allocate(sizeof own);
    std::memcpy(answer, &own, sizeof own);
    exchange.send(from, other, tag(Topic::reply), answer, sizeof own);
  }
  if (own.has_same_values(sent)) return is_small(sent) ? message + sizeof sent : nullptr;
  finish(exchange, own.kind, exchange.begun());
  throw_unequal(own.kind, from, sent, rank_, own);
}

void PeerGroup::recv(array& output, int from, Stream) {
  std::lock_guard lock(receiving_[size_t(from)]);
  guarded(CallKind::recv, [&] {
    Exchange exchange(shared_->transport);
    const CallHeader own(CallKind::recv, 0, output);
    if (auto* values = accept(exchange, own, from)) {
      if (own.bytes() > 0) std::memcpy(output.data<void>(), values, own.bytes());
      return;
    }
    exchange.keep(output.data_shared_ptr());
    exchange.receive(from, members_[size_t(from)], tag(Topic::message), output.data<void>(),
                     own.bytes());
    finish(exchange, own.kind, exchange.begun());
  });
}

void PeerGroup::meet_sender(const array& values, int from,
                            const std::function<void()>& move_values) {
  std::lock_guard lock(receiving_[size_t(from)]);
  guarded(CallKind::recv, [&] {
    Exchange exchange(shared_->transport);
    accept(exchange, CallHeader(CallKind::recv, 0, values, true), from);
    finish(exchange, CallKind::recv, exchange.begun());
    move_values();
  });
}

}  // namespace mlx::core::distributed
