#pragma once

#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <tuple>
#include <vector>

#include "distributed/peer_group.h"
#include "mlx/mlx.h"

// Threads that stand for processes: each has a transport of its own, and their messages go through
// queues in memory.

namespace processes {

using namespace mlx::core;
using distributed::PeerGroup;
using distributed::Transport;

class Mail {
 public:
  using Address = std::tuple<int, int, int>;

  void put(Address address, std::vector<std::byte> message) {
    std::lock_guard lock(mutex_);
    queues_[address].messages.push_back(std::move(message));
  }
  /// The number of the message that the next receiver gets.
  size_t next(Address address) {
    std::lock_guard lock(mutex_);
    return queues_[address].receivers++;
  }
  /// Takes a message that has arrived.
  bool take(Address address, size_t number, std::byte* to) {
    std::lock_guard lock(mutex_);
    auto& messages = queues_[address].messages;
    if (number >= messages.size()) return false;
    std::copy(messages[number].begin(), messages[number].end(), to);
    messages[number] = {};
    return true;
  }

 private:
  struct Queue {
    std::vector<std::vector<std::byte>> messages;
    size_t receivers = 0;
  };
  std::mutex mutex_;
  std::map<Address, Queue> queues_;
};

class MailTransport : public Transport {
 public:
  MailTransport(Mail& mail, int rank, int size) : mail_(mail), rank_(rank), size_(size) {}

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  Transfer send(int to, int tag, const void* bytes, size_t count) override {
    auto* first = static_cast<const std::byte*>(bytes);
    mail_.put({rank_, to, tag}, {first, first + count});
    return {};
  }
  Transfer receive(int from, int tag, void* bytes, size_t) override {
    Mail::Address address{from, rank_, tag};
    return {new Receipt{address, mail_.next(address), static_cast<std::byte*>(bytes)}};
  }
  bool is_done(Transfer& transfer) override {
    if (!transfer.handle) return true;
    auto* receipt = static_cast<Receipt*>(transfer.handle);
    if (!mail_.take(receipt->address, receipt->number, receipt->to)) return false;
    delete receipt;
    return true;
  }
  void abandon(Transfer& transfer) override {
    delete static_cast<Receipt*>(transfer.handle);
    transfer.handle = nullptr;
  }
  bool is_sound() const override { return true; }
  void close(bool) override {}

 private:
  struct Receipt {
    Mail::Address address;
    size_t number;
    std::byte* to;
  };
  Mail& mail_;
  int rank_, size_;
};

/// Runs a function once for each of `size` processes, and rethrows the first error.
inline void run(int size, const std::function<void(distributed::Group)>& body) {
  Mail mail;
  std::vector<std::unique_ptr<MailTransport>> transports;
  std::vector<std::exception_ptr> errors(static_cast<size_t>(size));
  for (int i = 0; i < size; ++i)
    transports.push_back(std::make_unique<MailTransport>(mail, i, size));
  std::vector<std::thread> threads;
  for (int i = 0; i < size; ++i)
    threads.emplace_back([&, i] {
      try {
        body(distributed::Group(PeerGroup::world(*transports[size_t(i)])));
      } catch (...) {
        errors[size_t(i)] = std::current_exception();
      }
    });
  for (auto& thread : threads) thread.join();
  for (auto& error : errors)
    if (error) std::rethrow_exception(error);
}

}  // namespace processes
