#pragma once

// RapidJSON's documents; for .cpp files alone. Guarded as service/rapidjson_reader.h is, for the same reason.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((no_sanitize("pointer-overflow"))), apply_to = function)
#endif
#include <rapidjson/document.h>
#if defined(__clang__)
#pragma clang attribute pop
#endif
