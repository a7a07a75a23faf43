#include "distributed/tcp_mesh.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>

#include "distributed/time_limit.h"
#include "mlx/distributed/distributed.h"
#include "mlx/errors.h"
#include "mlx/utils.h"

namespace mlx::core::distributed {

namespace {

using Clock = std::chrono::steady_clock;

constexpr char greeting[8] = {'m', 'l', 'x', ' ', 'p', 'e', 'e', 'r'};

/// What a process says first. It crosses as it is: all processes run this program.
struct Hello {
  char greeting[8];
  int32_t rank, size;
  /// Where it listens; its address is the one that it comes from.
  uint16_t port;
};

/// Where a process listens.
struct Listener {
  sockaddr_storage address;
  socklen_t length;
};

class Socket {
 public:
  explicit Socket(int number = -1) : number_(number) {}
  Socket(Socket&& other) noexcept : number_(other.release()) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Socket() {
    if (number_ >= 0) close(number_);
  }

  int number() const { return number_; }
  int release() { return std::exchange(number_, -1); }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_;
};

[[noreturn]] void fail(const std::string& what) {
  throw EngineError("[distributed.init] " + what + ": " + std::strerror(errno) + ".");
}

class Mesh {
 public:
  explicit Mesh(const LaunchPlace& place)
      : place_(place),
        end_(Clock::now() + std::chrono::duration_cast<Clock::duration>(time_limit())),
        sockets_(size_t(place.size)) {}

  std::vector<int> connect() {
    if (place_.rank == 0)
      be_found();
    else
      find_others();
    std::vector<int> numbers;
    for (auto& socket : sockets_) numbers.push_back(socket.release());
    return numbers;
  }

 private:
  void be_found() {
    listener_ = listen_at_place();
    accept_from(1);
    // Now that all have come each can be told where the others are.
    std::vector<Listener> listeners(sockets_.size());
    for (size_t i = 1; i < sockets_.size(); ++i) {
      auto& listener = listeners[i];
      listener.length = sizeof listener.address;
      getpeername(sockets_[i].number(), reinterpret_cast<sockaddr*>(&listener.address),
                  &listener.length);
      set_port(listener.address, ports_[i]);
    }
    for (size_t i = 1; i < sockets_.size(); ++i)
      if (!write_all(sockets_[i].number(), listeners.data(), listeners.size() * sizeof(Listener)))
        fail(concat_text("The connection to rank ", i, " broke"));
  }

