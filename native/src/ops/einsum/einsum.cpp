#include "mlx/einsum.h"

#include <algorithm>
#include <limits>

#include "mlx/ops.h"
#include "mlx/utils.h"
#include "ops/einsum/contraction_path.h"
#include "ops/einsum/subscripts.h"

namespace mlx::core {
namespace {

using einsum_detail::contains;
using einsum_detail::Label;
using einsum_detail::Labels;
using einsum_detail::Subscripts;

/// An array whose axes have labels, each once.
struct Term {
  array values;
  Labels labels;

  int axis(Label label) const {
    return int(std::find(labels.begin(), labels.end(), label) - labels.begin());
  }
  int size(Label label) const { return values.shape(axis(label)); }
};

/// The sum in the array's own dtype; for bool, where products are "and", it is "or".
array sum_axes(const array& a, const std::vector<int>& axes, StreamOrDevice s) {
  if (axes.empty()) return a;
  if (a.dtype() == bool_) return any(a, axes, false, s);
  return astype(sum(a, axes, false, s), a.dtype(), s);
}

/// An operand without repeated labels and without axes that are only broadcast.
Term prepare(const array& operand, const Labels& labels, const std::map<Label, int>& sizes,
             StreamOrDevice s) {
  Term term{operand, labels};
  for (size_t i = 0; i < term.labels.size();) {
    Label label = term.labels[i];
    auto again = std::find(term.labels.begin() + long(i) + 1, term.labels.end(), label);
    if (again == term.labels.end()) {
      ++i;
      continue;
    }
    // diagonal puts the common axis last.
    term.values = diagonal(term.values, 0, int(i), int(again - term.labels.begin()), s);
    term.labels.erase(again);
    term.labels.erase(term.labels.begin() + long(i));
    term.labels.push_back(label);
  }
  std::vector<int> broadcast;
  Labels rest;
  for (size_t i = 0; i < term.labels.size(); ++i) {
    if (term.values.shape(int(i)) == 1 && sizes.at(term.labels[i]) != 1)
      broadcast.push_back(int(i));
    else
      rest.push_back(term.labels[i]);
  }
  if (!broadcast.empty()) term = {squeeze(term.values, broadcast, s), rest};
  return term;
}

void sum_out(Term& term, const Labels& kept, StreamOrDevice s) {
  std::vector<int> axes;
  Labels rest;
  for (size_t i = 0; i < term.labels.size(); ++i) {
    if (contains(kept, term.labels[i]))
      rest.push_back(term.labels[i]);
    else
      axes.push_back(int(i));
  }
  term = {sum_axes(term.values, axes, s), rest};
}

Labels joined(Labels first, const Labels& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// The axes in the order of the labels; those that the term lacks have size 1.
array arranged(const Term& term, const Labels& order, StreamOrDevice s) {
  std::vector<int> axes, missing;
  for (size_t i = 0; i < order.size(); ++i) {
    if (contains(term.labels, order[i]))
      axes.push_back(term.axis(order[i]));
    else
      missing.push_back(int(i));
  }
  array result = transpose(term.values, axes, s);
  return missing.empty() ? result : expand_dims(result, missing, s);
}

/// What becomes of two operands' labels in their product.
struct PairLabels {
  /// In both and kept; in both and summed; in one only.
  Labels batch, summed, left, right;

  PairLabels(const Term& a, const Term& b, const Labels& kept) {
    // The order in the larger operand, so that it is the one that need not be copied.
    bool a_leads = a.values.size() >= b.values.size();
    for (Label label : (a_leads ? a : b).labels)
      if (contains((a_leads ? b : a).labels, label))
        (contains(kept, label) ? batch : summed).push_back(label);
    for (Label label : a.labels)
      if (!contains(b.labels, label)) left.push_back(label);
    for (Label label : b.labels)
      if (!contains(a.labels, label)) right.push_back(label);
  }
};

Shape sizes_of(const Labels& labels, const Term& a, const Term& b) {
  Shape shape;
  for (Label label : labels) shape.push_back((contains(a.labels, label) ? a : b).size(label));
  return shape;
}

/// The product of sizes as one dimension.
int joined_size(const Shape& sizes) {
  int64_t size = 1;
  for (int n : sizes) {
    size *= n;
    if (size > std::numeric_limits<int>::max())
      throw ShapeError(concat_text("[einsum] The axes of sizes ", sizes,
                                   " are too large for one dimension of a matrix."));
  }
  return int(size);
}

/// One matrix product for each element of the batch.
Term multiply_matrices(const Term& a, const Term& b, const PairLabels& labels, StreamOrDevice s) {
  Shape batch = sizes_of(labels.batch, a, b);
  int rows = joined_size(sizes_of(labels.left, a, b));
  int columns = joined_size(sizes_of(labels.right, a, b));
  int inner = joined_size(sizes_of(labels.summed, a, b));
  auto shaped = [&](const Term& term, const Labels& order, int m, int n) {
    Shape shape = batch;
    shape.push_back(m);
    shape.push_back(n);
    return reshape(arranged(term, order, s), shape, s);
  };
  array left = shaped(a, joined(labels.batch, joined(labels.left, labels.summed)), rows, inner);
  array right =
      shaped(b, joined(labels.batch, joined(labels.summed, labels.right)), inner, columns);
  Labels order = joined(labels.batch, joined(labels.left, labels.right));
  return {reshape(matmul(left, right, s), sizes_of(order, a, b), s), order};
}

/// The product of two terms, summed over what nobody needs any more.
Term contract(Term a, Term b, const Labels& kept, StreamOrDevice s) {
  // What only one of them has is summed before anything is multiplied.
  sum_out(a, joined(kept, b.labels), s);
  sum_out(b, joined(kept, a.labels), s);
  // The side whose own index comes first in the result gives the rows: then the result needs no
  // transposition more often.
  auto leads = [&](const Term& term, const Term& other) {
    for (Label label : kept)
      if (contains(term.labels, label) != contains(other.labels, label))
        return contains(term.labels, label);
    return true;
  };
  if (!leads(a, b)) std::swap(a, b);
  PairLabels labels(a, b, kept);
  if (!labels.summed.empty()) return multiply_matrices(a, b, labels, s);
  Labels order;
  for (Label label : kept)
    if (contains(a.labels, label) || contains(b.labels, label)) order.push_back(label);
  return {multiply(arranged(a, order, s), arranged(b, order, s), s), order};
}

/// The last term as the result: its labels summed, transposed and broadcast to the output's.
array finish(Term term, const Subscripts& subscripts, StreamOrDevice s) {
  const Labels& output = subscripts.output;
  sum_out(term, output, s);
  Shape shape;
  for (Label label : output) shape.push_back(subscripts.sizes.at(label));
  return broadcast_to(arranged(term, output, s), shape, s);
}

array run(const Subscripts& subscripts, const std::vector<array>& operands, StreamOrDevice s) {
  Dtype dtype = result_type(operands);
  std::vector<Term> terms;
  std::vector<Labels> labels;
  for (size_t i = 0; i < operands.size(); ++i) {
    terms.push_back(
        prepare(astype(operands[i], dtype, s), subscripts.inputs[i], subscripts.sizes, s));
    labels.push_back(terms.back().labels);
  }
  for (auto& step : einsum_detail::find_path(subscripts)) {
    if (step.size() == 1) continue;
    Labels kept = terms.size() == 2 ? subscripts.output
                                    : einsum_detail::kept_labels(labels, step, subscripts.output);
    Term product = contract(terms[size_t(step[0])], terms[size_t(step[1])], kept, s);
    for (int taken : {step[1], step[0]}) {
      terms.erase(terms.begin() + taken);
      labels.erase(labels.begin() + taken);
    }
    labels.push_back(product.labels);
    terms.push_back(std::move(product));
  }
  return finish(terms[0], subscripts, s);
}

void check_count(const char* name, const std::vector<array>& operands) {
  if (operands.empty())
    throw std::invalid_argument(concat_text("[", name, "] Expected at least one operand."));
}

}  // namespace

array einsum(const std::string& subscripts, const std::vector<array>& operands, StreamOrDevice s) {
  check_count("einsum", operands);
  return run(einsum_detail::parse_subscripts("einsum", subscripts, operands), operands,
             to_stream(s));
}

std::pair<std::vector<std::vector<int>>, std::string> einsum_path(
    const std::string& subscripts, const std::vector<array>& operands) {
  check_count("einsum_path", operands);
  auto parsed = einsum_detail::parse_subscripts("einsum_path", subscripts, operands);
  auto path = einsum_detail::find_path(parsed);
  return {path, einsum_detail::describe_path(parsed, path)};
}

}  // namespace mlx::core
