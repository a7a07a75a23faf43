#include "export/function_file.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <string_view>
#include <unordered_map>

#include "export/node_check.h"
#include "export/node_kinds.h"
#include "export/primitive_format.h"
#include "io/atomic_file.h"
#include "io/file_reader.h"
#include "mlx/ops.h"
#include "mlx/transforms.h"
#include "mlx/utils.h"

namespace mlx::core {
namespace {

// "MLX function", as a DOS-safe signature: a transfer that changes line ends changes it.
constexpr char signature[8] = {'\x8f', 'M', 'L', 'X', 'f', '\r', '\n', '\0'};
constexpr uint32_t version = 3;
constexpr size_t header_bytes = sizeof(signature) + 4 + 8 + 8;
constexpr uint32_t max_outputs = 1 << 16;

/// FNV-1a: any change of one byte changes it.
uint64_t checksum_of(const char* data, size_t bytes) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < bytes; ++i) hash = (hash ^ uint8_t(data[i])) * 0x100000001b3u;
  return hash;
}

// ---- Writing

/// The constants of all traces, each once.
class ConstantWriter {
 public:
  /// Its number in the file. Evaluates it.
  uint32_t number_of(const array& constant) {
    auto [entry, is_new] = by_id_.try_emplace(constant.id(), 0);
    if (!is_new) return entry->second;
    array dense = contiguous(constant);
    dense.eval();
    std::string_view bytes(static_cast<const char*>(dense.data<void>()), dense.nbytes());
    uint64_t key = std::hash<std::string_view>()(bytes);
    for (uint32_t number : by_bytes_[key])
      if (is_same(written_[number], dense)) return entry->second = number;
    entry->second = uint32_t(written_.size());
    by_bytes_[key].push_back(entry->second);
    written_.push_back(dense);
    return entry->second;
  }

  void write(ByteWriter& out) const {
    out.write(uint32_t(written_.size()));
    for (auto& constant : written_) {
      out.write_all(constant.dtype(), constant.shape());
      out.append(constant.data<void>(), constant.nbytes());
    }
  }

 private:
  static bool is_same(const array& a, const array& b) {
    return a.dtype() == b.dtype() && a.shape() == b.shape() &&
           std::memcmp(a.data<void>(), b.data<void>(), a.nbytes()) == 0;
  }

  std::vector<array> written_;
  std::unordered_map<std::uintptr_t, uint32_t> by_id_;
  std::unordered_map<uint64_t, std::vector<uint32_t>> by_bytes_;
};

void write_sizes(ByteWriter& out, const TracedSizes& sizes) {
  out.write(uint32_t(sizes.free.size()));
  for (auto& one : sizes.free) {
    out.write_all(one.step, one.least, uint32_t(one.axes.size()));
    for (auto [input, axis] : one.axes) out.write_all(input, axis);
  }
  out.write(uint32_t(sizes.rules.size()));
  for (auto& rule : sizes.rules) {
    out.write_all(rule.node, rule.position, uint32_t(rule.terms.size()));
    for (auto& term : rule.terms) out.write_all(term.factor, term.sizes);
  }
}

void write_trace(ByteWriter& out, const ExportedTrace& trace, ConstantWriter& constants) {
  const TracedGraph& graph = trace.graph;
  out.write(trace.positional);
  out.write(trace.keywords);
  for (uint32_t i = 0; i < graph.inputs; ++i)
    out.write_all(graph.values[i].dtype, graph.values[i].shape);
  out.write(uint32_t(graph.constants.size()));
  for (auto& constant : graph.constants) out.write(constants.number_of(constant));
  out.write(uint32_t(graph.nodes.size()));
  for (auto& node : graph.nodes) {
    out.write(node.inputs);
    write_primitive(out, *node.primitive);
    out.write(node.outputs);
    for (uint32_t i = 0; i < node.outputs; ++i) {
      auto& value = graph.values[node.first_output + i];
      out.write_all(value.dtype, value.shape);
    }
  }
  out.write(graph.outputs);
  write_sizes(out, trace.sizes);
}

// ---- Reading

void require(bool sound, const char* what) {
  if (!sound) throw std::invalid_argument(what);
}

