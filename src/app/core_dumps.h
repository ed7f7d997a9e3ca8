#pragma once

namespace portal::app {

/// Keeps this process's memory out of core dumps, since signing keys, tokens and passphrases are in it: no core file,
/// and where a handler on the machine takes cores regardless of limits, none of the memory in them. A debugger that is
/// attached still sees everything. To be called before the first secret is read; children inherit it.
void KeepMemoryOutOfCoreDumps();

}  // namespace portal::app
