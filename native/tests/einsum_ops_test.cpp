#include "mlx/einsum.h"

#include <doctest/doctest.h>

#include <map>

#include "derivative_checks.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

using Numbers = std::vector<double>;

/// The sum over all indices at once, as the definition says. Terms are letters only.
array plain_einsum(const std::vector<std::string>& terms, const std::string& output,
                   const std::vector<array>& operands) {
  std::string letters = output;
  for (auto& term : terms)
    for (char c : term)
      if (letters.find(c) == std::string::npos) letters.push_back(c);
  std::vector<int> sizes(letters.size(), 0);
  for (size_t i = 0; i < terms.size(); ++i)
    for (size_t k = 0; k < terms[i].size(); ++k)
      sizes[letters.find(terms[i][k])] = operands[i].shape(int(k));
  int64_t total = 1, results = 1;
  for (int size : sizes) total *= size;
  Shape shape;
  for (size_t k = 0; k < output.size(); ++k) {
    shape.push_back(sizes[k]);
    results *= sizes[k];
  }
  std::vector<Numbers> inputs;
  for (auto& operand : operands) inputs.push_back(values(operand));
  Numbers sums(size_t(results), 0.0);
  std::vector<int> index(letters.size(), 0);
  for (int64_t step = 0; step < total; ++step) {
    double term_product = 1;
    for (size_t i = 0; i < terms.size(); ++i) {
      size_t at = 0;
      for (size_t k = 0; k < terms[i].size(); ++k)
        at = at * size_t(operands[i].shape(int(k))) + size_t(index[letters.find(terms[i][k])]);
      term_product *= inputs[i][at];
    }
    size_t at = 0;
    for (size_t k = 0; k < output.size(); ++k) at = at * size_t(sizes[k]) + size_t(index[k]);
    sums[at] += term_product;
    for (size_t k = index.size(); k-- > 0;) {
      if (++index[k] < sizes[k]) break;
      index[k] = 0;
    }
  }
  return array(sums.begin(), shape, float64);
}

/// Compares with the definition; "k" in the letters is always the same size.
void check_einsum(const std::vector<std::string>& terms, const std::string& output) {
  std::map<char, int> sizes = {{'a', 2}, {'b', 3}, {'i', 3}, {'j', 4}, {'k', 5},
                               {'l', 2}, {'m', 3}, {'n', 2}, {'z', 0}, {'A', 2}};
  std::string text;
  std::vector<array> operands;
  for (auto& term : terms) {
    if (!operands.empty()) text += ',';
    text += term;
    Shape shape;
    for (char c : term) shape.push_back(sizes.at(c));
    operands.push_back(random_array(shape, uint32_t(operands.size() + 1)));
  }
  text += "->" + output;
  CAPTURE(text);
  CHECK(distance(einsum(text, operands), plain_einsum(terms, output, operands)) < 1e-12);
  // The same values in other layouts.
  std::vector<array> views;
  for (auto& operand : operands) views.push_back(transpose(contiguous(transpose(operand))));
  CHECK(distance(einsum(text, views), plain_einsum(terms, output, operands)) < 1e-12);
}

}  // namespace