  void find_others() {
    sockets_[0] = connect_to_first();
    listener_ = listen_beside(sockets_[0]);
    say_hello(sockets_[0]);
    std::vector<Listener> listeners(sockets_.size());
    if (!read_all(sockets_[0].number(), listeners.data(), listeners.size() * sizeof(Listener),
                  end_))
      throw_late();
    for (int i = 1; i < place_.rank; ++i) {
      auto& listener = listeners[size_t(i)];
      auto* address = reinterpret_cast<sockaddr*>(&listener.address);
      Socket socket(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
      if (!socket || ::connect(socket.number(), address, listener.length) != 0)
        fail(concat_text("Rank ", i, " can't be reached"));
      say_hello(socket);
      sockets_[size_t(i)] = std::move(socket);
    }
    accept_from(place_.rank + 1);
  }

  Socket listen_at_place() {
    addrinfo* found = look_up(AI_PASSIVE);
    Socket socket = new_listener(found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    if (!socket)
      fail("Rank 0 can't listen at " + place_.host + " port " + place_.port +
           ", of NCCL_HOST_IP and NCCL_PORT");
    return socket;
  }

  /// On the interface by which the first process was found.
  Socket listen_beside(const Socket& connection) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    getsockname(connection.number(), reinterpret_cast<sockaddr*>(&address), &length);
    set_port(address, 0);
    Socket socket = new_listener(reinterpret_cast<sockaddr*>(&address), length);
    if (!socket) fail("There is no port to listen at");
    return socket;
  }

  static Socket new_listener(const sockaddr* address, socklen_t length) {
    Socket socket(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    int on = 1;
    if (socket) setsockopt(socket.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (!socket || bind(socket.number(), address, length) != 0 ||
        listen(socket.number(), SOMAXCONN) != 0)
      return Socket();
    return socket;
  }

  Socket connect_to_first() {
    addrinfo* found = look_up(0);
    Socket socket;
    // It may not have come so far.
    while (!socket && Clock::now() < end_) {
      Socket attempt(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
      if (attempt && ::connect(attempt.number(), found->ai_addr, found->ai_addrlen) == 0)
        socket = std::move(attempt);
      else
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    freeaddrinfo(found);
    if (!socket)
      fail(concat_text("Within ", timeout(), " s rank 0 was not found at ", place_.host, " port ",
                       place_.port, ", of NCCL_HOST_IP and NCCL_PORT"));
    return socket;
  }

  /// Of all ranks from there on; who says something else is sent away.
  void accept_from(int first) {
    ports_.resize(sockets_.size());
    for (int missing = place_.size - first; missing > 0;) {
      if (!wait_for(listener_.number(), POLLIN, end_)) throw_late();
      Socket socket(accept(listener_.number(), nullptr, nullptr));
      Hello hello;
      auto soon = std::min(end_, Clock::now() + std::chrono::seconds(2));
      if (!socket || !read_all(socket.number(), &hello, sizeof hello, soon) ||
          std::memcmp(hello.greeting, greeting, sizeof greeting) != 0 ||
          hello.size != place_.size || hello.rank < first || hello.rank >= place_.size ||
          sockets_[size_t(hello.rank)])
        continue;
      ports_[size_t(hello.rank)] = hello.port;
      sockets_[size_t(hello.rank)] = std::move(socket);
      --missing;
    }
  }

  void say_hello(const Socket& socket) {
    Hello hello{};
    std::memcpy(hello.greeting, greeting, sizeof greeting);
    hello.rank = place_.rank;
    hello.size = place_.size;
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    getsockname(listener_.number(), reinterpret_cast<sockaddr*>(&address), &length);
    hello.port = port_of(address);
    if (!write_all(socket.number(), &hello, sizeof hello)) fail("A connection broke");
  }

  addrinfo* look_up(int flags) const {
    addrinfo wanted{}, *found = nullptr;
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = flags;
    int status = getaddrinfo(place_.host.c_str(), place_.port.c_str(), &wanted, &found);
    if (status != 0)
      throw EngineError("[distributed.init] NCCL_HOST_IP and NCCL_PORT name no address, " +
                        place_.host + " port " + place_.port + ": " + gai_strerror(status) + ".");
    return found;
  }

  [[noreturn]] void throw_late() const {
    std::string missing;
    for (int i = 0; i < place_.size; ++i)
      if (i != place_.rank && !sockets_[size_t(i)])
        missing += (missing.empty() ? "" : ", ") + std::to_string(i);
    throw EngineError(concat_text("[distributed.init] Within ", timeout(),
                                  " s not all processes came",
                                  missing.empty() ? "" : "; there is no rank ", missing, "."));
  }

  static bool wait_for(int socket, short what, Clock::time_point end) {
    for (;;) {
      auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
      if (left.count() <= 0) return false;
      pollfd polled{socket, what, 0};
      int status = poll(&polled, 1, int(std::min<int64_t>(left.count() + 1, 1000)));
      if (status > 0) return true;
      if (status < 0 && errno != EINTR) return false;
    }
  }

  static bool read_all(int socket, void* to, size_t count, Clock::time_point end) {
    auto* next = static_cast<char*>(to);
    while (count > 0) {
      if (!wait_for(socket, POLLIN, end)) return false;
      ssize_t got = recv(socket, next, count, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      next += got;
      count -= size_t(got);
    }
    return true;
  }

  static bool write_all(int socket, const void* from, size_t count) {
    auto* next = static_cast<const char*>(from);
    while (count > 0) {
      ssize_t put = send(socket, next, count, MSG_NOSIGNAL);
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) return false;
      next += put;
      count -= size_t(put);
    }
    return true;
  }

  static uint16_t& port_of(sockaddr_storage& address) {
    return address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                         : reinterpret_cast<sockaddr_in&>(address).sin_port;
  }
  static void set_port(sockaddr_storage& address, uint16_t port) { port_of(address) = port; }

  const LaunchPlace& place_;
  const Clock::time_point end_;
  Socket listener_;
  std::vector<Socket> sockets_;
  /// Where each listens, in the network's byte order.
  std::vector<uint16_t> ports_;
};

/// A number in a variable, or -1.
int number_in(const char* name) {
  const char* text = std::getenv(name);
  char* end = nullptr;
  long number = text ? std::strtol(text, &end, 10) : -1;
  return text && end != text && !*end && number >= 0 && number <= 1'000'000 ? int(number) : -1;
}

}  // namespace

std::optional<LaunchPlace> LaunchPlace::from_environment() {
  const char *host = std::getenv("NCCL_HOST_IP"), *port = std::getenv("NCCL_PORT");
  if (!std::getenv("MLX_RANK") || !host || !port) return std::nullopt;
  LaunchPlace place{number_in("MLX_RANK"), number_in("MLX_WORLD_SIZE"), host, port};
  if (place.size < 1 || place.rank < 0 || place.rank >= place.size)
    throw EngineError(
        "[distributed.init] MLX_RANK must be a number from 0 to below MLX_WORLD_SIZE.");
  return place;
}

std::vector<int> connect_all(const LaunchPlace& place) { return Mesh(place).connect(); }

}  // namespace mlx::core::distributed
