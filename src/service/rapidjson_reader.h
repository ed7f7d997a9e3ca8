#pragma once

// RapidJSON's streaming reader; for .cpp files alone.
// RapidJSON 1.1 adds an offset to the null pointer of its empty stack, which is harmless and undefined.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((no_sanitize("pointer-overflow"))), apply_to = function)
#endif
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#if defined(__clang__)
#pragma clang attribute pop
#endif
