#include "ops/einsum/contraction_path.h"

#include <algorithm>
#include <iomanip>
#include <limits>
#include <set>
#include <sstream>
#include <tuple>

namespace mlx::core::einsum_detail {
namespace {

using LabelSet = std::set<Label>;

/// All ways are tried up to this many operands: their number grows as 3^n.
constexpr size_t kMostForOptimal = 6;
/// The greedy search looks at the pairs among so many operands, the first ones.
constexpr size_t kMostForGreedy = 48;
/// So many of the operands that are left are described.
constexpr size_t kMostDescribed = 64;

double volume(const LabelSet& labels, const std::map<Label, int>& sizes) {
  double size = 1;
  for (Label label : labels) size *= sizes.at(label);
  return size;
}

LabelSet joined(const LabelSet& a, const LabelSet& b) {
  LabelSet all = a;
  all.insert(b.begin(), b.end());
  return all;
}

/// Multiplications, and as many additions when something is summed.
double operations(const LabelSet& involved, size_t kept, const std::map<Label, int>& sizes) {
  return volume(involved, sizes) * (involved.size() > kept ? 2 : 1);
}

std::vector<LabelSet> as_sets(const std::vector<Labels>& operands) {
  std::vector<LabelSet> sets;
  for (auto& labels : operands) sets.emplace_back(labels.begin(), labels.end());
  return sets;
}

/// Dynamic programming over the subsets of the operands: the cheapest way to one array for each.
class OptimalSearch {
 public:
  explicit OptimalSearch(const Subscripts& subscripts)
      : sizes_(subscripts.sizes), operands_(as_sets(subscripts.inputs)) {
    size_t count = operands_.size(), subsets = size_t(1) << count;
    kept_.resize(subsets);
    cost_.assign(subsets, std::numeric_limits<double>::infinity());
    left_.assign(subsets, 0);
    for (size_t subset = 1; subset < subsets; ++subset) {
      kept_[subset] = labels_kept(subset, subscripts.output);
      if ((subset & (subset - 1)) == 0)
        cost_[subset] = 0;
      else
        split(subset);
    }
  }

  std::vector<Step> path() {
    positions_.clear();
    for (size_t i = 0; i < operands_.size(); ++i) positions_.push_back(size_t(1) << i);
    steps_.clear();
    take(cost_.size() - 1);
    return steps_;
  }

 private:
  LabelSet labels_kept(size_t subset, const Labels& output) const {
    LabelSet inside, outside(output.begin(), output.end());
    for (size_t i = 0; i < operands_.size(); ++i) {
      auto& target = subset >> i & 1 ? inside : outside;
      target.insert(operands_[i].begin(), operands_[i].end());
    }
    // An operand by itself keeps what it came with.
    if ((subset & (subset - 1)) == 0) return inside;
    LabelSet kept;
    std::set_intersection(inside.begin(), inside.end(), outside.begin(), outside.end(),
                          std::inserter(kept, kept.end()));
    return kept;
  }

  void split(size_t subset) {
    for (size_t part = (subset - 1) & subset; part > 0; part = (part - 1) & subset) {
      size_t rest = subset & ~part;
      // Each pair of halves once.
      if (part < rest) continue;
      LabelSet involved = joined(kept_[part], kept_[rest]);
      double cost = cost_[part] + cost_[rest] + operations(involved, kept_[subset].size(), sizes_);
      if (cost >= cost_[subset]) continue;
      cost_[subset] = cost;
      left_[subset] = part;
    }
  }

  /// Writes the steps that make a subset's array, the parts before the whole.
  void take(size_t subset) {
    if ((subset & (subset - 1)) == 0) return;
    size_t part = left_[subset], rest = subset & ~part;
    take(part);
    take(rest);
    auto position = [&](size_t which) {
      return int(std::find(positions_.begin(), positions_.end(), which) - positions_.begin());
    };
    Step step = {position(part), position(rest)};
    std::sort(step.begin(), step.end());
    positions_.erase(positions_.begin() + step[1]);
    positions_.erase(positions_.begin() + step[0]);
    positions_.push_back(subset);
    steps_.push_back(step);
  }

  const std::map<Label, int>& sizes_;
  std::vector<LabelSet> operands_, kept_;
  std::vector<double> cost_;
  std::vector<size_t> left_, positions_;
  std::vector<Step> steps_;
};

/// Each step takes the pair whose product grows memory least, and among equal ones the cheapest.
/// Pairs without a common index, whose products only grow, wait until the end.
class GreedySearch {
 public:
  explicit GreedySearch(const Subscripts& subscripts)
      : sizes_(subscripts.sizes), operands_(as_sets(subscripts.inputs)) {
    for (auto& labels : operands_) count(labels, 1);
    count({subscripts.output.begin(), subscripts.output.end()}, 1);
  }

