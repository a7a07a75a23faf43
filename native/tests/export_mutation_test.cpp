#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "derivative_checks.h"
#include "hostile_data.h"
#include "mlx/memory.h"

// Files of functions whose checksum is right but whose contents are not: they are errors, or
// functions of something else, but never a kernel with parameters that don't fit its inputs.

using namespace hostile;
using mlx::core::testing::random_array;

namespace {

using Arrays = std::vector<array>;
using Traced = std::function<Arrays(const Arrays&)>;

constexpr size_t header_bytes = 28, checksum_at = 20;

std::string bytes_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_with_checksum(const std::string& file, std::string bytes) {
  uint64_t hash = 0xcbf29ce484222325u, payload = bytes.size() - header_bytes;
  for (size_t i = header_bytes; i < bytes.size(); ++i)
    hash = (hash ^ uint8_t(bytes[i])) * 0x100000001b3u;
  std::memcpy(&bytes[checksum_at - 8], &payload, 8);
  std::memcpy(&bytes[checksum_at], &hash, 8);
  std::ofstream(file, std::ios::binary) << bytes;
}

std::string mutated(std::string bytes, Random& random) {
  constexpr unsigned char telling[] = {0, 1, 2, 3, 4, 5, 6, 7, 9, 13, 0x40, 0x7f, 0x80, 0xfe, 0xff};
  for (int changes = 1 + below(random, 3); changes > 0; --changes) {
    size_t at = header_bytes + random() % (bytes.size() - header_bytes);
    switch (below(random, 4)) {
      case 0:
        bytes[at] = char(random());
        break;
      case 1:
        bytes[at] = char(bytes[at] ^ (1 << below(random, 8)));
        break;
      case 2: {
        // A small number, or minus one, where four bytes may be one.
        int32_t number = hostile_size(random);
        std::memcpy(&bytes[at], &number, std::min<size_t>(4, bytes.size() - at));
        break;
      }
      default:
        bytes[at] = char(telling[random() % sizeof telling]);
    }
  }
  return bytes;
}

array floats(const Shape& shape, uint32_t seed = 1) {
  return random_array(shape, seed, -1, 1, float32);
}

struct Case {
  const char* name;
  Traced function;
  Arrays inputs;
};

array last_gradient(const std::function<array(const array&)>& f, const array& x) {
  return grad([&](const array& y) { return sum(f(y)); })(x);
}

/// Together they hold every kind of node.
std::vector<Case> all_cases() {
  array x = floats({4, 6}), y = floats({4, 6}, 2), index({2, 0, 3}), key = random::key(3);
  array square = floats({3, 3}) + 3.0f * eye(3), many = floats({2, 3, 4});
  array image = floats({1, 5, 5, 2}), kernel = floats({3, 3, 3, 2});
  array wide = floats({8, 64}), q = floats({1, 2, 3, 4});
  auto packed = quantize(wide);
  auto small = quantize(wide, std::nullopt, std::nullopt, "mxfp4");
  array begin({1, 2}), mask = array({true, false, true, true, true, true}, {2, 3});
  return {
      {"elementwise",
       [](const Arrays& a) {
         return Arrays{where(less(a[0], a[1]), exp(a[0]), floor_divide(a[0], a[1])),
                       astype(a[0], int8), bitwise_and(astype(a[0], int32), array(3))};
       },
       {x, y}},
      {"reduce",
       [](const Arrays& a) {
         return Arrays{sum(a[0], 1),    prod(astype(a[0], float16), 0, true),
                       max(a[0]),       all(a[0], 0),
                       argmin(a[0], 1), mean(a[0], -1),
                       any(a[0]),       min(a[0], 0)};
       },
       {x}},
      {"scan",
       [](const Arrays& a) {
         return Arrays{cumsum(a[0], 1), cummax(a[0], 0, true), logcumsumexp(a[0], 1, false, false)};
       },
       {x}},
      {"sort",
       [](const Arrays& a) {
         return Arrays{sort(a[0], 0), argsort(a[0], 1), softmax(a[0], 1), logsumexp(a[0], 1)};
       },
       {x}},
      {"search",
       [](const Arrays& a) {
         return Arrays{partition(a[0], 1, 0), argpartition(a[0], 1, 1),
                       searchsorted(flatten(a[0]), a[0], "right")};
       },
       {x}},
      {"shape",
       [](const Arrays& a) {
         array b = expand_dims(transpose(a[0]), 1);
         return Arrays{reshape(a[0], {3, -1}),
                       squeeze(b, 1),
                       flatten(a[0]),
                       unflatten(a[0], 1, {2, 3}),
                       broadcast_to(a[0], {2, 4, 6}),
                       view(a[0], uint16),
                       as_strided(a[0], {3, 3}, {2, 1}, 4),
                       number_of_elements(a[0], {0}, false),
                       copy(a[0]),
                       stop_gradient(a[0])};
       },
       {x}},
      {"slice",
       [](const Arrays& a) {
         auto parts = split(a[0], {1, 4}, 1);
         return Arrays{slice(a[0], {0, 5}, {4, 1}, {2, -2}),
                       parts[0],
                       parts[2],
                       slice_update(a[0], slice(a[1], {0, 0}, {1, 6}), {1, 0}, {2, 6}),
                       slice(a[0], a[2], {0, 1}, {2, 3}),
                       slice_update(a[0], slice(a[1], {0, 0}, {2, 2}), a[2], {0, 1})};
       },
       {x, y, begin}},
      {"join",
       [](const Arrays& a) {
         return Arrays{concatenate({a[0], a[1]}, 1), stack({a[0], a[1]}),
                       pad(a[0], std::vector<int>{1}, Shape{2}, Shape{1}, array(7.0f)),
                       depends({a[0]}, {a[1]})[0], full({2, 4, 6}, a[0])};
       },
       {x, y}},
      {"index",
       [](const Arrays& a) {
         array along = reshape(a[2], {3, 1});
         array rows = broadcast_to(along, {3, 6});
         array updates = reshape(slice(a[1], {0, 0}, {3, 6}), {3, 1, 6});
         return Arrays{take(a[0], a[2], 0), take_along_axis(a[0], rows, 0),
                       put_along_axis(a[0], rows, slice(a[1], {0, 0}, {3, 6}), 0),
                       scatter_add(a[0], a[2], updates, 0), scatter(a[0], a[2], updates, 0)};
       },
       {x, y, index}},
      {"matmul",
       [](const Arrays& a) {
         return Arrays{matmul(a[0], transpose(a[1])), addmm(a[0], a[2], a[1], 2.0f, 0.5f),
                       hadamard_transform(slice(a[0], {0, 0}, {4, 4}))};
       },
       {x, y, floats({4, 4})}},
      {"selective",
       [=](const Arrays& a) {
         array i({1, 0, 1}), segments({0, 2, 1, 4}, {2, 2});
         auto chosen = [&](const array& m) {
           return segmented_mm(m, transpose(slice(a[1], {0, 0}, {4, 4})), segments);
         };
         array left = slice(a[0], {0, 0}, {4, 4});
         return Arrays{gather_mm(a[2], swapaxes(a[2], 1, 2), i, i), chosen(left),
                       last_gradient(chosen, left),
                       block_masked_mm(a[0], transpose(a[1]), 32, array({true}, {1, 1}))};
       },
       {x, y, many}},
      {"conv",
       [](const Arrays& a) {
         auto f = [&](const array& w) { return conv2d(a[0], w, {2, 1}, {1, 0}); };
         return Arrays{f(a[1]), last_gradient(f, a[1])};
       },
       {image, kernel}},
      {"fft",
       [](const Arrays& a) {
         return Arrays{fft::fft(a[0]), fft::rfft2(a[0]), fft::irfft(a[0], 6, 1)};
       },
       {x}},
      {"random",
       [](const Arrays& a) {
         return Arrays{random::bits({3, 5}, 2, a[0]), random::normal({4}, a[0]),
                       random::categorical(a[1], -1, 200, a[0]),
                       astype(arange(0.0, 5.0, 0.5), float32) + sum(a[1]), eye(3) * a[1]};
       },
       {key, floats({3})}},
      {"linalg",
       [](const Arrays& a) {
         auto results = linalg::svd(a[0]);
         auto decomposed = linalg::lu(a[0]);
         results.insert(results.end(), decomposed.begin(), decomposed.end());
         for (auto& one : {linalg::inv(a[0]), linalg::det(a[0]), linalg::qr(a[0]).first,
                           linalg::eigh(a[0]).second, linalg::solve(a[0], a[0]), linalg::pinv(a[0]),
                           linalg::solve_triangular(a[0], a[0], true), linalg::tri_inv(a[0]),
                           linalg::eigvals(a[0]), linalg::slogdet(a[0]).second,
                           linalg::cholesky(matmul(a[0], transpose(a[0]))),
                           last_gradient([](const array& m) { return linalg::det(m); }, a[0])})
           results.push_back(one);
         return results;
       },
       {square}},
      {"quantized",
       [=](const Arrays& a) {
         auto again = quantize(a[0]);
         return Arrays{
             quantized_matmul(a[0], a[1], a[2], a[3]),
             dequantize(a[1], a[2], a[3]),
             dequantize(small[0], a[4], std::nullopt, std::nullopt, std::nullopt, "mxfp4"),
             again[0],
             again[2],
             from_fp8(to_fp8(a[0])),
             gather_qmm(expand_dims(a[0], 0), expand_dims(a[1], 0), expand_dims(a[2], 0),
                        expand_dims(a[3], 0), array({0}), array({0})),
             qqmm(a[0], a[0])};
       },
       {wide, packed[0], packed[1], packed[2], small[1]}},
      {"layers",
       [=](const Arrays& a) {
         auto attend = [&](const array& queries) {
           return fast::scaled_dot_product_attention(queries, a[0], a[0], 0.5f, "causal");
         };
         array ones_of = ones({4});
         auto norm = [&](const array& rows) {
           return fast::layer_norm(rows, ones_of, ones_of, 1e-5f);
         };
         return Arrays{attend(a[0]),
                       last_gradient(attend, a[0]),
                       norm(a[0]),
                       last_gradient(norm, a[0]),
                       fast::rms_norm(a[0], std::nullopt, 1e-5f),
                       fast::rope(a[0], 4, false, 10000.0f, 1.0f, 2)};
       },
       {q}},
  };
}

struct TemporaryFile {
  std::string name = (std::filesystem::temp_directory_path() / "mlx-export-mutation-test").string();
  ~TemporaryFile() { std::remove(name.c_str()); }
};

}  // namespace

