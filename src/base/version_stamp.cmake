# Writes OUT with version, commit and build date; touches it only when version or commit changed, so that
# building twice compiles nothing.
execute_process(COMMAND git -C ${SOURCE} rev-parse --short=12 HEAD OUTPUT_VARIABLE commit
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT commit)
  set(commit "unknown")
endif()
set(key "// ${VERSION} ${commit}")
if(EXISTS ${OUT})
  file(STRINGS ${OUT} first LIMIT_COUNT 1)
  if(first STREQUAL key)
    return()
  endif()
endif()
string(TIMESTAMP date "%Y-%m-%dT%H:%M:%SZ" UTC)  # follows SOURCE_DATE_EPOCH
file(WRITE ${OUT} "${key}
#include \"base/version.h\"
namespace portal::base {
const BuildInfo kBuild = {\"${VERSION}\", \"${commit}\", \"${date}\"};
}
")
