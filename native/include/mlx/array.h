#pragma once

#include <atomic>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <vector>

#include "mlx/allocator.h"
#include "mlx/api.h"
#include "mlx/dtype.h"
#include "mlx/errors.h"
#include "mlx/event.h"
#include "mlx/node_memory.h"
#include "mlx/small_vector.h"

namespace mlx::core {

class Primitive;

using ShapeElem = int32_t;
using Shape = SmallVector<ShapeElem, 4>;
using Strides = SmallVector<int64_t, 4>;
/// Frees a buffer when the last array on it goes.
using Deleter = std::function<void(allocator::Buffer)>;

/// A shared handle on a node of the graph. Copying it copies a pointer; the values appear when
/// the node is evaluated. Shape and dtype are known from the start.
class MLX_API array {
 public:
  /// A scalar: shape ().
  template <typename T>
    requires(std::is_arithmetic_v<T> || is_half_v<T> || is_complex_v<T>)
  explicit array(T value, Dtype dtype = TypeToDtype<T>()) : array(Shape{}, dtype) {
    init(&value, 1);
  }
  explicit array(const std::complex<float>& value, Dtype dtype = complex64)
      : array(complex64_t(value), dtype) {}

  /// Copies shape's elements from an iterator, converting to dtype.
  template <typename It>
    requires requires { typename std::iterator_traits<It>::value_type; }
  explicit array(It data, Shape shape,
                 Dtype dtype = TypeToDtype<typename std::iterator_traits<It>::value_type>())
      : array(std::move(shape), dtype) {
    init(data, size());
  }

  /// One dimension, from a list.
  template <typename T>
  explicit array(std::initializer_list<T> values, Dtype dtype = TypeToDtype<T>())
      : array(Shape{ShapeElem(values.size())}, dtype) {
    init(values.begin(), values.size());
  }
  explicit array(std::initializer_list<float> values)
      : array(values.begin(), Shape{ShapeElem(values.size())}, float32) {}
  explicit array(std::initializer_list<int> values, Dtype dtype)
      : array(values.begin(), Shape{ShapeElem(values.size())}, dtype) {}

  /// Any shape, from a flat list; throws ShapeError when the counts differ.
  template <typename T>
  explicit array(std::initializer_list<T> values, Shape shape, Dtype dtype = TypeToDtype<T>())
      : array(std::move(shape), dtype) {
    check_count(values.size());
    init(values.begin(), values.size());
  }

  /// Takes a buffer over, row-contiguous.
  explicit array(allocator::Buffer data, Shape shape, Dtype dtype,
                 Deleter deleter = allocator::free);
  /// Wraps foreign memory without copying; deleter runs when the last user is gone.
  explicit array(void* data, Shape shape, Dtype dtype, const std::function<void(void*)>& deleter);

  /// A graph node that will hold the only output of a primitive.
  array(Shape shape, Dtype dtype, std::shared_ptr<Primitive> primitive, std::vector<array> inputs);
  /// The outputs of a primitive that has several: siblings that are evaluated together.
  static std::vector<array> make_arrays(std::vector<Shape> shapes, const std::vector<Dtype>& dtypes,
                                        const std::shared_ptr<Primitive>& primitive,
                                        const std::vector<array>& inputs);

  array(const array& other) : desc_(other.desc_) { retain(desc_); }
  array(array&& other) noexcept : desc_(other.desc_) { other.desc_ = nullptr; }
  // Assigning to a temporary is always a mistake, hence the qualifiers.
  array& operator=(const array& other) &;
  array& operator=(array&& other) & noexcept;
  array& operator=(const array& other) && = delete;
  array& operator=(array&& other) && = delete;
  ~array() {
    if (desc_) release(desc_);
  }

  // ---- What is known without evaluating

  size_t itemsize() const { return dtype().size(); }
  size_t size() const { return desc_->size; }
  size_t nbytes() const { return size() * itemsize(); }
  size_t ndim() const { return desc_->shape.size(); }
  const Shape& shape() const { return desc_->shape; }
  /// One dimension; negative counts from the end. Throws std::out_of_range.
  int shape(int dim) const { return desc_->shape[normalize(dim)]; }
  Dtype dtype() const { return desc_->dtype; }
  /// Equal for handles on the same node.
  std::uintptr_t id() const { return reinterpret_cast<std::uintptr_t>(desc_); }
  std::uintptr_t primitive_id() const {
    return reinterpret_cast<std::uintptr_t>(desc_->primitive.get());
  }

  // ---- Values

