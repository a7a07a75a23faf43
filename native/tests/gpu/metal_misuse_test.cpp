#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <string>

#include "emulator/emulator_device.h"
#include "fake_metal/metal_on_fake.h"
#include "metal/byte_kernels.h"
#include "metal/metal_queue.h"

// What the fake of Apple's API finds wrong with a program. Each ends a process of its own.
namespace mlx::core::metal {
namespace {

/// What the process said that it was ended for; empty when it wasn't.
std::string end_of(const std::function<void()>& wrong) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  pid_t child = fork();
  if (child == 0) {
    signal(SIGABRT, SIG_DFL);
    dup2(ends[1], STDERR_FILENO);
    wrong();
    _exit(0);
  }
  close(ends[1]);
  std::string said;
  char part[256];
  for (ssize_t bytes; (bytes = ::read(ends[0], part, sizeof(part))) > 0;)
    said.append(part, size_t(bytes));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT ? said : "";
}

/// The API as a program has it, with a queue, a command buffer and a pass in it.
struct Program {
  Program() {
    fake_metal::reset();
    objc = fake_metal::load();
    pool = objc->push_pool();
    device = objc->default_device();
    queue = objc->new_queue(device);
    commands = objc->new_commands(queue);
    encoder = objc->new_encoder(commands, value::concurrent);
    memory = static_cast<char*>(std::aligned_alloc(limit::page, 2 * limit::page));
    buffer =
        objc->new_buffer_over(device, memory, 2 * limit::page, value::shared_untracked, nullptr);
  }

  Id pipeline() {
    auto source = copy_source(4);
    Id options = objc->new_options(objc->get_class("MTLCompileOptions"));
    objc->set_math_mode(options, value::math_safe);
    objc->set_language(options, value::metal_3_1);
    Id library =
        objc->new_library(device, objc->string(source.bodies + source.entry), options, nullptr);
    return objc->new_pipeline(device, objc->new_function(library, objc->string(source.name)),
                              nullptr);
  }
  /// Copies a few words from one offset to another.
  void copy(UInteger from, UInteger to) {
    uint64_t count = 4;
    objc->set_buffer(encoder, buffer, from, 0);
    objc->set_buffer(encoder, buffer, to, 1);
    objc->set_bytes(encoder, &count, sizeof(count), 2);
    objc->dispatch(encoder, {1, 1, 1}, {256, 1, 1});
  }
  void finish() {
    objc->commit(commands);
    while (objc->status(commands) < 4) usleep(100);
  }