TracedGraph::Value read_value(ByteReader& in) {
  Dtype dtype = in.read<Dtype>();
  auto shape = in.read<Shape>();
  return {shape, dtype};
}

array read_constant(ByteReader& in, const TracedGraph::Value& value) {
  // Its constructor checks the sizes, so that the bytes can be counted.
  array like(value.shape, value.dtype, nullptr, {});
  const char* bytes = in.take(like.nbytes());
  auto buffer = allocator::malloc(like.nbytes());
  // Bytes other than 0 and 1 are no booleans.
  bool is_boolean = value.dtype == bool_;
  std::transform(bytes, bytes + like.nbytes(), static_cast<char*>(buffer.raw_ptr()),
                 [&](char byte) { return is_boolean ? char(byte != 0) : byte; });
  return array(buffer, value.shape, value.dtype);
}

void read_nodes(ByteReader& in, TracedGraph& graph) {
  Stream stream = default_stream(default_device());
  auto count = in.read<uint32_t>();
  for (uint32_t n = 0; n < count; ++n) {
    TracedGraph::Node node;
    node.inputs = in.read<std::vector<uint32_t>>();
    for (uint32_t input : node.inputs)
      require(input < graph.values.size(), "a node's input comes after it");
    node.primitive = read_primitive(in, stream, node.inputs.size());
    node.first_output = uint32_t(graph.values.size());
    node.outputs = in.read<uint32_t>();
    require(node.outputs > 0 && node.outputs <= max_outputs, "a node's number of outputs");
    for (uint32_t i = 0; i < node.outputs; ++i) graph.values.push_back(read_value(in));
    graph.nodes.push_back(std::move(node));
  }
}

/// Nodes are built straight from their parameters, past the checks of the operations.
void check_nodes(const TracedGraph& graph) {
  std::vector<array> leaves;
  for (uint32_t i = 0; i < graph.first_node_value(); ++i)
    leaves.push_back(array(graph.values[i].shape, graph.values[i].dtype, nullptr, {}));
  auto values = replay_checked_values(graph, std::move(leaves));
  for (size_t i = 0; i < values.size(); ++i)
    require(values[i].shape() == graph.values[i].shape, "the shape of a value");
}

std::vector<array> read_constants(ByteReader& in) {
  std::vector<array> constants;
  auto count = in.read<uint32_t>();
  for (uint32_t i = 0; i < count; ++i) constants.push_back(read_constant(in, read_value(in)));
  return constants;
}

FreeSize read_free_size(ByteReader& in, const TracedGraph& graph) {
  FreeSize size{{}, in.read<uint32_t>(), in.read<uint32_t>()};
  require(size.step > 0 && size.step <= uint32_t(std::numeric_limits<int>::max()),
          "the step of a size");
  auto count = in.read<uint32_t>();
  require(count > 0, "the axes of a size");
  for (uint32_t i = 0; i < count; ++i) {
    InputAxis at{in.read<uint32_t>(), in.read<uint32_t>()};
    require(at.input < graph.inputs && at.axis < graph.values[at.input].shape.size(),
            "the axis of a size");
    size.axes.push_back(at);
  }
  return size;
}

TracedSizes read_sizes(ByteReader& in, const TracedGraph& graph) {
  TracedSizes sizes;
  auto free = in.read<uint32_t>();
  for (uint32_t i = 0; i < free; ++i) sizes.free.push_back(read_free_size(in, graph));
  auto count = in.read<uint32_t>();
  for (uint32_t i = 0; i < count; ++i) {
    SizeRule rule{in.read<uint32_t>(), in.read<uint32_t>(), {}};
    require(rule.node < graph.nodes.size(), "the node of a size");
    const Primitive& primitive = *graph.nodes[rule.node].primitive;
    require(rule.position < node_kind_of(primitive).integers(primitive).size(),
            "the place of a size");
    auto terms = in.read<uint32_t>();
    for (uint32_t t = 0; t < terms; ++t) {
      auto factor = in.read<int64_t>();
      SizeRule::Term term{in.read<std::vector<uint32_t>>(), factor};
      for (uint32_t number : term.sizes) require(number < free, "the number of a size");
      rule.terms.push_back(std::move(term));
    }
    sizes.rules.push_back(std::move(rule));
  }
  return sizes;
}

