#pragma once

namespace portal::cli {

/// The command line. Data goes to stdout, messages to stderr. Returns the process's exit code:
/// 0 ok, 2 usage, 3 configuration, 4 cannot bind, 5 database, 6 data rejected.
int Main(int argc, char** argv);

}  // namespace portal::cli