  std::vector<Step> path() {
    std::vector<Step> steps;
    while (operands_.size() > 1) {
      auto [i, j] = best_pair();
      const LabelSet a = operands_[i], b = operands_[j];
      LabelSet product = kept(a, b);
      count(a, -1);
      count(b, -1);
      count(product, 1);
      operands_.erase(operands_.begin() + std::ptrdiff_t(j));
      operands_.erase(operands_.begin() + std::ptrdiff_t(i));
      operands_.push_back(std::move(product));
      steps.push_back({int(i), int(j)});
    }
    return steps;
  }

 private:
  void count(const LabelSet& labels, int change) {
    for (Label label : labels) uses_[label] += change;
  }

  /// The labels of a product that others or the result use.
  LabelSet kept(const LabelSet& a, const LabelSet& b) const {
    LabelSet labels;
    for (Label label : joined(a, b))
      if (uses_.at(label) > int(a.count(label) + b.count(label))) labels.insert(label);
    return labels;
  }

  std::pair<size_t, size_t> best_pair() const {
    size_t count = std::min(operands_.size(), kMostForGreedy);
    std::tuple<bool, double, double> best;
    std::pair<size_t, size_t> chosen;
    for (size_t i = 0; i < count; ++i) {
      for (size_t j = i + 1; j < count; ++j) {
        auto rating = rate(operands_[i], operands_[j]);
        if (chosen.second > 0 && rating >= best) continue;
        best = rating;
        chosen = {i, j};
      }
    }
    return chosen;
  }

  std::tuple<bool, double, double> rate(const LabelSet& a, const LabelSet& b) const {
    LabelSet involved = joined(a, b), left = kept(a, b);
    bool is_outer = involved.size() == a.size() + b.size();
    double growth = volume(left, sizes_) - volume(a, sizes_) - volume(b, sizes_);
    return {is_outer, growth, operations(involved, left.size(), sizes_)};
  }

  const std::map<Label, int>& sizes_;
  std::vector<LabelSet> operands_;
  /// How many of the operands and the result have a label.
  std::map<Label, int> uses_;
};

std::string terms_text(const std::vector<Labels>& operands) {
  std::string text;
  for (size_t i = 0; i < operands.size(); ++i) {
    if (i > 0) text += ',';
    if (i == kMostDescribed) return text + "...";
    text += label_text(operands[i]);
  }
  return text;
}

}  // namespace

Labels kept_labels(const std::vector<Labels>& operands, const Step& step, const Labels& output) {
  auto is_needed = [&](Label label) {
    if (contains(output, label)) return true;
    for (int i = 0; i < int(operands.size()); ++i)
      if (std::find(step.begin(), step.end(), i) == step.end() &&
          contains(operands[size_t(i)], label))
        return true;
    return false;
  };
  Labels kept;
  for (int i : step)
    for (Label label : operands[size_t(i)])
      if (!contains(kept, label) && is_needed(label)) kept.push_back(label);
  return kept;
}

std::vector<Step> find_path(const Subscripts& subscripts) {
  size_t count = subscripts.inputs.size();
  if (count == 1) return {{0}};
  if (count == 2) return {{0, 1}};
  return count <= kMostForOptimal ? OptimalSearch(subscripts).path()
                                  : GreedySearch(subscripts).path();
}

std::string describe_path(const Subscripts& subscripts, const std::vector<Step>& path) {
  LabelSet all;
  for (auto& [label, size] : subscripts.sizes) all.insert(label);
  double at_once =
      volume(all, subscripts.sizes) * double(std::max<size_t>(1, subscripts.inputs.size() - 1) +
                                             (all.size() > subscripts.output.size()));
  double stepwise = 0, largest = 0;
  std::ostringstream table;
  std::vector<Labels> operands = subscripts.inputs;
  for (auto& step : path) {
    Labels kept = kept_labels(operands, step, subscripts.output);
    LabelSet involved;
    std::vector<Labels> taken, left;
    for (int i = 0; i < int(operands.size()); ++i) {
      bool is_taken = std::find(step.begin(), step.end(), i) != step.end();
      auto& labels = operands[size_t(i)];
      (is_taken ? taken : left).push_back(labels);
      if (is_taken) involved.insert(labels.begin(), labels.end());
    }
    double cost = operations(involved, kept.size(), subscripts.sizes);
    stepwise += cost;
    largest = std::max(largest, volume({kept.begin(), kept.end()}, subscripts.sizes));
    if (left.empty()) kept = subscripts.output;
    left.push_back(kept);
    table << "\n  " << terms_text(taken) << "->" << label_text(kept) << "  (" << cost
          << " operations), then " << terms_text(left);
    operands = left;
  }
  std::ostringstream text;
  text << std::setprecision(4) << terms_text(subscripts.inputs) << "->"
       << label_text(subscripts.output) << "\n  all at once: " << at_once
       << " operations\n  step by step: " << stepwise
       << " operations\n  largest intermediate: " << largest << " elements" << table.str();
  return text.str();
}

}  // namespace mlx::core::einsum_detail
