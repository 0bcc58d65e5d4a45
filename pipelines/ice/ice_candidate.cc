#include "pipelines/ice/ice_candidate.h"

#include <algorithm>
#include <array>
#include <sstream>

#include <arpa/inet.h>

namespace turnout {
namespace {

CandidateType typeOf(std::string_view word) {
  const auto* known = std::find(kCandidateTypeWords.begin(), kCandidateTypeWords.end(), word);
  return known == kCandidateTypeWords.end()
             ? CandidateType::kHost
             : static_cast<CandidateType>(known - kCandidateTypeWords.begin());
}

char lowered(char c) {  // locale-free, unlike <cctype>
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string candidateAddress(const std::string& host, std::string_view port) {
  std::string text = host;
  in6_addr parsed{};
  if (inet_pton(AF_INET6, host.c_str(), &parsed) == 1) {
    std::array<char, INET6_ADDRSTRLEN> canonical{};
    text =
        std::string("[") + inet_ntop(AF_INET6, &parsed, canonical.data(), canonical.size()) + "]";
  }
  return text.append(":").append(port);
}

// candidate:<foundation> <component> <transport> <priority> <address> <port> typ <type> ...
IceCandidateInfo readCandidateLine(std::string_view line) {
  std::istringstream words{std::string(line)};
  std::array<std::string, 8> word;
  for (std::string& each : word)
    words >> each;
  IceCandidateInfo info;
  info.type = typeOf(word[7]);
  info.protocol = word[2];
  std::transform(info.protocol.begin(), info.protocol.end(), info.protocol.begin(), lowered);
  info.address = candidateAddress(word[4], word[5]);
  return info;
}

std::string candidateUfrag(std::string_view line) {
  constexpr std::string_view kWord = " ufrag ";
  const std::size_t word = line.find(kWord);
  if (word == std::string_view::npos)
    return "";
  line.remove_prefix(word + kWord.size());
  return std::string(line.substr(0, line.find(' ')));
}

}  // namespace turnout