TEST_CASE("einsum by its definition") {
  check_einsum({"ij"}, "ji");
  check_einsum({"ij"}, "j");
  check_einsum({"ij"}, "");
  check_einsum({"bib"}, "bi");
  check_einsum({"bib"}, "i");
  check_einsum({"bbb"}, "b");
  check_einsum({"bbb"}, "");
  check_einsum({"iijj"}, "ji");
  check_einsum({"ij", "jk"}, "ik");
  check_einsum({"ij", "jk"}, "ki");
  check_einsum({"ij", "kj"}, "ik");
  check_einsum({"ij", "ij"}, "");
  check_einsum({"ij", "ij"}, "i");
  check_einsum({"ij", "ij"}, "ji");
  check_einsum({"i", "j"}, "ji");
  check_einsum({"aij", "ajk"}, "aik");
  check_einsum({"iaj", "jka"}, "kai");
  check_einsum({"aijb", "jabk"}, "bika");
  check_einsum({"ijk", "l"}, "li");
  check_einsum({"ijk", "jil"}, "lk");
  check_einsum({"iij", "jk"}, "ik");
  check_einsum({"iij", "jkk"}, "ik");
  check_einsum({"zj", "jk"}, "zk");
  check_einsum({"iz", "zk"}, "ik");
  check_einsum({"ij", "jk", "kl"}, "il");
  check_einsum({"ij", "ik", "il"}, "jkl");
  check_einsum({"a", "b", "i"}, "iba");
  check_einsum({"ab", "bi", "ij", "jk"}, "ak");
  check_einsum({"ai", "bj", "ijk", "kl", "l"}, "ab");
  check_einsum({"ab", "bi", "ij", "jk", "kl", "lm", "mn"}, "an");
  check_einsum({"a", "b", "i", "j", "k", "l", "A"}, "aA");
  check_einsum({"", "ij", ""}, "ij");
  check_einsum({"", ""}, "");
}

TEST_CASE("einsum with implicit results, spaces and ellipses") {
  array a = random_array({3, 4}, 1), b = random_array({4, 5}, 2);
  CHECK(distance(einsum("ij,jk", {a, b}), matmul(a, b)) < 1e-14);
  CHECK(distance(einsum(" i j , j k -> k i ", {a, b}), transpose(matmul(a, b))) < 1e-14);
  CHECK(distance(einsum("ba", {a}), transpose(a)) == 0);
  CHECK(einsum("ij,jk->", {a, b}).shape() == Shape{});
  CHECK(distance(einsum("Zb,bA", {a, b}), transpose(matmul(a, b))) < 1e-14);

  array x = random_array({2, 1, 3, 4}, 3), y = random_array({6, 4, 5}, 4);
  CHECK(distance(einsum("...ij,...jk->...ik", {x, y}), matmul(x, y)) < 1e-14);
  CHECK(distance(einsum("...ij,...jk", {x, y}), matmul(x, y)) < 1e-14);
  CHECK(distance(einsum("i...->...i", {x}), moveaxis(x, 0, -1)) == 0);
  CHECK(distance(einsum("...", {x}), x) == 0);
  CHECK(distance(einsum("...,...", {x, array(2.0, float64)}), x * 2.0) == 0);
  CHECK(distance(einsum("...i->...", {x}), sum(x, -1)) < 1e-14);
  CHECK(distance(einsum("ij...,j...->i...", {random_array({2, 3}, 5), random_array({3}, 6)}),
                 matmul(random_array({2, 3}, 5), random_array({3}, 6))) < 1e-14);
}

TEST_CASE("einsum broadcasts axes of size 1") {
  array a = random_array({1, 3}, 1), b = random_array({2, 3}, 2), c = random_array({3, 4}, 3);
  CHECK(distance(einsum("ij,ij->ij", {a, b}), a * b) == 0);
  CHECK(distance(einsum("ij,ij->i", {a, b}), sum(a * b, 1)) < 1e-14);
  CHECK(distance(einsum("ij,jk->ik", {slice(b, {0, 0}, {2, 1}), c}),
                 slice(b, {0, 0}, {2, 1}) * expand_dims(sum(c, 0), 0)) < 1e-14);
  CHECK(einsum("ij,ik->jk", {random_array({1, 2}, 1), random_array({1, 3}, 2)}).shape() ==
        Shape{2, 3});
}

TEST_CASE("dtypes of einsum") {
  for (Dtype dtype : {uint8, int16, int32, int64, uint64, float16, bfloat16, float32, float64}) {
    array a = astype(reshape(arange(6), {2, 3}), dtype);
    CHECK(einsum("ij,kj->ik", {a, a}).dtype() == dtype);
    CHECK(values(einsum("ij,kj->ik", {a, a})) == Numbers{5, 14, 14, 50});
    CHECK(einsum("ij->i", {a}).dtype() == dtype);
    CHECK(values(einsum("ij->i", {a})) == Numbers{3, 12});
  }
  CHECK(values(einsum("i->", {full({3}, 100, int8)})) == Numbers{44});
  array mask({true, false, true}, {3});
  CHECK(einsum("i->", {mask}).dtype() == bool_);
  CHECK(einsum("i,i->", {mask, mask}).item<bool>());
  array z({complex64_t(1, 2), complex64_t(0, 1)}, {2});
  CHECK(values(imag(einsum("i,i->", {z, z}))) == Numbers{4});
  CHECK(einsum("i,i->i", {ones({2}, int32), ones({2}, float16)}).dtype() == float16);
}

