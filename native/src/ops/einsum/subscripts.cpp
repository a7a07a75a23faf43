#include "ops/einsum/subscripts.h"

#include <algorithm>
#include <cctype>

#include "mlx/errors.h"
#include "mlx/utils.h"

namespace mlx::core::einsum_detail {
namespace {

/// Where an ellipsis stands among an operand's letters, before its axes are known.
constexpr Label kEllipsis = 0;

class Parser {
 public:
  Parser(const char* name, const std::string& text, const std::vector<array>& operands)
      : name_(name), text_(text), operands_(operands) {}

  Subscripts parse() {
    std::string compact;
    for (char c : text_)
      if (c != ' ') compact.push_back(c);
    size_t arrow = compact.find("->");
    std::vector<Labels> terms;
    for (auto& term : split_terms(compact.substr(0, arrow))) terms.push_back(parse_term(term));
    if (terms.size() != operands_.size())
      refuse("They name ", terms.size(), " operands, but ", operands_.size(), " were given");
    for (size_t i = 0; i < terms.size(); ++i) add_operand(terms[i], operands_[i]);
    if (arrow == std::string::npos)
      infer_output();
    else
      read_output(parse_term(compact.substr(arrow + 2)));
    return std::move(result_);
  }

 private:
  template <typename... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    throw std::invalid_argument(
        concat_text("[", name_, "] Bad subscripts '", text_, "': ", parts..., "."));
  }

  static std::vector<std::string> split_terms(const std::string& text) {
    std::vector<std::string> terms(1);
    for (char c : text) {
      if (c == ',')
        terms.emplace_back();
      else
        terms.back().push_back(c);
    }
    return terms;
  }

  Labels parse_term(const std::string& term) const {
    Labels labels;
    for (size_t i = 0; i < term.size(); ++i) {
      if (std::isalpha(static_cast<unsigned char>(term[i]))) {
        labels.push_back(term[i]);
      } else if (term.compare(i, 3, "...") == 0) {
        if (contains(labels, kEllipsis)) refuse("'", term, "' has more than one ellipsis");
        labels.push_back(kEllipsis);
        i += 2;
      } else {
        refuse("'", term, "' holds '", term[i], "', which is neither a letter nor an ellipsis");
      }
    }
    return labels;
  }

  static void append_ellipsis(Labels& labels, int axes) {
    for (int k = axes; k > 0; --k) labels.push_back(-k);
  }

  void add_operand(const Labels& term, const array& operand) {
    bool has_ellipsis = contains(term, kEllipsis);
    int letters = int(term.size()) - has_ellipsis, rest = int(operand.ndim()) - letters;
    if (rest < 0 || (rest > 0 && !has_ellipsis))
      throw ShapeError(concat_text("[", name_, "] The term '", label_text(term), "' of '", text_,
                                   "' doesn't fit the ", operand.ndim(), " axes of shape ",
                                   operand.shape(), "."));
    Labels labels;
    for (Label label : term) {
      if (label == kEllipsis)
        append_ellipsis(labels, rest);
      else
        labels.push_back(label);
    }
    ellipsis_axes_ = std::max(ellipsis_axes_, rest);
    for (size_t axis = 0; axis < labels.size(); ++axis) add_size(labels, axis, operand);
    result_.inputs.push_back(std::move(labels));
  }

  void add_size(const Labels& labels, size_t axis, const array& operand) {
    Label label = labels[axis];
    int size = operand.shape(int(axis));
    for (size_t other = 0; other < axis; ++other)
      if (labels[other] == label && operand.shape(int(other)) != size)
        throw ShapeError(concat_text("[", name_, "] The diagonal '", label_text({label}), "' of '",
                                     text_, "' needs axes of one size, but the shape is ",
                                     operand.shape(), "."));
    auto [place, is_new] = result_.sizes.emplace(label, size);
    if (is_new || place->second == size || size == 1) return;
    if (place->second != 1)
      throw ShapeError(concat_text("[", name_, "] The index '", label_text({label}), "' of '",
                                   text_, "' has size ", place->second, " in one place and ", size,
                                   " in an operand of shape ", operand.shape(), "."));
    place->second = size;
  }

  void infer_output() {
    append_ellipsis(result_.output, ellipsis_axes_);
    std::map<Label, int> counts;
    for (auto& labels : result_.inputs)
      for (Label label : labels) ++counts[label];
    for (auto& [label, count] : counts)
      if (label > 0 && count == 1) result_.output.push_back(label);
  }

  void read_output(const Labels& term) {
    if (ellipsis_axes_ > 0 && !contains(term, kEllipsis))
      refuse("The operands' ellipsis stands for ", ellipsis_axes_,
             " axes, so that the result needs one too");
    for (size_t i = 0; i < term.size(); ++i) {
      if (term[i] == kEllipsis) {
        append_ellipsis(result_.output, ellipsis_axes_);
        continue;
      }
      if (std::count(term.begin(), term.end(), term[i]) > 1)
        refuse("The result has the index '", char(term[i]), "' twice");
      if (!result_.sizes.count(term[i]))
        refuse("The result's index '", char(term[i]), "' is in no operand");
      result_.output.push_back(term[i]);
    }
  }

  const char* name_;
  const std::string& text_;
  const std::vector<array>& operands_;
  Subscripts result_;
  int ellipsis_axes_ = 0;
};

}  // namespace

bool contains(const Labels& labels, Label label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

std::string label_text(const Labels& labels) {
  std::string text;
  bool in_ellipsis = false;
  for (Label label : labels) {
    if (label > 0)
      text.push_back(char(label));
    else if (!in_ellipsis)
      text += "...";
    in_ellipsis = label <= 0;
  }
  return text;
}

Subscripts parse_subscripts(const char* name, const std::string& text,
                            const std::vector<array>& operands) {
  return Parser(name, text, operands).parse();
}

}  // namespace mlx::core::einsum_detail
