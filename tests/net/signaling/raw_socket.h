// A TCP connection for saying things no client library would say, or nothing at all.
#pragma once

#include "pipelines/base/fd.h"

#include <string>

namespace turnout {

class RawSocket {
 public:
  explicit RawSocket(int port);  // to 127.0.0.1
  void send(const std::string& bytes);
  bool isClosed();         // by the other side; reads what has come
  std::string received();  // all that has come so far

 private:
  void read();
  Fd fd_;
  std::string received_;
  bool closed_ = false;
};

}  // namespace turnout