  /// Computes the values and waits for them.
  void eval();
  /// The value of an array of one element, evaluating it first; throws std::invalid_argument
  /// when there are more.
  template <typename T>
  T item();
  template <typename T>
  T item() const;

  /// Walks the slices along the first axis.
  struct MLX_API ArrayIterator {
    using iterator_category = std::random_access_iterator_tag;
    using difference_type = size_t;
    using value_type = const array;
    using reference = value_type;

    explicit ArrayIterator(const array& source, int index = 0);
    reference operator*() const;
    ArrayIterator& operator+(difference_type step) {
      index_ += int(step);
      return *this;
    }
    ArrayIterator& operator++() {
      ++index_;
      return *this;
    }
    friend bool operator==(const ArrayIterator& a, const ArrayIterator& b) {
      return a.source_.id() == b.source_.id() && a.index_ == b.index_;
    }
    friend bool operator!=(const ArrayIterator& a, const ArrayIterator& b) { return !(a == b); }

   private:
    const array& source_;
    int index_;
  };
  ArrayIterator begin() const { return ArrayIterator(*this); }
  ArrayIterator end() const { return ArrayIterator(*this, shape(0)); }

  // ---- The lower half: what evaluation and primitives use

  /// A buffer and how to free it, shared by every view.
  struct MLX_API Data {
    allocator::Buffer buffer;
    Deleter deleter;
    Data(allocator::Buffer buffer, Deleter deleter = allocator::free)
        : buffer(buffer), deleter(std::move(deleter)) {}
    Data(const Data&) = delete;
    Data& operator=(const Data&) = delete;
    ~Data() { deleter(buffer); }
  };

  struct Flags {
    /// Dense: data_size elements hold every value, maybe in another order.
    bool contiguous : 1;
    bool row_contiguous : 1;
    bool col_contiguous : 1;
  };

  enum Status {
    /// Part of the graph, not yet computed.
    unscheduled,
    /// Handed to a stream; `wait` before touching the data.
    evaluated,
    /// The data can be read.
    available,
  };

  /// A second handle that doesn't keep the node's other holders from donating it.
  static array unsafe_weak_copy(const array& other);

  bool has_primitive() const { return desc_->primitive != nullptr; }
  Primitive& primitive() const { return *desc_->primitive; }
  std::shared_ptr<Primitive>& primitive_ptr() const { return desc_->primitive; }
  /// Siblings share them.
  const std::vector<array>& inputs() const {
    return desc_->group ? desc_->group->inputs : desc_->inputs;
  }
  std::vector<array>& inputs() { return desc_->group ? desc_->group->inputs : desc_->inputs; }
  bool has_siblings() const { return desc_->group != nullptr; }
  /// The other outputs of the same primitive, in its order.
  std::vector<array> siblings() const;
  /// Calls visit with each of them, and allocates nothing.
  template <typename Visit>
  void for_each_sibling(Visit&& visit) const {
    if (!desc_->group) return;
    for (ArrayDesc* member : desc_->group->members) {
      if (member == desc_) continue;
      const array sibling = revive(member);
      visit(sibling);
    }
  }
  /// For who makes the outputs of a primitive one by one: this is the output at `position`, and the
  /// others are all its siblings, each of which is told the same.
  void set_siblings(const std::vector<array>& siblings, uint16_t position);
  /// This node and its siblings in the primitive's order.
  std::vector<array> outputs() const;
  /// This output's place among them.
  uint16_t sibling_position() const { return desc_->position; }
  /// Lets go of the inputs and the primitive; the values stay.
  void detach();

  const Strides& strides() const { return desc_->strides; }
  int64_t strides(int dim) const { return desc_->strides[normalize(dim)]; }
  const Flags& flags() const { return desc_->flags; }
  /// Elements that the data spans: less than size for broadcasts, more for padded strides.
  size_t data_size() const { return desc_->data_size; }
  /// Bytes between the buffer's begin and the first element.
  int64_t offset() const { return desc_->offset; }
  allocator::Buffer& buffer() { return desc_->data->buffer; }
  const allocator::Buffer& buffer() const { return desc_->data->buffer; }
  size_t buffer_size() const { return allocator::allocator().size(desc_->data->buffer); }
  const std::shared_ptr<Data>& data_shared_ptr() const { return desc_->data; }
  /// The values on the host, fetched if only a GPU has them; null before there are any. Who may
  /// write makes the GPU's copy invalid.
  template <typename T>
  T* data() {
    return static_cast<T*>(host_bytes(true));
  }
  template <typename T>
  const T* data() const {
    return static_cast<const T*>(host_bytes(false));
  }
  /// Whether data() is there without fetching.
  bool is_on_host() const;
  /// The first element's bytes on the host, fetched alone into `place` if only a GPU has them.
  const void* first_element(std::byte (&place)[16]) const;