TEST_CASE("bad subscripts") {
  array a = zeros({2, 3}), b = zeros({3, 2});
  CHECK_THROWS_AS(einsum("ij", {}), std::invalid_argument);
  CHECK_THROWS_AS(einsum("ij,jk", {a}), std::invalid_argument);
  CHECK_THROWS_AS(einsum("i1", {a}), std::invalid_argument);
  CHECK_THROWS_AS(einsum("i.j", {a}), std::invalid_argument);
  CHECK_THROWS_AS(einsum("...i...", {a}), std::invalid_argument);
  CHECK_THROWS_AS(einsum("ij->ii", {a}), std::invalid_argument);
  CHECK_THROWS_AS(einsum("ij->ik", {a}), std::invalid_argument);
  CHECK_THROWS_AS(einsum("ij->i->j", {a}), std::invalid_argument);
  CHECK_THROWS_AS(einsum("i...->i", {a}), std::invalid_argument);
  CHECK_THROWS_AS(einsum("i", {a}), ShapeError);
  CHECK_THROWS_AS(einsum("ijk", {a}), ShapeError);
  CHECK_THROWS_AS(einsum("ii", {a}), ShapeError);
  CHECK_THROWS_AS(einsum("ij,ij", {a, b}), ShapeError);
  CHECK_THROWS_AS(einsum("...,...", {a, b}), ShapeError);
}

TEST_CASE("einsum_path finds cheap orders") {
  using Path = std::vector<std::vector<int>>;
  array narrow = zeros({2, 50}), wide = zeros({50, 3}), tall = zeros({3, 40});
  CHECK(einsum_path("ij->i", {narrow}).first == Path{{0}});
  CHECK(einsum_path("ij,jk->ik", {narrow, wide}).first == Path{{0, 1}});
  CHECK(einsum_path("ij,jk,kl->il", {narrow, wide, tall}).first == Path{{0, 1}, {0, 1}});
  // From the right when the right end is narrow.
  CHECK(einsum_path("ij,jk,k->i", {zeros({9, 9}), zeros({9, 9}), zeros({9})}).first ==
        Path{{1, 2}, {0, 1}});
  std::vector<array> chain(9, zeros({4, 4}));
  auto [path, text] = einsum_path("ab,bc,cd,de,ef,fg,gh,hi,ij->aj", chain);
  CHECK(path.size() == 8);
  CHECK(text.find("ab,bc,cd") != std::string::npos);
  CHECK_THROWS_AS(einsum_path("ij", {zeros({2})}), ShapeError);
}

TEST_CASE("derivatives and vmap of einsum") {
  array a = random_array({3, 4}, 1), b = random_array({4, 5}, 2), c = random_array({5, 2}, 3);
  check_derivatives([](auto& x) { return einsum("ij,jk,kl->li", x); }, {a, b, c});
  check_derivatives([](auto& x) { return einsum("iij->j", x); }, {random_array({3, 3, 2}, 1)});
  check_derivatives([](auto& x) { return einsum("...j,...j", x); },
                    {random_array({2, 1, 3}, 1), random_array({4, 3}, 2)});
  check_derivatives([](auto& x) { return einsum("i,j->ji", x); },
                    {random_array({3}, 1), random_array({2}, 2)});
  auto rounded = [](const std::vector<array>& x) {
    return astype(round(einsum("ij,jk->k", x) * 1e9), int64);
  };
  check_vmap(rounded, {random_array({2, 3, 4}, 1), b}, {0, -1});
  check_vmap(rounded, {random_array({3, 2, 4}, 1), random_array({4, 5, 2}, 2)}, {1, 2});
}
