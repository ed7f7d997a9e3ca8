#pragma once

#include <string>
#include <utility>

#include "control/handlers.h"
#include "http/conditions.h"
#include "service/rows/row_editor.h"

namespace portal::control {

// What the handlers of single rows have in common; `Rows` as in service/rows/row_kinds.h.

inline Answer ShowRow(service::RowDocument document) {
  Answer answer;
  answer.status = document.created ? 201 : 200;
  answer.body = std::move(document.json);
  answer.Add("ETag", std::move(document.etag));
  return answer;
}

template <typename Rows>
service::RowEditor<Rows> EditorFor(const Context& context, const Request& request) {
  return {context.database, context.clock, request.tenant()};
}

/// The request's If-Match and If-None-Match.
inline auto ConditionsOf(const Request& request) {
  return [&head = request.head()](std::optional<std::string_view> etag) { return http::MayChange(head, etag); };
}

template <typename Rows>
Result<Answer> GetRow(const Context& context, Request& request, const typename Rows::Key& key) {
  auto document = EditorFor<Rows>(context, request).Get(request.worker(), key);
  if (!document) return base::Fail(std::move(document).error());
  switch (http::EvaluatePreconditions(request.head(), {document->etag, std::nullopt}, request.now())) {
    case http::Precondition::kProceed:
      return ShowRow(*std::move(document));
    case http::Precondition::kFailed:
      return base::Fail(base::ErrorCode::kPreconditionFailed, "The row has changed: If-Match names another ETag");
    case http::Precondition::kNotModified:
      break;
  }
  Answer answer = NoContent();
  answer.status = 304;
  answer.Add("ETag", std::move(document->etag));
  return answer;
}

template <typename Rows>
Result<Answer> PutRow(const Context& context, Request& request, const typename Rows::Key& key) {
  if (auto good = request.RequireContentType({"application/json"}); !good) return base::Fail(std::move(good).error());
  const auto body = request.ReadBody(kMaxJsonBytes);
  if (!body) return base::Fail(body.error());
  auto document = EditorFor<Rows>(context, request).Put(key, *body, ConditionsOf(request));
  if (!document) return base::Fail(std::move(document).error());
  return ShowRow(*std::move(document));
}

template <typename Rows>
Result<Answer> PatchRow(const Context& context, Request& request, const typename Rows::Key& key) {
  if (auto good = request.RequireContentType({"application/merge-patch+json", "application/json"}); !good) {
    return base::Fail(std::move(good).error());
  }
  const auto body = request.ReadBody(kMaxJsonBytes);
  if (!body) return base::Fail(body.error());
  auto document = EditorFor<Rows>(context, request).Patch(key, *body, ConditionsOf(request));
  if (!document) return base::Fail(std::move(document).error());
  return ShowRow(*std::move(document));
}

template <typename Rows>
Result<Answer> DeleteRow(const Context& context, Request& request, const typename Rows::Key& key) {
  if (auto gone = EditorFor<Rows>(context, request).Delete(key, ConditionsOf(request)); !gone) {
    return base::Fail(std::move(gone).error());
  }
  return NoContent();
}

}  // namespace portal::control
