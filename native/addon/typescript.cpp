#include "typescript.h"

namespace mlx::addon {

std::string join_types(std::initializer_list<TypeText> types, const char* separator, Way way) {
  std::string text;
  for (TypeText type : types) text.append(text.empty() ? "" : separator).append(type(way));
  return text;
}

std::string list_name(const std::string& element, Way way) {
  std::string text = way == Way::in ? "readonly " : "";
  const bool is_one_word = element.find(' ') == std::string::npos || element.front() == '[';
  if (is_one_word && element.find(" | ") == std::string::npos)
    return text.append(element).append("[]");
  return text.append("(").append(element).append(")[]");
}

std::string function_type(std::initializer_list<TypeText> values, TypeText result,
                          bool has_holder) {
  bool has_stream =
      values.size() > 0 && values.end()[-1] == TypeText(type_name<core::StreamOrDevice>);
  std::string texts = join_types(values, ", ", Way::in);
  if (has_holder && has_stream) {
    std::string stream = type_name<core::StreamOrDevice>(Way::in);
    texts.resize(texts.size() - stream.size());
    return std::string("Operation<[").append(texts).append("]>");
  }
  std::string text = "NativeFunction<[";
  if (has_holder) text.append(type_name<JsObject>(Way::in)).append(texts.empty() ? "" : ", ");
  return text.append(texts).append("], ").append(result(Way::out)).append(">");
}

}  // namespace mlx::addon
