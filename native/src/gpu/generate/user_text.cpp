#include "gpu/generate/user_text.h"

#include <algorithm>
#include <cctype>
#include <vector>

namespace mlx::core::gpu {
namespace {

struct Token {
  /// `gap`: blanks and comments. `directive`: a line of the preprocessor.
  enum class Kind : uint8_t { gap, word, number, text, directive, sign };
  Kind kind;
  std::string_view text;
};

bool is_word_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/// Splits C++ into tokens; every character is in one. Signs are single characters.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> all() {
    std::vector<Token> tokens;
    bool begins_line = true;
    while (at_ < text_.size()) {
      const size_t start = at_;
      const auto kind = next(begins_line);
      auto text = text_.substr(start, at_ - start);
      if (kind == Token::Kind::gap)
        begins_line |= text.find('\n') != text.npos;
      else
        begins_line = false;
      tokens.push_back({kind, text});
    }
    return tokens;
  }

 private:
  char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  Token::Kind next(bool begins_line) {
    const char c = peek();
    if (std::isspace(static_cast<unsigned char>(c))) {
      while (std::isspace(static_cast<unsigned char>(peek())) && at_ < text_.size()) ++at_;
      return Token::Kind::gap;
    }
    if (c == '/' && peek(1) == '/') return to(text_.find('\n', at_), 0, Token::Kind::gap);
    if (c == '/' && peek(1) == '*') return to(text_.find("*/", at_ + 2), 2, Token::Kind::gap);
    if (c == '#' && begins_line) {
      while (at_ < text_.size() && (peek() != '\n' || text_[at_ - 1] == '\\')) ++at_;
      return Token::Kind::directive;
    }
    if (c == '"' || c == '\'') {
      for (++at_; at_ < text_.size() && peek() != c && peek() != '\n'; ++at_)
        if (peek() == '\\') ++at_;
      at_ = std::min(at_ + 1, text_.size());
      return Token::Kind::text;
    }
    if (std::isdigit(static_cast<unsigned char>(c)) ||
        (c == '.' && std::isdigit(static_cast<unsigned char>(peek(1))))) {
      read_number();
      return Token::Kind::number;
    }
    if (is_word_character(c)) {
      while (is_word_character(peek())) ++at_;
      return Token::Kind::word;
    }
    ++at_;
    return Token::Kind::sign;
  }

  Token::Kind to(size_t end, size_t length, Token::Kind kind) {
    at_ = end == text_.npos ? text_.size() : end + length;
    return kind;
  }

  void read_number() {
    const bool is_hex = peek() == '0' && (peek(1) == 'x' || peek(1) == 'X');
    for (; is_word_character(peek()) || peek() == '.' || peek() == '\''; ++at_) {
      const char c = char(std::tolower(peek()));
      const bool has_exponent = is_hex ? c == 'p' : c == 'e';
      if (has_exponent && (peek(1) == '-' || peek(1) == '+')) ++at_;
    }
  }

  std::string_view text_;
  size_t at_ = 0;
};

/// Metal has no float64: a number with a point and no suffix is a float.
bool lacks_suffix(std::string_view number) {
  const bool is_hex = number.size() > 1 && (number[1] == 'x' || number[1] == 'X');
  const bool is_floating =
      number.find('.') != number.npos || number.find_first_of(is_hex ? "pP" : "eE") != number.npos;
  if (!is_floating) return false;
  const char last = number.back();
  if (is_hex && number.find_first_of("pP") == number.npos) return false;
  return last == '.' || std::isdigit(static_cast<unsigned char>(last));
}

class Translator {
 public:
  Translator(Language language, std::string_view text)
      : language_(language), tokens_(Lexer(text).all()) {}