TEST_CASE("exported functions of every kind of node pass the check of nodes") {
  TemporaryFile file;
  for (auto& [name, function, inputs] : all_cases()) {
    CAPTURE(std::string(name));
    export_function(file.name, function, inputs);
    auto expected = function(inputs), got = import_function(file.name)(inputs);
    REQUIRE(got.size() == expected.size());
    for (size_t i = 0; i < got.size(); ++i) {
      CAPTURE(i);
      CHECK(array_equal(got[i], expected[i], true).item<bool>());
    }
  }
}

TEST_CASE("mutated files of functions with a right checksum are errors or other functions") {
  TemporaryFile file;
  Random random(41);
  size_t before = get_active_memory();
  reset_peak_memory();
  for (auto& [name, function, inputs] : all_cases()) {
    CAPTURE(std::string(name));
    export_function(file.name, function, inputs);
    std::string whole = bytes_of(file.name);
    int failures = 0;
    for (int run = 0; run < 400; ++run) {
      write_with_checksum(file.name, mutated(whole, random));
      failures += !succeeds([&] { return import_function(file.name)(inputs); });
    }
    CHECK(failures > 100);
  }
  CHECK(get_peak_memory() < before + (size_t(256) << 20));
}

TEST_CASE("imported functions check parameters against sizes that the file calls free") {
  TemporaryFile file;
  array weight = floats({6, 3});
  auto f = [&](const Arrays& a) { return Arrays{matmul(a[0], weight)}; };
  export_function(file.name, f, {floats({5, 6})});
  std::string bytes = bytes_of(file.name);
  // The last trace ends with the numbers of its free sizes and of the rules for them: none.
  REQUIRE(bytes.ends_with(std::string(8, '\0')));
  bytes.resize(bytes.size() - 8);
  auto append = [&](std::initializer_list<uint32_t> words) {
    for (uint32_t word : words) bytes.append(reinterpret_cast<const char*>(&word), sizeof(word));
  };
  // Both axes of the input in steps of one from one on: step, least, one axis, input 0, which axis.
  append({2, 1, 1, 1, 0, 0, 1, 1, 1, 0, 1, 0});
  write_with_checksum(file.name, bytes);
  auto imported = import_function(file.name);
  CHECK(imported({floats({9, 6})})[0].shape() == Shape{9, 3});
  CHECK_THROWS_AS(imported({floats({5, 600})}), std::invalid_argument);
}
