#include "transforms/export/function_file.h"

#include <algorithm>

#include "io/atomic_file.h"
#include "io/file_reader.h"
#include "mlx/ops.h"
#include "mlx/transforms.h"
#include "mlx/utils.h"
#include "transforms/export/node_check.h"
#include "transforms/export/primitive_format.h"

namespace mlx::core {
namespace {

// "MLX function", as a DOS-safe signature: a transfer that changes line ends changes it.
constexpr char signature[8] = {'\x8f', 'M', 'L', 'X', 'f', '\r', '\n', '\0'};
constexpr uint32_t version = 1;
constexpr size_t header_bytes = sizeof(signature) + 4 + 8 + 8;
constexpr uint32_t max_outputs = 1 << 16;

/// FNV-1a: any change of one byte changes it.
uint64_t checksum_of(const char* data, size_t bytes) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < bytes; ++i) hash = (hash ^ uint8_t(data[i])) * 0x100000001b3u;
  return hash;
}

// ---- Writing

void write_constant(ByteWriter& out, const array& constant) {
  array dense = contiguous(constant);
  dense.eval();
  out.append(dense.data<void>(), dense.nbytes());
}

void write_trace(ByteWriter& out, const ExportedTrace& trace) {
  const TracedGraph& graph = trace.graph;
  out.write(trace.positional);
  out.write(trace.keywords);
  for (auto& axes : trace.free_axes) out.write(std::vector<uint8_t>(axes.begin(), axes.end()));
  out.write(uint32_t(graph.constants.size()));
  for (uint32_t i = 0; i < graph.first_node_value(); ++i)
    out.write_all(graph.values[i].dtype, graph.values[i].shape);
  for (auto& constant : graph.constants) write_constant(out, constant);
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

ExportedTrace read_trace(ByteReader& in) {
  ExportedTrace trace;
  TracedGraph& graph = trace.graph;
  trace.positional = in.read<uint32_t>();
  trace.keywords = in.read<std::vector<std::string>>();
  uint64_t inputs = trace.positional + trace.keywords.size();
  for (uint64_t i = 0; i < inputs; ++i) {
    auto axes = in.read<std::vector<uint8_t>>();
    trace.free_axes.emplace_back(axes.begin(), axes.end());
  }
  graph.inputs = uint32_t(inputs);
  auto constants = in.read<uint32_t>();
  for (uint64_t i = 0; i < inputs + constants; ++i) graph.values.push_back(read_value(in));
  for (uint64_t i = 0; i < inputs; ++i)
    require(trace.free_axes[i].size() == graph.values[i].shape.size(), "an input's axes");
  for (uint32_t i = 0; i < constants; ++i)
    graph.constants.push_back(read_constant(in, graph.values[inputs + i]));
  read_nodes(in, graph);
  graph.outputs = in.read<std::vector<uint32_t>>();
  for (uint32_t output : graph.outputs)
    require(output < graph.values.size(), "the number of an output");
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
  for (auto& trace : function.traces) write_trace(payload, trace);

  ByteWriter header;
  header.append(signature, sizeof(signature));
  header.write(version);
  header.write(uint64_t(payload.bytes().size()));
  header.write(checksum_of(payload.bytes().data(), payload.bytes().size()));
  io::AtomicFile out(file);
  out.write(header.bytes().data(), header.bytes().size());
  out.write(payload.bytes().data(), payload.bytes().size());
  out.commit();
}

ExportedFunction read_function_file(const std::string& name) {
  io::FileReader file(name);
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
    for (uint32_t i = 0; i < traces; ++i) function.traces.push_back(read_trace(contents));
    require(contents.is_at_end(), "more than its traces");
    return function;
  } catch (const std::logic_error& error) {
    fail(name, concat_text("is damaged: ", error.what(), "."));
  }
}

}  // namespace mlx::core
