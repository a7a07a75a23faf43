#include "distributed/tcp_transport.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "distributed/tcp_mesh.h"
#include "mlx/errors.h"
#include "mlx/utils.h"

namespace mlx::core::distributed {

namespace {

/// Before the bytes of each message.
struct WireHeader {
  int64_t tag;
  uint64_t count;
};

struct Pending {
  int peer;
  bool is_done = false;
};

/// A connection: what is to be sent, in order, and what comes.
class Peer {
 public:
  Peer(int socket, int rank) : socket_(socket), rank_(rank) {
    if (socket < 0) return;
    int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
  }

  bool is_gone() const { return is_gone_; }

  void send(int tag, const void* bytes, size_t count, Pending* pending) {
    outgoing_.push_back({{tag, count}, static_cast<const std::byte*>(bytes), 0, pending});
    write();
  }

  void receive(int tag, void* bytes, size_t capacity, Pending* pending) {
    Posted posted{tag, static_cast<std::byte*>(bytes), capacity, pending};
    auto early = std::find_if(early_.begin(), early_.end(),
                              [&](const Message& message) { return message.tag == tag; });
    if (early == early_.end()) return posted_.push_back(posted);
    fill(posted, early->bytes);
    early_.erase(early);
  }

  void move_along() {
    if (socket_ < 0 || is_gone_) return;
    write();
    // Some at a time, so that no connection keeps the others waiting.
    for (int part = 0; part < 16 && read(); ++part) {
    }
  }

  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
    is_gone_ = true;
  }

 private:
  struct Outgoing {
    WireHeader header;
    const std::byte* bytes;
    /// Of the header and the bytes.
    size_t sent;
    Pending* pending;
  };
  struct Posted {
    int64_t tag;
    std::byte* bytes;
    size_t capacity;
    Pending* pending;
  };
  struct Message {
    int64_t tag;
    std::vector<std::byte> bytes;
  };

  void write() {
    while (!outgoing_.empty() && !is_gone_ && socket_ >= 0) {
      Outgoing& next = outgoing_.front();
      const size_t header_left = sizeof next.header - std::min(sizeof next.header, next.sent);
      const size_t done = next.sent - (sizeof next.header - header_left);
      iovec parts[] = {
          {reinterpret_cast<char*>(&next.header) + (sizeof next.header - header_left), header_left},
          {const_cast<std::byte*>(next.bytes) + done, next.header.count - done}};
      msghdr message{};
      message.msg_iov = parts;
      message.msg_iovlen = 2;
      const ssize_t sent = sendmsg(socket_, &message, MSG_NOSIGNAL);
      if (sent < 0) return note_error();
      next.sent += size_t(sent);
      if (next.sent < sizeof next.header + next.header.count) continue;
      next.pending->is_done = true;
      outgoing_.pop_front();
    }
  }

  /// Whether there may be more.
  bool read() {
    std::byte* to;
    size_t wanted;
    if (header_got_ < sizeof header_) {
      to = reinterpret_cast<std::byte*>(&header_) + header_got_;
      wanted = sizeof header_ - header_got_;
    } else {
      to = target_ + body_got_;
      wanted = header_.count - body_got_;
    }
    const ssize_t got = ::recv(socket_, to, wanted, 0);
    if (got == 0) is_gone_ = true;
    if (got < 0) note_error();
    if (got <= 0) return false;
    if (header_got_ < sizeof header_) {
      header_got_ += size_t(got);
      if (header_got_ == sizeof header_) begin_body();
    } else {
      body_got_ += size_t(got);
      if (body_got_ == header_.count) end_body();
    }
    return true;
  }

  /// Straight to where it is wanted, if anybody waits for it already.
  void begin_body() {
    if (header_.count > Transport::largest_message)
      throw EngineError(concat_text("[distributed] What rank ", rank_, " sends is no message."));
    body_got_ = 0;
    direct_.reset();
    auto posted = find_posted();
    if (posted != posted_.end() && header_.count <= posted->capacity) {
      direct_ = *posted;
      posted_.erase(posted);
      target_ = direct_->bytes;
    } else {
      body_.resize(header_.count);
      target_ = body_.data();
    }
    if (header_.count == 0) end_body();
  }

