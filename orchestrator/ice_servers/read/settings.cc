#include "orchestrator/ice_servers/read/settings.h"

#include "pipelines/base/files.h"
#include "pipelines/base/gobject_ref.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <set>

#include <unistd.h>

namespace turnout {
namespace {

constexpr const char* kVariable = "TURNOUT_ENV";

Result<Deployment> named(const std::string& word, const std::string& where) {
  for (const Deployment deployment : {Deployment::kDevelopment, Deployment::kProduction})
    if (word == toString(deployment))
      return deployment;
  return Error{ErrorCode::kUsage, where + " is development or production, not \"" + word + "\""};
}

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

constexpr std::size_t kLongestValue = 64 * 1024;  // bytes, expanded
constexpr int kMostExpansions = 1000;             // in one value

// A reference in a value: "$NAME", "${NAME}", "${NAME:-other}", "${NAME:+other}".
struct Reference {
  std::size_t begin = 0, length = 0;
  std::string name{}, operation{}, operand{};
};

// The end of a name that begins at `begin`; `begin` itself: there is none.
std::size_t endOfName(const std::string& value, std::size_t begin) {
  std::size_t end = begin;
  while (end < value.size() &&
         (isNameStart(value[end]) || (end > begin && g_ascii_isdigit(value[end]))))
    ++end;
  return end;
}

// "NAME:-other" taken apart.
void takeOperation(Reference& reference, const std::string& expression) {
  reference.name = expression;
  for (std::size_t i = 0; i < expression.size(); i++)
    for (const std::string operation : {":+", "+", ":-", "-"})
      if (expression.compare(i, operation.size(), operation) == 0) {
        reference.name = expression.substr(0, i);
        reference.operation = operation;
        reference.operand = expression.substr(i + operation.size());
        return;
      }
}

std::optional<Reference> firstReference(const std::string& value) {
  for (std::size_t at = value.find('$'); at != std::string::npos; at = value.find('$', at + 1)) {
    if (at > 0 && value[at - 1] == '\\')
      continue;
    Reference found{.begin = at};
    const bool has_braces = at + 1 < value.size() && value[at + 1] == '{';
    const std::size_t begin = at + (has_braces ? 2 : 1);
    const std::size_t end = has_braces ? value.find_first_of("{}", begin) : endOfName(value, begin);
    if (end == std::string::npos || end == begin || (has_braces && value[end] != '}'))
      continue;
    found.length = end - at + (has_braces ? 1 : 0);
    if (has_braces)
      takeOperation(found, value.substr(begin, end - begin));
    else
      found.name = value.substr(begin, end - begin);
    return found;
  }
  return std::nullopt;
}

class DotEnvReader {
 public:
  DotEnvReader(std::string_view text, const std::string& file, const Environment& environment)
      : rest_(text), file_(file), environment_(environment) {}

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
    Setting setting{.value = {}, .where = file_ + ":" + std::to_string(line) + " " + *name};
    auto expanded = expand(*std::move(value), setting.unset);
    if (!expanded)
      return tell(line, *name + " grows without end when its variables are expanded");
    setting.value = Secret(*std::move(expanded));
    settings_[*name] = std::move(setting);
  }

  // Empty counts as not set.
  std::string valueOf(const std::string& name) const {
    if (auto value = environment_ ? environment_(name) : std::nullopt; value && !value->empty())
      return *std::move(value);
    const auto setting = settings_.find(name);
    return setting == settings_.end() ? "" : setting->second.value.reveal();
  }

  // nullopt: it never ends.
  std::optional<std::string> expand(std::string value, std::vector<std::string>& unset) const {
    std::set<std::string> seen;  // a value that holds a reference to itself
    for (int i = 0; const auto reference = firstReference(value); i++) {
      if (i == kMostExpansions || value.size() > kLongestValue)
        return std::nullopt;
      seen.insert(value);
      std::string found = valueOf(reference->name);
      const bool is_set = !found.empty();
      if (reference->operation.ends_with('+'))
        found = is_set ? reference->operand : "";
      else if (!is_set || seen.contains(found))
        found = reference->operand;
      if (!is_set && reference->operation.empty())
        unset.push_back(reference->name);
      value.replace(reference->begin, reference->length, found);
      if (is_set && value == valueOf(reference->name))
        break;  // what is expanded already may hold dollar signs that were meant
    }
    for (std::size_t at = value.find("\\$"); at != std::string::npos;
         at = value.find("\\$", at + 1))
      value.erase(at, 1);
    return value;
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

  void tell(int line, const std::string& what) {
    if (++problem_count_ <= kMostProblems)
      problems_ +=
          (problems_.empty() ? "" : "\n") + file_ + ":" + std::to_string(line) + ": " + what;
  }
  void problem(int line, const std::string& what) {
    tell(line, what);
    skipLine();
  }

  std::string_view rest_;
  const std::string& file_;
  const Environment& environment_;
  int line_ = 1;
  Settings settings_;
  std::string problems_;
  std::size_t problem_count_ = 0;
};

}  // namespace

const char* toString(Deployment deployment) {
  switch (deployment) {
    case Deployment::kDevelopment:
      return "development";
    case Deployment::kProduction:
      return "production";
  }
  return "";
}

Environment processEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
  };
}

std::vector<std::string> processVariables() {
  std::vector<std::string> names;
  for (char** variable = environ; variable && *variable; ++variable)
    names.emplace_back(*variable, std::strcspn(*variable, "="));
  return names;
}

Result<Deployment> detectDeployment(const std::optional<std::string>& wanted,
                                    const Environment& environment) {
  if (wanted)
    return named(*wanted, "--env");
  if (const auto variable = environment(kVariable); variable && !variable->empty())
    return named(*variable, kVariable);
  return environment("NODE_ENV") == "production" ? Deployment::kProduction
                                                 : Deployment::kDevelopment;
}

Result<Settings> parseDotEnv(std::string_view text, const std::string& file,
                             const Environment& environment) {
  if (!g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr))
    return Error{ErrorCode::kBadScenario, file + ": is not text (UTF-8)"};
  std::string lines;  // all ends as "\n"
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r')
      lines += text[i];
    else if (i + 1 == text.size() || text[i + 1] != '\n')
      lines += '\n';
  return DotEnvReader(lines, file, environment).read();
}

Result<Settings> readDotEnv(const std::string& path) {
  const auto text = readTextFile(path);
  return text ? parseDotEnv(*text, path, processEnvironment()) : text.error();
}

}  // namespace turnout