  std::unique_ptr<ObjectiveC> objc;
  void* pool;
  Id device, queue, commands, encoder, buffer;
  char* memory;
};

std::string end_of_program(const std::function<void(Program&)>& wrong) {
  return end_of([&] {
    Program program;
    wrong(program);
  });
}

bool says(const std::string& end, const char* words) {
  CAPTURE(end);
  CAPTURE(words);
  return end.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("metal misuse: references") {
  CHECK(end_of_program([](Program&) {}).empty());
  CHECK(says(end_of_program([](Program& p) {
               p.objc->release(p.buffer);
               p.objc->release(p.buffer);
             }),
             "release goes to a FakeBuffer that was released"));
  CHECK(says(end_of_program([](Program& p) {
               p.objc->release(p.buffer);
               p.objc->buffer_contents(p.buffer);
             }),
             "-contents goes to a FakeBuffer that was released"));
  CHECK(says(end_of_program([](Program& p) { p.objc->commit(p.buffer); }),
             "FakeBuffer does not recognise commit"));
  CHECK(says(end_of_program([](Program& p) {
               p.objc->end_encoding(p.encoder);
               p.objc->pop_pool(p.pool);
               p.objc->string("text");
             }),
             "on a thread without a pool"));
  CHECK(says(end_of_program([](Program& p) { p.objc->pop_pool(nullptr); }), "another order"));
  CHECK(says(end_of_program([](Program& p) {
               p.objc->end_encoding(p.encoder);
               p.objc->on_completed(p.commands, make_block(*p.objc, {}));
               p.objc->release(p.commands);
               p.objc->commit(p.commands);
             }),
             "-commit goes to a FakeCommandBuffer that was released"));
}

TEST_CASE("metal misuse: passes and command buffers") {
  CHECK(says(end_of_program([](Program& p) {
               p.objc->end_encoding(p.encoder);
               p.objc->end_encoding(p.encoder);
             }),
             "endEncoding comes after the end of a pass"));
  CHECK(says(end_of_program([](Program& p) { p.objc->commit(p.commands); }),
             "a commit comes before the end of a command buffer's pass"));
  CHECK(says(end_of_program([](Program& p) {
               p.objc->end_encoding(p.encoder);
               p.objc->commit(p.commands);
               p.objc->commit(p.commands);
             }),
             "a commit comes after a command buffer's commit"));
  CHECK(says(end_of_program([](Program& p) { p.objc->pop_pool(p.pool); }),
             "before the end of its pass"));
  CHECK(says(end_of_program([](Program& p) { p.objc->new_encoder(p.commands, value::concurrent); }),
             "a pass comes before the end"));
  CHECK(says(end_of_program([](Program& p) {
               Id fence = p.objc->new_fence(p.device);
               p.objc->update_fence(p.encoder, fence);
               p.objc->wait_for_fence(p.encoder, fence);
             }),
             "waits for a fence that it updated"));
  CHECK(says(end_of_program([](Program& p) {
               Block block = *make_block(*p.objc, {});
               block.flags = 0;
               p.objc->end_encoding(p.encoder);
               p.objc->on_completed(p.commands, &block);
             }),
             "flags of a global one"));
}

TEST_CASE("metal misuse: arguments") {
  if (!gpu::emulator::is_available()) return;
  CHECK(says(end_of_program([](Program& p) { p.objc->set_buffer(p.encoder, p.buffer, 0, 31); }),
             "past 30"));
  CHECK(says(end_of_program(
                 [](Program& p) { p.objc->set_buffer(p.encoder, p.buffer, 2 * limit::page, 0); }),
             "past its end"));
  CHECK(says(end_of_program([](Program& p) { p.objc->set_buffer(p.encoder, nullptr, 0, 0); }),
             "in no buffer"));
  CHECK(says(end_of_program([](Program& p) { p.objc->set_bytes(p.encoder, p.memory, 4097, 0); }),
             "more than 4096"));
  CHECK(says(end_of_program([](Program& p) { p.objc->set_group_memory(p.encoder, 20, 0); }),
             "multiple of 16"));
  CHECK(says(end_of_program([](Program& p) {
               p.objc->new_buffer_over(p.device, p.memory + 64, limit::page,
                                       value::shared_untracked, nullptr);
             }),
             "on a page"));
  CHECK(says(end_of_program([](Program& p) { p.objc->dispatch(p.encoder, {1, 1, 1}, {1, 1, 1}); }),
             "before a pipeline"));
  CHECK(says(end_of_program([](Program& p) {
               p.objc->set_pipeline(p.encoder, p.pipeline());
               p.objc->dispatch(p.encoder, {1, 1, 1}, {1, 1, 1});
             }),
             "without its buffer 0"));
  CHECK(says(end_of_program([](Program& p) {
               p.objc->set_pipeline(p.encoder, p.pipeline());
               p.objc->dispatch(p.encoder, {1, 1, 1}, {512, 1, 1});
             }),
             "more threads a group"));
  CHECK(says(end_of_program([](Program& p) {
               Id options = p.objc->new_options(p.objc->get_class("MTLCompileOptions"));
               p.objc->new_library(p.device, p.objc->string(""), options, nullptr);
             }),
             "fast math"));
}

TEST_CASE("metal misuse: what runs on the device") {
  if (!gpu::emulator::is_available()) return;
  auto run = [](const std::function<void(Program&)>& wrong) {
    return end_of_program([&](Program& p) {
      p.objc->set_pipeline(p.encoder, p.pipeline());
      wrong(p);
      p.objc->end_encoding(p.encoder);
      p.finish();
    });
  };
  CHECK(run([](Program& p) {
          p.copy(0, 256);
          p.copy(0, 512);
          p.objc->barrier(p.encoder, value::scope_buffers);
          p.copy(256, 1024);
        }).empty());
  CHECK(says(run([](Program& p) {
               p.copy(0, 256);
               p.copy(256, 512);
             }),
             "reads what copy_words_4 writes, and no barrier"));
  CHECK(says(run([](Program& p) {
               p.copy(0, 256);
               p.copy(512, 0);
             }),
             "writes what copy_words_4 reads, and no barrier"));
  CHECK(says(run([](Program& p) {
               p.copy(0, 256);
               p.objc->end_encoding(p.encoder);
               p.encoder = p.objc->new_encoder(p.commands, value::concurrent);
               p.objc->set_pipeline(p.encoder, p.pipeline());
               p.copy(256, 512);
             }),
             "and no fence"));
  CHECK(says(run([](Program& p) {
               fake_metal::behaviour().most_delay = 1000000;
               p.copy(0, 256);
               p.objc->end_encoding(p.encoder);
               p.objc->commit(p.commands);
               p.objc->release(p.buffer);
             }),
             "while a command buffer that names it is not done"));
}

}  // namespace mlx::core::metal