  Status status() const { return desc_->status.load(std::memory_order_acquire); }
  void set_status(Status s) const { desc_->status.store(s, std::memory_order_release); }
  bool is_available() const;
  /// Blocks until the data can be read; rethrows what went wrong on the way.
  void wait();
  Event& event() const { return desc_->event; }
  void attach_event(Event event) const { desc_->event = std::move(event); }
  void detach_event() const { desc_->event = Event{}; }

  /// Marks an input of a function that is being traced.
  void set_tracer(bool is_tracer) { desc_->is_tracer = is_tracer; }
  bool is_tracer() const;

  /// True when nobody else can see the data, so an output may take the buffer.
  bool is_donatable() const {
    return desc_->references.load(std::memory_order_acquire) == 1 && desc_->data &&
           desc_->data.use_count() == 1;
  }
  /// Handles and graph edges on this node.
  uint32_t use_count() const { return desc_->references.load(std::memory_order_acquire); }

  /// A walk's number for this node, 0 outside walks; only for who holds the planning lock. The
  /// nodes of a plan for replays keep one.
  uint32_t plan_index() const { return desc_->plan_index; }
  void set_plan_index(uint32_t index) const { desc_->plan_index = index; }

  /// Gives the node its own row-contiguous buffer.
  void set_data(allocator::Buffer buffer, Deleter deleter = allocator::free);
  void set_data(allocator::Buffer buffer, size_t data_size, Strides strides, Flags flags,
                Deleter deleter);
  /// The same for a first element that many bytes behind the buffer's begin.
  void set_data(allocator::Buffer buffer, size_t data_size, Strides strides, Flags flags,
                int64_t offset = 0, Deleter deleter = allocator::free);
  /// Makes this node a view of another's buffer; offset counts elements from other's first.
  void copy_shared_buffer(const array& other, const Strides& strides, Flags flags, size_t data_size,
                          int64_t offset = 0);
  void copy_shared_buffer(const array& other);
  /// Makes this handle point at other's node.
  void overwrite_descriptor(const array& other) { *this = other; }

 private:
  struct SiblingGroup;
  struct ArrayDesc {
    std::atomic<uint32_t> references{1};
    std::atomic<Status> status{unscheduled};
    Dtype dtype;
    Flags flags{true, true, true};
    bool is_tracer = false;
    uint16_t position = 0;
    size_t size = 1;
    size_t data_size = 0;
    int64_t offset = 0;
    Shape shape;
    Strides strides;
    std::shared_ptr<Data> data;
    std::shared_ptr<Primitive> primitive;
    /// Those of an only output; siblings have theirs in the group.
    std::vector<array> inputs;
    SiblingGroup* group = nullptr;
    /// Links nodes that wait to be freed.
    ArrayDesc* next_dead = nullptr;
    uint32_t plan_index = 0;
    Event event;

    ArrayDesc(Shape shape, Dtype dtype);
  };

  /// The outputs of one primitive. A member without handles stays allocated while another has
  /// some, since evaluating one needs a place for all; that way no output owns another.
  struct SiblingGroup {
    std::vector<ArrayDesc*> members;
    std::vector<array> inputs;
    std::atomic<uint32_t> alive;
  };

  /// A leaf whose data the caller fills in.
  array(Shape shape, Dtype dtype);
  explicit array(ArrayDesc* desc) : desc_(desc) {}

  static ArrayDesc* make_desc(Shape shape, Dtype dtype);
  static void retain(ArrayDesc* desc) { desc->references.fetch_add(1, std::memory_order_relaxed); }
  static void release(ArrayDesc* desc) {
    if (desc->references.fetch_sub(1, std::memory_order_acq_rel) == 1) abandon(desc);
  }
  static void abandon(ArrayDesc* desc);
  static void destroy(ArrayDesc* desc);
  static array revive(ArrayDesc* desc);

  void* host_bytes(bool may_write) const {
    const Data* data = desc_->data.get();
    allocator::BufferRecord* record = data ? data->buffer.record() : nullptr;
    if (!record) return nullptr;
    if (record->device.load(std::memory_order_acquire)) [[unlikely]]
      return fetch_host_bytes(may_write);
    return static_cast<char*>(record->data) + desc_->offset;
  }
  void* fetch_host_bytes(bool may_write) const;

