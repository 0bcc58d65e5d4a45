#include "orchestrator/services/loopback_certificate.h"

#include "pipelines/base/subprocess.h"

#include <filesystem>
#include <vector>

namespace turnout {
namespace {

using Words = std::vector<std::string>;

Result<std::string> newCertificate(const std::string& subject, const std::string& key_file,
                                   const std::string& certificate_file, const Words& more) {
  Words argv{"openssl",
             "req",
             "-x509",
             "-newkey",
             "ec",
             "-pkeyopt",
             "ec_paramgen_curve:P-256",
             "-nodes",
             "-days",
             "2",
             "-subj",
             "/CN=" + subject,
             "-keyout",
             key_file,
             "-out",
             certificate_file};
  argv.insert(argv.end(), more.begin(), more.end());
  return Subprocess::run(argv);
}

}  // namespace

Result<LoopbackCertificate> makeLoopbackCertificate(const std::string& directory) {
  const LoopbackCertificate made{directory + "/ca.pem", directory + "/server.pem",
                                 directory + "/server.key"};
  const std::string ca_key = directory + "/ca.key";
  const auto ca = newCertificate(
      "turnout run CA", ca_key, made.ca_file,
      {"-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"});
  if (!ca)
    return ca.error();
  const auto server = newCertificate(
      "localhost", made.key_file, made.certificate_file,
      {"-CA", made.ca_file, "-CAkey", ca_key, "-addext", "basicConstraints=critical,CA:FALSE",
       "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext",
       "extendedKeyUsage=serverAuth"});
  if (!server)
    return server.error();
  std::error_code ignored;  // it is of no use any more, and goes with the directory at the latest
  std::filesystem::remove(ca_key, ignored);
  return made;
}

}  // namespace turnout