  std::string translate() {
    while (at_ < tokens_.size()) {
      auto& token = tokens_[at_];
      if (token.text == "threadgroup" && begins_statement_ && declare_shared()) continue;
      if (token.kind == Token::Kind::directive || token.kind == Token::Kind::sign)
        begins_statement_ =
            token.kind == Token::Kind::directive || token.text.find_first_of(";{}") == 0;
      else if (token.kind != Token::Kind::gap)
        begins_statement_ = false;
      if (token.kind == Token::Kind::word && is_second_const()) {
        ++at_;
        continue;
      }
      result_ += token.text;
      if (token.kind == Token::Kind::number && lacks_suffix(token.text)) result_ += 'f';
      ++at_;
    }
    return std::move(result_);
  }

 private:
  /// The next token that is no gap, in a direction.
  const Token* neighbour(int step) const {
    for (size_t i = at_ + size_t(step); i < tokens_.size(); i += size_t(step))
      if (tokens_[i].kind != Token::Kind::gap) return &tokens_[i];
    return nullptr;
  }

  /// `constant` stands for const here, and may be said only once.
  bool is_second_const() const {
    if (tokens_[at_].text != "const") return false;
    const Token *before = neighbour(-1), *after = neighbour(1);
    return (before && before->text == "constant") || (after && after->text == "constant");
  }

  /// A statement that declares arrays or variables in threadgroup memory, rather than pointers
  /// there. False, and nothing is done, if it is something else.
  bool declare_shared() {
    size_t end = at_;
    while (end < tokens_.size() && tokens_[end].text != ";") ++end;
    if (end == tokens_.size()) return false;
    // Commas inside of brackets separate nothing.
    std::vector<std::vector<Token>> parts(1);
    int depth = 0;
    bool is_pointer = false;
    for (size_t i = at_ + 1; i < end; ++i) {
      auto& token = tokens_[i];
      if (token.kind == Token::Kind::sign) {
        const char c = token.text[0];
        if (c == '<' || c == '[' || c == '(') ++depth;
        if (c == '>' || c == ']' || c == ')') --depth;
        if (depth == 0 && (c == '*' || c == '&' || c == '=')) is_pointer = true;
        if (depth == 0 && c == ',') {
          parts.emplace_back();
          continue;
        }
      }
      parts.back().push_back(token);
    }
    if (is_pointer) return false;
    if (language_ == Language::cuda) {
      result_ += "__shared__";
      ++at_;
      return true;
    }
    std::string type;
    std::string declarations;
    for (auto& part : parts)
      if (!declare(part, type, declarations)) return false;
    result_ += declarations;
    at_ = end + 1;
    return true;
  }

  /// In the emulator: a reference to memory that it gives every group, and poisons.
  static bool declare(const std::vector<Token>& part, std::string& type, std::string& result) {
    size_t brackets = 0, name = part.size();
    int depth = 0;
    for (; brackets < part.size(); ++brackets) {
      auto& token = part[brackets];
      if (token.text == "[" && depth == 0) break;
      if (token.text == "<") ++depth;
      if (token.text == ">") --depth;
      if (token.kind == Token::Kind::word) name = brackets;
    }
    if (name == part.size()) return false;
    if (type.empty())
      for (size_t i = 0; i < name; ++i) type += part[i].text;
    std::string sizes, identifier(part[name].text);
    for (size_t i = brackets; i < part.size(); ++i) sizes += part[i].text;
    result += "typedef " + type + " " + identifier + "_in_group_" + sizes + "; auto& " +
              identifier + " = THREADGROUP_MEMORY(" + identifier + "_in_group_, alignof(" +
              identifier + "_in_group_));";
    return !type.empty();
  }

  Language language_;
  std::vector<Token> tokens_;
  std::string result_;
  size_t at_ = 0;
  bool begins_statement_ = true;
};

}  // namespace

std::string user_text(Language language, std::string_view text) {
  if (language == Language::metal) return std::string(text);
  return Translator(language, text).translate();
}

bool mentions(std::string_view text, std::string_view identifier) {
  if (text.find(identifier) == text.npos) return false;
  auto tokens = Lexer(text).all();
  return std::any_of(tokens.begin(), tokens.end(), [&](const Token& token) {
    if (token.kind == Token::Kind::directive) return mentions(token.text.substr(1), identifier);
    return token.kind == Token::Kind::word && token.text == identifier;
  });
}

}  // namespace mlx::core::gpu