  void end_body() {
    header_got_ = 0;
    if (direct_) {
      direct_->pending->is_done = true;
      return;
    }
    auto posted = find_posted();
    if (posted == posted_.end()) {
      early_.push_back({header_.tag, std::move(body_)});
    } else {
      Posted receiver = *posted;
      posted_.erase(posted);
      fill(receiver, body_);
    }
    body_ = {};
  }

  std::deque<Posted>::iterator find_posted() {
    return std::find_if(posted_.begin(), posted_.end(),
                        [&](const Posted& posted) { return posted.tag == header_.tag; });
  }

  void fill(const Posted& posted, const std::vector<std::byte>& bytes) {
    if (bytes.size() > posted.capacity)
      throw EngineError(concat_text("[distributed] Rank ", rank_, " sends ", bytes.size(),
                                    " bytes where ", posted.capacity, " are expected."));
    std::copy(bytes.begin(), bytes.end(), posted.bytes);
    posted.pending->is_done = true;
  }

  void note_error() { is_gone_ |= errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR; }

  int socket_;
  const int rank_;
  bool is_gone_ = false;
  std::deque<Outgoing> outgoing_;
  std::deque<Posted> posted_;
  /// That came before anybody asked.
  std::deque<Message> early_;

  // The message that is coming: its header, and its bytes in a receiver's memory or in body_.
  WireHeader header_;
  size_t header_got_ = 0, body_got_ = 0;
  std::byte* target_ = nullptr;
  std::optional<Posted> direct_;
  std::vector<std::byte> body_;
};

class TcpTransport : public Transport {
 public:
  TcpTransport(int rank, const std::vector<int>& sockets) : rank_(rank) {
    for (size_t i = 0; i < sockets.size(); ++i) peers_.emplace_back(sockets[i], int(i));
  }

  int rank() const override { return rank_; }
  int size() const override { return int(peers_.size()); }

  Transfer send(int to, int tag, const void* bytes, size_t count) override {
    std::lock_guard lock(mutex_);
    check_open();
    auto* pending = new Pending{to};
    peers_[size_t(to)].send(tag, bytes, count, pending);
    return {pending};
  }

  Transfer receive(int from, int tag, void* bytes, size_t count) override {
    std::lock_guard lock(mutex_);
    check_open();
    auto* pending = new Pending{from};
    peers_[size_t(from)].receive(tag, bytes, count, pending);
    return {pending};
  }

  bool is_done(Transfer& transfer) override {
    auto* pending = static_cast<Pending*>(transfer.handle);
    std::lock_guard lock(mutex_);
    check_open();
    if (!pending->is_done) move_along();
    if (pending->is_done) {
      delete pending;
      transfer.handle = nullptr;
      return true;
    }
    if (peers_[size_t(pending->peer)].is_gone())
      throw LostPeer(
          concat_text("[distributed] Rank ", pending->peer, " of all processes has ended."));
    return false;
  }

  void abandon(Transfer&) override {
    // A message that comes late still finds its memory.
    std::lock_guard lock(mutex_);
    is_broken_ = true;
  }

  bool has_lost(int peer) override {
    std::lock_guard lock(mutex_);
    // Nobody is missed by who leaves.
    if (is_closed_) return false;
    move_along();
    return peers_[size_t(peer)].is_gone();
  }

  bool is_sound() const override {
    std::lock_guard lock(mutex_);
    return !is_broken_;
  }

  void close(bool) override {
    std::lock_guard lock(mutex_);
    is_closed_ = true;
    for (auto& peer : peers_) peer.close();
  }

 private:
  void move_along() {
    for (auto& peer : peers_) peer.move_along();
  }
  void check_open() const {
    if (is_closed_) throw EngineError("[distributed] The process is about to end.");
  }

  const int rank_;
  mutable std::mutex mutex_;
  std::deque<Peer> peers_;
  bool is_closed_ = false, is_broken_ = false;
};

}  // namespace

Transport* start_tcp(std::string* reason) {
  auto place = LaunchPlace::from_environment();
  if (!place) {
    *reason = "this process was not started by mpirun or mlx-launch";
    return nullptr;
  }
  // Leaked: other threads may still use it while the process exits.
  return new TcpTransport(place->rank, connect_all(*place));
}

}  // namespace mlx::core::distributed
