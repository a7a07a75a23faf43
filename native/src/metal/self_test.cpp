#include "metal/self_test.h"

#include <functional>

#include "metal/byte_kernels.h"
#include "metal/known_answers.h"
#include "mlx/errors.h"

namespace mlx::core::metal {
namespace {

using Visit = std::function<void(Receiver, Id)>;

/// Makes one object for each receiver of the table, and shows it before it is sent anything.
class Examples {
 public:
  Examples(MetalDevice& device, const Visit& visit)
      : objc_(device.context().objc()), device_(device.context().device()), visit_(visit) {}

  void show() {
    Pool pool(objc_);
    show(Receiver::string_class, objc_.get_class("NSString"));
    show(Receiver::url_class, objc_.get_class("NSURL"));
    show(Receiver::options_class, objc_.get_class("MTLCompileOptions"));
    show(Receiver::capture_manager_class, objc_.get_class("MTLCaptureManager"));
    show(Receiver::capture_descriptor_class, objc_.get_class("MTLCaptureDescriptor"));
    show(Receiver::device, device_);
    show(Receiver::string, objc_.device_name(device_));
    if (objc_.knows(device_, objc_.device_architecture))
      show(Receiver::architecture, objc_.device_architecture(device_));
    show_captures();
    show_kernel();
    show_commands();
  }

 private:
  void show(Receiver receiver, Id object) { visit_(receiver, object); }

  void show_captures() {
    show(Receiver::capture_manager,
         objc_.shared_capture_manager(objc_.get_class("MTLCaptureManager")));
    Owned descriptor(objc_, objc_.new_capture_descriptor(objc_.get_class("MTLCaptureDescriptor")));
    show(Receiver::capture_descriptor, descriptor.get());
  }

  void show_kernel() {
    Owned options(objc_, objc_.new_options(objc_.get_class("MTLCompileOptions")));
    show(Receiver::options, options.get());
    if (objc_.knows(options.get(), objc_.set_math_mode))
      objc_.set_math_mode(options.get(), value::math_safe);
    else
      objc_.set_fast_math(options.get(), false);
    objc_.set_language(options.get(), value::metal_3_1);
    auto source = copy_source(4);
    auto compile = [&](const std::string& text, Id* error) {
      return Owned(objc_, objc_.new_library(device_, objc_.string(text), options.get(), error));
    };
    Id error = nullptr;
    // The one error that can be had for the asking.
    compile("this is no kernel", &error);
    show(Receiver::error, error);
    Owned library = compile(source.bodies + source.entry, nullptr);
    show(Receiver::library, library.get());
    Owned function(objc_, objc_.new_function(library.get(), objc_.string(source.name)));
    Owned pipeline(objc_, objc_.new_pipeline(device_, function.get(), nullptr));
    show(Receiver::pipeline, pipeline.get());
  }

  void show_commands() {
    Owned queue(objc_, objc_.new_queue(device_));
    show(Receiver::queue, queue.get());
    Owned event(objc_, objc_.new_event(device_));
    show(Receiver::event, event.get());
    Id commands = objc_.new_commands(queue.get());
    show(Receiver::command_buffer, commands);
    // A pass has to be ended, also when something is wrong.
    struct Pass {
      const ObjectiveC& objc;
      Id encoder;
      ~Pass() { objc.end_encoding(encoder); }
    } pass{objc_, objc_.new_encoder(commands, value::concurrent)};
    show(Receiver::encoder, pass.encoder);
  }

  const ObjectiveC& objc_;
  Id device_;
  const Visit& visit_;
};

void add(std::string& text, const std::string& more) {
  if (!more.empty()) text += (text.empty() ? "" : "; ") + more;
}

void show_memory(MetalDevice& device, const Visit& visit) {
  auto& memory = device.context().memory();
  gpu::Memory piece = device.allocate(256);
  visit(Receiver::buffer, memory.find(device.host_pointer(piece)).buffer);
  if (memory.residency_set()) visit(Receiver::residency_set, memory.residency_set());
  device.free(piece);
}

}  // namespace

std::string self_test(MetalDevice& device) {
  auto& objc = device.context().objc();
  // Such as the ones that virtual machines have.
  if (!objc.supports_family(device.context().device(), value::family_apple7))
    return "the GPU \"" + device.limits().name + "\" is none of Apple's own from M1 on";
  std::string wrong;
  // What is of another type is not called.
  struct Differs {};
  try {
    const Visit compare = [&](Receiver receiver, Id object) {
      add(wrong, objc.compare(receiver, object));
      if (!wrong.empty()) throw Differs();
    };
    show_memory(device, compare);
    Examples(device, compare).show();
  } catch (const Differs&) {
    return "Metal is not as expected: " + wrong;
  }
  std::string families;
  try {
    Bench bench(device);
    for (auto& answer : known_answers())
      if (!answer.agrees(bench))
        families += (families.empty() ? "" : ", ") + std::string(answer.family);
  } catch (const EngineError& error) {
    return std::string("a kernel of the self-test failed: ") + error.what();
  }
  return families.empty() ? "" : "the GPU computed wrong results: " + families;
}

std::string list_messages(MetalDevice& device) {
  std::string lines;
  const Visit list = [&](Receiver receiver, Id object) {
    lines += device.context().objc().list(receiver, object);
  };
  show_memory(device, list);
  Examples(device, list).show();
  return lines;
}

}  // namespace mlx::core::metal