  size_t normalize(int dim) const;
  void check_count(size_t count) const;
  void allocate();
  template <typename It>
  void init(It data, size_t count);

  ArrayDesc* desc_;
};

template <typename T>
inline constexpr bool is_array_v = std::is_same_v<std::remove_cvref_t<T>, array>;
template <typename... T>
inline constexpr bool is_arrays_v = (is_array_v<T> && ...);
template <typename... T>
using enable_for_arrays_t = std::enable_if_t<is_arrays_v<T...>>;

template <typename It>
void array::init(It data, size_t count) {
  using Source = std::remove_cvref_t<decltype(*data)>;
  allocate();
  auto convert = [&](auto* out) {
    using T = std::remove_pointer_t<decltype(out)>;
    for (size_t i = 0; i < count; ++i, ++data) {
      if constexpr (std::is_same_v<T, complex64_t>) {
        out[i] = complex64_t(*data);
      } else if constexpr (is_complex_v<Source> || std::is_same_v<Source, std::complex<float>>) {
        out[i] = static_cast<T>((*data).real());
      } else {
        out[i] = static_cast<T>(*data);
      }
    }
  };
  switch (dtype()) {
    case Dtype::Val::bool_:
      return convert(this->data<bool>());
    case Dtype::Val::uint8:
      return convert(this->data<uint8_t>());
    case Dtype::Val::uint16:
      return convert(this->data<uint16_t>());
    case Dtype::Val::uint32:
      return convert(this->data<uint32_t>());
    case Dtype::Val::uint64:
      return convert(this->data<uint64_t>());
    case Dtype::Val::int8:
      return convert(this->data<int8_t>());
    case Dtype::Val::int16:
      return convert(this->data<int16_t>());
    case Dtype::Val::int32:
      return convert(this->data<int32_t>());
    case Dtype::Val::int64:
      return convert(this->data<int64_t>());
    case Dtype::Val::float16:
      return convert(this->data<float16_t>());
    case Dtype::Val::bfloat16:
      return convert(this->data<bfloat16_t>());
    case Dtype::Val::float32:
      return convert(this->data<float>());
    case Dtype::Val::float64:
      return convert(this->data<double>());
    case Dtype::Val::complex64:
      return convert(this->data<complex64_t>());
  }
}

/// Throws std::invalid_argument unless the array has exactly one element.
MLX_API void check_item(const array& a);
/// The one element of an available array as float64, or exactly for integers.
template <typename T>
T read_item(const array& a) {
  auto convert = [](auto value) -> T {
    using V = decltype(value);
    if constexpr (std::is_same_v<T, complex64_t> || std::is_same_v<T, std::complex<float>>)
      return T(complex64_t(value));
    else if constexpr (is_complex_v<V>)
      return static_cast<T>(value.real());
    else
      return static_cast<T>(value);
  };
  alignas(16) std::byte place[16];
  const void* element = a.first_element(place);
  switch (a.dtype()) {
    case Dtype::Val::bool_:
      // A view can hold any byte, which is no bool of C++.
      return convert(*static_cast<const uint8_t*>(element) != 0);
    case Dtype::Val::uint8:
      return convert(*static_cast<const uint8_t*>(element));
    case Dtype::Val::uint16:
      return convert(*static_cast<const uint16_t*>(element));
    case Dtype::Val::uint32:
      return convert(*static_cast<const uint32_t*>(element));
    case Dtype::Val::uint64:
      return convert(*static_cast<const uint64_t*>(element));
    case Dtype::Val::int8:
      return convert(*static_cast<const int8_t*>(element));
    case Dtype::Val::int16:
      return convert(*static_cast<const int16_t*>(element));
    case Dtype::Val::int32:
      return convert(*static_cast<const int32_t*>(element));
    case Dtype::Val::int64:
      return convert(*static_cast<const int64_t*>(element));
    case Dtype::Val::float16:
      return convert(*static_cast<const float16_t*>(element));
    case Dtype::Val::bfloat16:
      return convert(*static_cast<const bfloat16_t*>(element));
    case Dtype::Val::float32:
      return convert(*static_cast<const float*>(element));
    case Dtype::Val::float64:
      return convert(*static_cast<const double*>(element));
    default:
      return convert(*static_cast<const complex64_t*>(element));
  }
}

template <typename T>
T array::item() {
  check_item(*this);
  eval();
  return read_item<T>(*this);
}

template <typename T>
T array::item() const {
  array handle = *this;
  return handle.item<T>();
}

}  // namespace mlx::core