ExportedTrace read_trace(ByteReader& in, const std::vector<array>& constants) {
  ExportedTrace trace;
  TracedGraph& graph = trace.graph;
  trace.positional = in.read<uint32_t>();
  trace.keywords = in.read<std::vector<std::string>>();
  uint64_t inputs = trace.positional + trace.keywords.size();
  graph.inputs = uint32_t(inputs);
  for (uint64_t i = 0; i < inputs; ++i) graph.values.push_back(read_value(in));
  auto own_constants = in.read<uint32_t>();
  for (uint32_t i = 0; i < own_constants; ++i) {
    auto number = in.read<uint32_t>();
    require(number < constants.size(), "the number of a constant");
    graph.constants.push_back(constants[number]);
    graph.values.push_back({constants[number].shape(), constants[number].dtype()});
  }
  read_nodes(in, graph);
  graph.outputs = in.read<std::vector<uint32_t>>();
  for (uint32_t output : graph.outputs)
    require(output < graph.values.size(), "the number of an output");
  trace.sizes = read_sizes(in, graph);
  check_nodes(graph);
  return trace;
}

[[noreturn]] void fail(const std::string& file, const std::string& what) {
  throw EngineError(concat_text("[import_function] ", file, " ", what));
}

}  // namespace

void write_function_file(const std::string& file, const ExportedFunction& function) {
  ByteWriter payload;
  payload.write(uint8_t(function.metadata.has_value()));
  payload.write(function.metadata.value_or(""));
  payload.write(uint32_t(function.traces.size()));
  ConstantWriter constants;
  ByteWriter traces;
  for (auto& trace : function.traces) write_trace(traces, trace, constants);
  constants.write(payload);
  payload.append(traces.bytes().data(), traces.bytes().size());

  ByteWriter header;
  header.append(signature, sizeof(signature));
  header.write(version);
  header.write(uint64_t(payload.bytes().size()));
  header.write(checksum_of(payload.bytes().data(), payload.bytes().size()));
  io::AtomicFile out("export_function", file);
  out.write(header.bytes().data(), header.bytes().size());
  out.write(payload.bytes().data(), payload.bytes().size());
  out.commit();
}

ExportedFunction read_function_file(const std::string& name) {
  auto opened = io::FileReader::open(name, "import_function");
  const io::FileReader& file = *opened;
  std::string header(header_bytes, '\0');
  if (file.size() < header_bytes) fail(name, "is no file of a function: it is too short.");
  file.read(0, header.data(), header_bytes);
  if (!std::equal(signature, signature + sizeof(signature), header.begin()))
    fail(name, "is no file of a function: it doesn't begin like one.");
  ByteReader in(header.data() + sizeof(signature), header_bytes - sizeof(signature));
  auto file_version = in.read<uint32_t>();
  if (file_version != version)
    fail(name, concat_text("has version ", file_version, "; this release reads version ", version,
                           ". Export the function again, or import it with the release that wrote "
                           "it."));
  auto bytes = in.read<uint64_t>();
  auto checksum = in.read<uint64_t>();
  if (bytes != file.size() - header_bytes)
    fail(name, concat_text("is damaged: it should hold ", bytes,
                           " bytes after its header, but has ", file.size() - header_bytes, "."));
  std::string payload(bytes, '\0');
  file.read(header_bytes, payload.data(), bytes);
  if (checksum_of(payload.data(), bytes) != checksum)
    fail(name, "is damaged: its contents don't fit its checksum.");
  try {
    ByteReader contents(payload.data(), bytes);
    ExportedFunction function;
    bool has_metadata = contents.read<bool>();
    auto metadata = contents.read<std::string>();
    if (has_metadata) function.metadata = std::move(metadata);
    auto traces = contents.read<uint32_t>();
    auto constants = read_constants(contents);
    for (uint32_t i = 0; i < traces; ++i)
      function.traces.push_back(read_trace(contents, constants));
    require(contents.is_at_end(), "more than its traces");
    return function;
  } catch (const std::logic_error& error) {
    fail(name, concat_text("is damaged: ", error.what(), "."));
  }
}

}  // namespace mlx::core
