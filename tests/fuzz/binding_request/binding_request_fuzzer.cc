// Whatever a lab's STUN server gets: it reads within the message, and its answer keeps the id.
#include "pipelines/base/result.h"
#include "pipelines/lab/lab_servers.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto request = turnout::bindingRequest({data, size});
  if (!request)
    return 0;
  sockaddr_storage address{};
  address.ss_family = AF_INET;
  const turnout::Bytes answer = turnout::bindingAnswer(request->id, address, address);
  TURNOUT_CHECK(answer.size() == 44, "a header and two addresses");
  TURNOUT_CHECK(std::equal(request->id.begin(), request->id.end(), answer.begin() + 4), "its id");
  return 0;
}
