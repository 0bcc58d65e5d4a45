#include "orchestrator/ice_servers/read/dot_env.h"

#include "orchestrator/ice_servers/read/text_file.h"
#include "pipelines/base/gobject_ref.h"

#include <algorithm>
#include <optional>

namespace turnout {
namespace {

constexpr std::size_t kMostProblems = 20;  // that are told

bool isBlank(char c) {
  return c == ' ' || c == '\t';
}
bool isNameStart(char c) {
  return g_ascii_isalpha(c) || c == '_';
}
bool isNameCharacter(char c) {
  return g_ascii_isalnum(c) || c == '_' || c == '.' || c == '-';
}

std::string trimmed(std::string_view text) {
  while (!text.empty() && isBlank(text.back()))
    text.remove_suffix(1);
  while (!text.empty() && isBlank(text.front()))
    text.remove_prefix(1);
  return std::string(text);
}

std::string withLineEnds(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 1 < text.size();
    if (escape && (text[i + 1] == 'n' || text[i + 1] == 'r'))
      out += text[++i] == 'n' ? '\n' : '\r';
    else
      out += text[i];
  }
  return out;
}

class DotEnvReader {
 public:
  DotEnvReader(std::string_view text, const std::string& file) : rest_(text), file_(file) {}

  Result<Settings> read() {
    if (rest_.starts_with("\xef\xbb\xbf"))  // the mark some editors write
      rest_.remove_prefix(3);
    while (!rest_.empty())
      readLine();
    if (problems_.empty())
      return std::move(settings_);
    return Error{ErrorCode::kBadScenario, std::move(problems_)};
  }

 private:
  void readLine() {
    const int line = line_;
    skipBlanks();
    if (rest_.empty() || rest_.front() == '\n' || rest_.front() == '#')
      return skipLine();
    const auto name = readName();
    if (!name)
      return problem(line, "expected NAME=value");
    skipBlanks();
    if (rest_.empty() || rest_.front() != '=')
      return problem(line, "expected \"=\" after " + *name);
    rest_.remove_prefix(1);
    skipBlanks();
    const bool quoted =
        !rest_.empty() && std::string_view("'\"`").find(rest_.front()) != std::string_view::npos;
    auto value = quoted ? readQuoted() : readPlain();
    if (!value)
      return problem(line, "the quote of " + *name + " is not closed");
    skipBlanks();
    if (!rest_.empty() && rest_.front() != '\n' && rest_.front() != '#')
      return problem(line, "there is text after the closing quote of " + *name);
    skipLine();
    settings_[*name] = {Secret(*std::move(value)),
                        file_ + ":" + std::to_string(line) + " " + *name};
  }

  std::optional<std::string> readName() {
    constexpr std::string_view kExport = "export";
    if (rest_.starts_with(kExport) && rest_.size() > kExport.size() &&
        isBlank(rest_[kExport.size()])) {
      rest_.remove_prefix(kExport.size());
      skipBlanks();
    }
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), isNameCharacter);
    std::string name(rest_.begin(), end);
    if (name.empty() || !isNameStart(name.front()))
      return std::nullopt;
    rest_.remove_prefix(name.size());
    return name;
  }

  std::optional<std::string> readQuoted() {
    const char quote = rest_.front();
    std::size_t end = 1;
    while (end < rest_.size() && (rest_[end] != quote || rest_[end - 1] == '\\'))
      ++end;
    if (end >= rest_.size())
      return std::nullopt;
    const std::string_view inside = rest_.substr(1, end - 1);
    line_ += static_cast<int>(std::count(inside.begin(), inside.end(), '\n'));
    rest_.remove_prefix(end + 1);
    return quote == '"' ? withLineEnds(inside) : std::string(inside);
  }

  std::optional<std::string> readPlain() {
    const std::size_t end = std::min(rest_.find_first_of("#\n"), rest_.size());
    std::string value = trimmed(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return value;
  }

  void skipBlanks() {
    while (!rest_.empty() && isBlank(rest_.front()))
      rest_.remove_prefix(1);
  }

  void skipLine() {
    const std::size_t end = rest_.find('\n');
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    line_++;
  }

  void problem(int line, const std::string& what) {
    if (++problem_count_ <= kMostProblems)
      problems_ +=
          (problems_.empty() ? "" : "\n") + file_ + ":" + std::to_string(line) + ": " + what;
    skipLine();
  }

  std::string_view rest_;
  const std::string& file_;
  int line_ = 1;
  Settings settings_;
  std::string problems_;
  std::size_t problem_count_ = 0;
};

}  // namespace

Result<Settings> parseDotEnv(std::string_view text, const std::string& file) {
  if (!g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr))
    return Error{ErrorCode::kBadScenario, file + ": is not text (UTF-8)"};
  std::string lines;  // all ends as "\n"
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r')
      lines += text[i];
    else if (i + 1 == text.size() || text[i + 1] != '\n')
      lines += '\n';
  return DotEnvReader(lines, file).read();
}

Result<Settings> readDotEnv(const std::string& path) {
  const auto text = readTextFile(path);
  return text ? parseDotEnv(*text, path) : text.error();
}

}  // namespace turnout
